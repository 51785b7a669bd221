import {
  asMessageId,
  asUserId,
  changeOf,
  type HistoryMessageDTO,
  type MessageChange,
  type MessageDTO,
  type MessageId,
  type MessageKind,
  type RoomId,
  type UserId,
} from '@chat/dto';
import type { Sql } from '../connection.ts';
import { Prisma } from '../generated/client.ts';
import type { HistoryPosition } from './message-repository.ts';
import { DELETION } from './message-state.ts';
import { aboutOf, MESSAGE_COLUMNS, messageOf, ownNameOf, type MessageRow } from './rows.ts';

/** A message with what its sender called it. */
export interface ReplayedMessage {
  /** As it lay in the log; of one whose sender's data were erased, no content, and of a text since when. */
  readonly message: MessageDTO & Pick<HistoryMessageDTO, 'deletedAt'>;
  readonly offset: number;
  /** Null where it has none, or one that is stored as its digest. */
  readonly clientMessageId: string | null;
}

/** How far a partition of the open log is stored, and where a message lies. */
export interface ResumePoint {
  /** Number of the log that is open; 0 before the first. */
  readonly epoch: number;
  /** Everything of the partition below this offset is stored. */
  readonly storedUpTo: number;
  /** Null where the room has no such row. */
  readonly since: HistoryPosition | null;
}

/** The message under a client key, and how far its partition was stored in the same moment. */
export interface StoredSend {
  readonly message: {
    readonly id: MessageId;
    /** Null where it was erased. */
    readonly content: string | null;
    readonly change: MessageChange | null;
  } | null;
  readonly storedUpTo: number;
}

/** A message that somebody wants to change. */
export interface ChangeTarget {
  readonly senderId: UserId;
  /** Null for text. */
  readonly kind: MessageKind | null;
  readonly isDeleted: boolean;
}

/** The message of an id, where the room has one, and how far its partition was stored in the same moment. */
export interface StoredTarget {
  readonly target: ChangeTarget | null;
  readonly storedUpTo: number;
}

/** A stretch of a room's history, both ends left out. */
export interface ReplayStretch {
  readonly roomId: RoomId;
  readonly after: HistoryPosition;
  readonly before: HistoryPosition;
  readonly maxRows: number;
  /** Bytes of content, with `ROW_OVERHEAD_BYTES` for each message. */
  readonly maxBytes: number;
}

/** The newest of a room before a position. */
export interface NewestRequest extends Omit<ReplayStretch, 'after'> {
  /** Of texts; everything else comes with them, from the first of them on. */
  readonly messageCount: number;
}

export interface NewestMessages {
  /** In room order. */
  readonly rows: readonly ReplayedMessage[];
  /** What comes before the first of so many messages, where that is not the room's first. */
  readonly earlier: ReplayedMessage | null;
  /** Whether rows were left out since they are too much. */
  readonly isCut: boolean;
}

/** What a message weighs beside its content, in bytes: its other fields and the headers it is sent with. */
const ROW_OVERHEAD_BYTES = 400;

interface ResumeRow {
  readonly epoch: number | null;
  readonly nextOffset: bigint | null;
  readonly sinceEpoch: number | null;
  readonly sinceOffset: bigint | null;
}

interface StoredSendRow {
  readonly nextOffset: bigint | null;
  readonly id: bigint | null;
  readonly content: string | null;
  readonly kind: string | null;
  readonly targetId: bigint | null;
  readonly removed: boolean | null;
}

interface StoredTargetRow {
  readonly nextOffset: bigint | null;
  readonly senderId: bigint | null;
  readonly kind: string | null;
  readonly isDeleted: boolean;
}

interface ReplayRow extends MessageRow {
  readonly erasedAt: Date | null;
  readonly logOffset: bigint;
  readonly clientMessageId: string | null;
  readonly bytes: bigint;
}

export type ResumeRepository = ReturnType<typeof createResumeRepository>;

/** The open log as `log`, and beside it, as `stored`, how far the partition is stored, if anything is known of that. */
const openLogOf = (partition: number) => Prisma.sql`(SELECT max(epoch) AS epoch FROM log_epochs) AS log
  LEFT JOIN log_positions AS stored ON stored.epoch = log.epoch AND stored.partition = ${partition}`;

/** What a gateway asks of the rows when a client comes back: raw SQL, for positions that belong to the rows in one snapshot. */
export function createResumeRepository(sql: Sql) {
  return {
    /** Number of the log that is open; 0 before the first. */
    async findOpenEpoch(): Promise<number> {
      const [row] = await sql.$queryRaw<
        readonly { epoch: number | null }[]
      >`SELECT max(epoch) AS epoch FROM log_epochs`;
      return row?.epoch ?? 0;
    },

    /** How far each partition of the open log is stored; those of which nothing is known are left out. */
    async listStoredPositions(): Promise<readonly { readonly partition: number; readonly storedUpTo: number }[]> {
      const rows = await sql.$queryRaw<readonly { partition: number; nextOffset: bigint }[]>`
        SELECT partition, next_offset AS "nextOffset" FROM log_positions
        WHERE epoch = (SELECT max(epoch) FROM log_epochs) ORDER BY partition`;
      return rows.map(({ partition, nextOffset }) => ({ partition, storedUpTo: Number(nextOffset) }));
    },

    /** Where the message lies; where foreign producers used an id twice, the first. With null only how far all is stored. */
    async findResumePoint(roomId: RoomId, partition: number, messageId: MessageId | null): Promise<ResumePoint> {
      const [row] = await sql.$queryRaw<readonly ResumeRow[]>`
        SELECT log.epoch, stored.next_offset AS "nextOffset", since.epoch AS "sinceEpoch", since.log_offset AS "sinceOffset"
        FROM ${openLogOf(partition)}
        LEFT JOIN LATERAL (
          SELECT epoch, log_offset FROM messages
          WHERE room_id = ${BigInt(roomId)} AND id = ${messageId === null ? null : BigInt(messageId)}::bigint
          ORDER BY epoch, log_offset LIMIT 1
        ) AS since ON true`;
      return {
        epoch: row?.epoch ?? 0,
        storedUpTo: Number(row?.nextOffset ?? 0n),
        since: positionOf(row?.sinceEpoch ?? null, row?.sinceOffset ?? null),
      };
    },

    /**
     * All messages of the stretch in room order, or null where they are more than allowed, in rows or in bytes, and where the row that
     * it begins behind is gone: then others may be gone that lay behind it.
     */
    async listReplay(request: ReplayStretch): Promise<readonly ReplayedMessage[] | null> {
      const { roomId, after, before, maxRows, maxBytes } = request;
      const begin = Prisma.sql`(${after.epoch}, ${BigInt(after.offset)})`;
      const hasBegin = after.epoch >= 0;
      // the row that it begins behind comes along and weighs nothing; content beyond the bytes is not transferred
      const rows = await sql.$queryRaw<readonly (ReplayRow & { isBegin: boolean })[]>`
        SELECT ${MESSAGE_COLUMNS}, erased_at AS "erasedAt", client_message_id AS "clientMessageId", bytes, is_begin AS "isBegin",
          CASE WHEN bytes <= ${maxBytes} AND NOT is_begin THEN content ELSE '' END AS content
        FROM (
          SELECT *, sum(CASE WHEN is_begin THEN 0 ELSE octet_length(content) + ${ROW_OVERHEAD_BYTES} END)
            OVER (ORDER BY epoch, log_offset) AS bytes
          FROM (
            SELECT *, (epoch, log_offset) = ${begin} AS is_begin FROM messages
            WHERE room_id = ${BigInt(roomId)} AND (epoch, log_offset) >= ${begin}
              AND (epoch, log_offset) < (${before.epoch}, ${BigInt(before.offset)})
            ORDER BY epoch, log_offset LIMIT ${maxRows + 1 + Number(hasBegin)}
          ) AS stretch
        ) AS weighed ORDER BY epoch, log_offset`;
      const [first] = rows;
      if (hasBegin && first?.isBegin !== true) return null;
      const missed = hasBegin ? rows.slice(1) : rows;
      const isTooMuch = missed.length > maxRows || Number(missed.at(-1)?.bytes ?? 0n) > maxBytes;
      return isTooMuch ? null : missed.map(replayedOf);
    },

    /** The newest messages before a position with all that is among and behind them, at most so many rows and bytes. */
    async listNewest(request: NewestRequest): Promise<NewestMessages> {
      const { roomId, before, messageCount, maxRows, maxBytes } = request;
      const isBefore = Prisma.sql`room_id = ${BigInt(roomId)} AND (epoch, log_offset) < (${before.epoch}, ${BigInt(before.offset)})`;
      const first =
        messageCount === 0
          ? Prisma.sql`SELECT ${before.epoch}::integer AS epoch, ${BigInt(before.offset)}::bigint AS log_offset`
          : Prisma.sql`SELECT epoch, log_offset FROM messages WHERE ${isBefore} AND seq IS NOT NULL
              ORDER BY seq DESC OFFSET ${messageCount - 1} LIMIT 1`;
      const rows = await sql.$queryRaw<readonly (ReplayRow & { isEarlier: boolean; rank: bigint })[]>`
        WITH first AS (${first}
        ), earlier AS (
          SELECT epoch, log_offset FROM messages
          WHERE room_id = ${BigInt(roomId)} AND (epoch, log_offset) < (SELECT epoch, log_offset FROM first)
          ORDER BY epoch DESC, log_offset DESC LIMIT 1
        )
        SELECT ${MESSAGE_COLUMNS}, erased_at AS "erasedAt", client_message_id AS "clientMessageId", bytes, rank,
          (epoch, log_offset) IN (SELECT epoch, log_offset FROM earlier) AS "isEarlier",
          CASE WHEN bytes <= ${maxBytes} THEN content ELSE '' END AS content
        FROM (
          SELECT *, row_number() OVER newest AS rank, sum(octet_length(content) + ${ROW_OVERHEAD_BYTES}) OVER newest AS bytes
          FROM (
            SELECT * FROM messages
            WHERE ${isBefore} AND (epoch, log_offset) >= (
              coalesce((SELECT epoch FROM earlier), -1), coalesce((SELECT log_offset FROM earlier), -1)
            )
            ORDER BY epoch DESC, log_offset DESC LIMIT ${maxRows + 1}
          ) AS stretch WINDOW newest AS (ORDER BY epoch DESC, log_offset DESC)
        ) AS weighed ORDER BY epoch, log_offset`;
      const fits = (row: (typeof rows)[number]) => Number(row.rank) <= maxRows && Number(row.bytes) <= maxBytes;
      const wanted = rows.filter(({ isEarlier }) => !isEarlier);
      const [earlier] = rows.filter(({ isEarlier }) => isEarlier);
      const fitting = wanted.filter(fits);
      return {
        rows: fitting.map(replayedOf),
        earlier: earlier === undefined ? null : replayedOf(earlier),
        isCut: fitting.length < wanted.length,
      };
    },

    /** The message that a sender published in a room under a client message id of our own kind, for ever. */
    async findSend(roomId: RoomId, partition: number, senderId: UserId, clientMessageId: string): Promise<StoredSend> {
      const [row] = await sql.$queryRaw<readonly StoredSendRow[]>`
        SELECT stored.next_offset AS "nextOffset", first.id, first.content, first.kind, first.target_id AS "targetId", first.removed
        FROM ${openLogOf(partition)}
        LEFT JOIN messages AS first ON first.room_id = ${BigInt(roomId)} AND first.sender_id = ${BigInt(senderId)}
          AND first.client_message_id = ${clientMessageId}`;
      return { message: row === undefined ? null : sendOf(row), storedUpTo: Number(row?.nextOffset ?? 0n) };
    },

    /** The message of the room that a change names; where foreign producers used an id twice, the first. */
    async findTarget(roomId: RoomId, partition: number, messageId: MessageId): Promise<StoredTarget> {
      const [row] = await sql.$queryRaw<readonly StoredTargetRow[]>`
        SELECT stored.next_offset AS "nextOffset", m.sender_id AS "senderId", m.kind, d.deleted_at IS NOT NULL AS "isDeleted"
        FROM ${openLogOf(partition)}
        LEFT JOIN LATERAL (
          SELECT * FROM messages WHERE room_id = ${BigInt(roomId)} AND id = ${BigInt(messageId)} ORDER BY epoch, log_offset LIMIT 1
        ) AS m ON true ${DELETION}`;
      return { target: row === undefined ? null : targetOf(row), storedUpTo: Number(row?.nextOffset ?? 0n) };
    },
  };
}

function positionOf(epoch: number | null, offset: bigint | null): HistoryPosition | null {
  return epoch === null || offset === null ? null : { epoch, offset: Number(offset) };
}

function sendOf({ id, content, ...about }: StoredSendRow): StoredSend['message'] {
  if (id === null || content === null) return null;
  const isErased = content === '' && (about.kind === null || about.kind === 'EDIT'); // none is sent without a text
  return { id: asMessageId(Number(id)), content: isErased ? null : content, change: changeOf(aboutOf(about)) };
}

function targetOf({ senderId, kind, isDeleted }: StoredTargetRow): ChangeTarget | null {
  if (senderId === null) return null;
  return { senderId: asUserId(Number(senderId)), kind: kind as MessageKind | null, isDeleted }; // only decoded messages are stored
}

function replayedOf(row: ReplayRow): ReplayedMessage {
  const { erasedAt, clientMessageId, logOffset } = row;
  const message = {
    ...messageOf(row),
    ...(erasedAt !== null && row.kind === null && { deletedAt: erasedAt.toISOString() }),
  };
  return { message, offset: Number(logOffset), clientMessageId: ownNameOf(clientMessageId) };
}
