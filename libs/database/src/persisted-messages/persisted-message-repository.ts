import type { Sql } from '../connection.ts';
import { Prisma } from '../generated/client.ts';

/** One record of chat-messages as a row; ids are safe integers, `kind` null is text, `system` is JSON text. */
export interface NewMessageRow {
  readonly logOffset: number;
  readonly roomId: number;
  readonly id: number;
  readonly senderId: number;
  readonly content: string;
  readonly type: string;
  readonly kind: string | null;
  readonly system: string | null;
  /** Of what does not count: the message that it is about, and whether it takes a reaction back. */
  readonly targetId: number | null;
  readonly removed: boolean;
  /** Whether it takes a `seq` in its room and an ordinal of its sender. */
  readonly counts: boolean;
  /** Unix ms. */
  readonly sentAtMs: number;
  readonly eventId: string | null;
  readonly clientMessageId: string | null;
}

/** A record that the log is known again by: its offset and a digest of it. */
export interface LastRecord {
  readonly offset: number;
  readonly digest: string;
}

/** Everything of a partition below `next` is stored; `last` is the last record there, null where there was none yet. */
export interface StoredLogPosition {
  readonly next: number;
  readonly last: LastRecord | null;
}

/** Rows of one stretch of a partition, offsets rising: from the stored position `expected` up to `next`. */
export interface MessageBatch {
  readonly epoch: number;
  readonly partition: number;
  readonly expected: number;
  readonly next: number;
  /** The last record of the stretch, whether or not it counts; null where the stretch has none. */
  readonly last: LastRecord | null;
  readonly rows: readonly NewMessageRow[];
}

export type PersistedMessageRepository = ReturnType<typeof createPersistedMessageRepository>;

/** What message-persister writes: rows with their place in the log, and how far each partition is stored. */
export function createPersistedMessageRepository(sql: Sql) {
  const findPosition = async (epoch: number, partition: number): Promise<StoredLogPosition | null> => {
    const row = await sql.logPosition.findUnique({ where: { epoch_partition: { epoch, partition } } });
    return row === null ? null : positionOf(row);
  };

  return {
    findPosition,

    /** The positions of an epoch by partition; those that were never taken over have none. */
    async listPositions(epoch: number): Promise<ReadonlyMap<number, StoredLogPosition>> {
      const rows = await sql.logPosition.findMany({ where: { epoch } });
      return new Map(rows.map((row) => [row.partition, positionOf(row)]));
    },

    /** The position of a partition; at first sight of it, `start`. Null where the epoch is closed. */
    async openPosition(epoch: number, partition: number, start: number): Promise<StoredLogPosition | null> {
      await sql.$executeRaw`
        INSERT INTO log_positions (epoch, partition, next_offset)
        SELECT epoch, ${partition}::integer, ${BigInt(start)}::bigint FROM log_epochs WHERE epoch = ${epoch} AND closed_at IS NULL
        ON CONFLICT (epoch, partition) DO NOTHING`;
      const [row] = await sql.$queryRaw<readonly PositionRow[]>`
        SELECT p.next_offset AS "nextOffset", p.last_offset AS "lastOffset", p.last_digest AS "lastDigest"
        FROM log_positions AS p JOIN log_epochs AS e ON e.epoch = p.epoch AND e.closed_at IS NULL
        WHERE p.epoch = ${epoch} AND p.partition = ${partition}`;
      return row === undefined ? null : positionOf(row);
    },

    /**
     * Stores the rows and moves the position, all or nothing, if the epoch is open and the position still where the batch
     * begins; the number of new rows, or null where that is not so and nothing was done. Rows that repeat a stored one (same room and event id, or
     * same room, sender and client message id) are left out before the others are numbered, so that `seq` has no holes.
     * Reactions move what everybody reacts with at the moment.
     *
     * Raw SQL, and one statement in autocommit: an instance that freezes in the middle holds no lock for longer than Postgres
     * itself needs, and `unnest` inserts about eight times as fast as Prisma's `createMany`. Its one snapshot is sound: who
     * finds the position at `expected` has every row below it in the same snapshot, for they were committed together.
     */
    async saveBatch({ epoch, partition, expected, next, last, rows }: MessageBatch): Promise<number | null> {
      const columns = columnsOf(rows);
      const reactions = rows.some(({ kind }) => kind === 'REACTION') ? REACTION_STEPS : Prisma.empty;
      const [answer] = await sql.$queryRaw<readonly { moved: bigint; inserted: bigint }[]>`
        WITH moved AS (
          UPDATE log_positions SET next_offset = ${BigInt(next)},
            last_offset = coalesce(${last === null ? null : BigInt(last.offset)}::bigint, last_offset),
            last_digest = coalesce(${last?.digest ?? null}::text, last_digest)
          WHERE epoch = ${epoch} AND partition = ${partition} AND next_offset = ${BigInt(expected)}
            AND EXISTS (SELECT 1 FROM log_epochs AS e WHERE e.epoch = ${epoch} AND e.closed_at IS NULL)
          RETURNING 1
        ), given AS (
          SELECT log_offset, room_id, id, sender_id, content, type, nullif(kind, '') AS kind,
            nullif(system, '')::jsonb AS system, target_id, removed, counts, to_timestamp(sent_at_ms / 1000.0) AS sent_at,
            nullif(event_id, '') AS event_id, nullif(client_message_id, '') AS client_message_id
          FROM unnest(${columns.logOffset}::bigint[], ${columns.roomId}::bigint[], ${columns.id}::bigint[],
            ${columns.senderId}::bigint[], ${columns.content}::text[], ${columns.type}::text[], ${columns.kind}::text[],
            ${columns.system}::text[], ${columns.targetId}::bigint[], ${columns.removed}::boolean[],
            ${columns.counts}::boolean[], ${columns.sentAtMs}::bigint[], ${columns.eventId}::text[],
            ${columns.clientMessageId}::text[])
            AS t (log_offset, room_id, id, sender_id, content, type, kind, system, target_id, removed, counts, sent_at_ms, event_id,
              client_message_id)
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
            kind, system, target_id, removed, behind_seq, sent_at, event_id, client_message_id)
          SELECT room_id, ${epoch}, ${partition}, log_offset, CASE WHEN counts THEN seq_so_far END, sender_ordinal, id,
            sender_id, content, type, kind, system, CASE WHEN kind IN ('EDIT', 'DELETE', 'REACTION') THEN target_id END,
            nullif(removed, false), CASE WHEN NOT counts THEN seq_so_far END, sent_at, event_id, client_message_id
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
        ) ${reactions}
        SELECT (SELECT count(*) FROM moved) AS moved, (SELECT count(*) FROM inserted) AS inserted`;
      return answer === undefined || answer.moved === 0n ? null : Number(answer.inserted);
    },
  };
}

/**
 * Steps of the statement for rows that are reactions. Of those of one user with one content to one message the last counts, and
 * only where it turns what is stored; so the counts are those of the users who do react. They are moved by as much and not set, since
 * an erasure may move them at the same time.
 */
const REACTION_STEPS = Prisma.sql`, reacted AS (
    SELECT DISTINCT ON (room_id, target_id, content, sender_id) room_id, target_id, content, sender_id, NOT removed AS is_there
    FROM fresh WHERE kind = 'REACTION' ORDER BY room_id, target_id, content, sender_id, log_offset DESC
  ), turned AS (
    SELECT n.* FROM reacted AS n
    LEFT JOIN reactions AS r ON r.room_id = n.room_id AND r.target_id = n.target_id AND r.content = n.content
      AND r.user_id = n.sender_id
    WHERE n.is_there <> (r.user_id IS NOT NULL)
  ), taken AS (
    INSERT INTO reactions (room_id, target_id, content, user_id)
    SELECT room_id, target_id, content, sender_id FROM turned WHERE is_there
  ), given_back AS (
    DELETE FROM reactions AS r USING turned AS t
    WHERE NOT t.is_there AND r.room_id = t.room_id AND r.target_id = t.target_id AND r.content = t.content
      AND r.user_id = t.sender_id
  ), deltas AS (
    SELECT room_id, target_id, content, sum(CASE WHEN is_there THEN 1 ELSE -1 END) AS delta FROM turned
    GROUP BY room_id, target_id, content
  ), more AS (
    INSERT INTO reaction_counts (room_id, target_id, content, user_count)
    SELECT room_id, target_id, content, delta FROM deltas WHERE delta > 0
    ON CONFLICT (room_id, target_id, content) DO UPDATE SET user_count = reaction_counts.user_count + excluded.user_count
  ), fewer AS (
    UPDATE reaction_counts AS c SET user_count = c.user_count + d.delta FROM deltas AS d
    WHERE d.delta < 0 AND c.room_id = d.room_id AND c.target_id = d.target_id AND c.content = d.content
  )`;

interface PositionRow {
  readonly nextOffset: bigint;
  readonly lastOffset: bigint | null;
  readonly lastDigest: string | null;
}

function positionOf({ nextOffset, lastOffset, lastDigest }: PositionRow): StoredLogPosition {
  const last = lastOffset === null || lastDigest === null ? null : { offset: Number(lastOffset), digest: lastDigest };
  return { next: Number(nextOffset), last };
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
    system: rows.map((row) => row.system ?? ''),
    targetId: rows.map((row) => BigInt(row.targetId ?? 0)),
    removed: rows.map((row) => row.removed),
    counts: rows.map((row) => row.counts),
    sentAtMs: rows.map((row) => BigInt(row.sentAtMs)),
    eventId: rows.map((row) => row.eventId ?? ''),
    clientMessageId: rows.map((row) => row.clientMessageId ?? ''),
  };
}
