import type { Sql } from '../connection.ts';

/** One record of chat-messages as a row; ids are safe integers, `kind` null is text. */
export interface NewMessageRow {
  readonly logOffset: number;
  readonly roomId: number;
  readonly id: number;
  readonly senderId: number;
  readonly content: string;
  readonly type: string;
  readonly kind: string | null;
  /** Whether it takes a `seq` in its room and an ordinal of its sender. */
  readonly counts: boolean;
  /** Unix ms. */
  readonly sentAtMs: number;
  readonly eventId: string | null;
  readonly clientMessageId: string | null;
}

/** Rows of one stretch of a partition, offsets rising: from the stored position `expected` up to `next`. */
export interface MessageBatch {
  readonly epoch: number;
  readonly partition: number;
  readonly expected: number;
  readonly next: number;
  readonly rows: readonly NewMessageRow[];
}

/** A log of chat-messages: a topic made anew is another one. */
export interface LogEpoch {
  readonly epoch: number;
  readonly topic: string;
  readonly partitionCount: number;
}

/** Epoch of the first log. */
const FIRST_EPOCH = 1;

export type PersistedMessageRepository = ReturnType<typeof createPersistedMessageRepository>;

/** What message-persister writes: rows with their place in the log, and how far each partition is stored. */
export function createPersistedMessageRepository(sql: Sql) {
  const findPosition = async (epoch: number, partition: number): Promise<number | null> => {
    const row = await sql.logPosition.findUnique({ where: { epoch_partition: { epoch, partition } } });
    return row === null ? null : Number(row.nextOffset);
  };

  return {
    /** The log that is open now; at the very first start it is opened as epoch 1 with what is given. */
    async openLogEpoch(topic: string, partitionCount: number): Promise<LogEpoch> {
      await sql.$executeRaw`
        INSERT INTO log_epochs (epoch, topic, partition_count) VALUES (${FIRST_EPOCH}, ${topic}, ${partitionCount})
        ON CONFLICT (epoch) DO NOTHING`;
      const row = await sql.logEpoch.findFirstOrThrow({ orderBy: { epoch: 'desc' } });
      return { epoch: row.epoch, topic: row.topic, partitionCount: row.partitionCount };
    },

    findPosition,

    /** Everything of the partition below this offset is stored. At first sight of a partition it is `start`. */
    async openPosition(epoch: number, partition: number, start: number): Promise<number> {
      await sql.$executeRaw`
        INSERT INTO log_positions (epoch, partition, next_offset) VALUES (${epoch}, ${partition}, ${BigInt(start)})
        ON CONFLICT (epoch, partition) DO NOTHING`;
      return (await findPosition(epoch, partition)) ?? start;
    },

    /**
     * Stores the rows and moves the position, all or nothing, if the position is still where the batch begins; the number
     * of new rows, or null where it is not and nothing was done. Rows that repeat a stored one (same room and event id, or
     * same room, sender and client message id) are left out before the others are numbered, so that `seq` has no holes.
     *
     * Raw SQL, and one statement in autocommit: an instance that freezes in the middle holds no lock for longer than Postgres
     * itself needs, and `unnest` inserts about eight times as fast as Prisma's `createMany`. Its one snapshot is sound: who
     * finds the position at `expected` has every row below it in the same snapshot, for they were committed together.
     */
    async saveBatch({ epoch, partition, expected, next, rows }: MessageBatch): Promise<number | null> {
      const columns = columnsOf(rows);
      const [answer] = await sql.$queryRaw<readonly { moved: bigint; inserted: bigint }[]>`
        WITH moved AS (
          UPDATE log_positions SET next_offset = ${BigInt(next)}
          WHERE epoch = ${epoch} AND partition = ${partition} AND next_offset = ${BigInt(expected)}
          RETURNING 1
        ), given AS (
          SELECT log_offset, room_id, id, sender_id, content, type, nullif(kind, '') AS kind, counts,
            to_timestamp(sent_at_ms / 1000.0) AS sent_at, nullif(event_id, '') AS event_id,
            nullif(client_message_id, '') AS client_message_id
          FROM unnest(${columns.logOffset}::bigint[], ${columns.roomId}::bigint[], ${columns.id}::bigint[],
            ${columns.senderId}::bigint[], ${columns.content}::text[], ${columns.type}::text[], ${columns.kind}::text[],
            ${columns.counts}::boolean[], ${columns.sentAtMs}::bigint[], ${columns.eventId}::text[],
            ${columns.clientMessageId}::text[])
            AS t (log_offset, room_id, id, sender_id, content, type, kind, counts, sent_at_ms, event_id, client_message_id)
          WHERE EXISTS (SELECT 1 FROM moved)
        ), fresh AS (
          SELECT * FROM given AS g
          WHERE NOT EXISTS (SELECT 1 FROM messages AS m WHERE m.room_id = g.room_id AND m.event_id = g.event_id)
            AND NOT EXISTS (
              SELECT 1 FROM messages AS m WHERE m.room_id = g.room_id AND m.sender_id = g.sender_id
                AND m.client_message_id = g.client_message_id
            )
        ), numbered AS (
          SELECT f.*,
            coalesce(r.last_seq, 0) + count(*) FILTER (WHERE f.counts)
              OVER (PARTITION BY f.room_id ORDER BY f.log_offset) AS seq_so_far,
            coalesce(s.last_ordinal, 0) + count(*) FILTER (WHERE f.counts)
              OVER (PARTITION BY f.room_id, f.sender_id ORDER BY f.log_offset) AS sender_ordinal
          FROM fresh AS f
          LEFT JOIN room_counters AS r ON r.room_id = f.room_id
          LEFT JOIN sender_counters AS s ON s.room_id = f.room_id AND s.user_id = f.sender_id
        ), inserted AS (
          INSERT INTO messages (room_id, epoch, partition, log_offset, seq, sender_ordinal, id, sender_id, content, type,
            kind, sent_at, event_id, client_message_id)
          SELECT room_id, ${epoch}, ${partition}, log_offset, CASE WHEN counts THEN seq_so_far END, sender_ordinal, id,
            sender_id, content, type, kind, sent_at, event_id, client_message_id
          FROM numbered
          RETURNING 1
        ), rooms AS (
          INSERT INTO room_counters (room_id, last_seq, last_epoch, last_log_offset)
          SELECT room_id, max(seq_so_far), ${epoch}, max(log_offset) FROM numbered GROUP BY room_id
          ON CONFLICT (room_id) DO UPDATE SET last_seq = excluded.last_seq, last_epoch = excluded.last_epoch,
            last_log_offset = excluded.last_log_offset
        ), senders AS (
          INSERT INTO sender_counters (room_id, user_id, last_ordinal)
          SELECT room_id, sender_id, max(sender_ordinal) FROM numbered GROUP BY room_id, sender_id
          ON CONFLICT (room_id, user_id) DO UPDATE SET last_ordinal = excluded.last_ordinal
        )
        SELECT (SELECT count(*) FROM moved) AS moved, (SELECT count(*) FROM inserted) AS inserted`;
      return answer === undefined || answer.moved === 0n ? null : Number(answer.inserted);
    },
  };
}

/** Column by column, as `unnest` takes them. An absent text is the empty one, since arrays of Prisma hold no nulls. */
function columnsOf(rows: readonly NewMessageRow[]) {
  return {
    logOffset: rows.map((row) => BigInt(row.logOffset)),
    roomId: rows.map((row) => BigInt(row.roomId)),
    id: rows.map((row) => BigInt(row.id)),
    senderId: rows.map((row) => BigInt(row.senderId)),
    content: rows.map((row) => row.content),
    type: rows.map((row) => row.type),
    kind: rows.map((row) => row.kind ?? ''),
    counts: rows.map((row) => row.counts),
    sentAtMs: rows.map((row) => BigInt(row.sentAtMs)),
    eventId: rows.map((row) => row.eventId ?? ''),
    clientMessageId: rows.map((row) => row.clientMessageId ?? ''),
  };
}
