import type { HistoryMessageDTO, LogPosition, MessageId, RoomId, UserId } from '@chat/dto';
import type { Sql } from '../connection.ts';
import { Prisma } from '../generated/client.ts';
import { DELETION, EDITION, historyMessageOf, reactionsFor, STATE_COLUMNS, type StateRow } from './message-state.ts';
import { MESSAGE_COLUMNS } from './rows.ts';

/** A message as it is shown, and where its record lies. */
export interface StoredMessage {
  readonly message: HistoryMessageDTO;
  readonly position: LogPosition;
}

/** A place in a room's log. A room lies on one partition, so epoch and offset order it. */
export type HistoryPosition = Pick<LogPosition, 'epoch' | 'offset'>;

/** A position, and the numbers of the messages on both of its sides: below `belowSeq` before it, above `aboveSeq` behind it. */
export interface HistoryPlace extends HistoryPosition {
  readonly belowSeq: number;
  readonly aboveSeq: number;
}

/** Before every place there is: `after` it lies the whole history. */
export const HISTORY_START: HistoryPlace = { epoch: -1, offset: -1, belowSeq: 0, aboveSeq: 0 };

/** Which part of a room's history, as somebody sees it: before or after a place, or the newest. */
export interface HistoryRequest {
  readonly before?: HistoryPlace;
  readonly after?: HistoryPlace;
  readonly reader: UserId;
  readonly limit: number;
}

/** Messages in room order, and whether there are more in the direction that was asked for. */
export interface HistorySlice {
  readonly items: readonly StoredMessage[];
  readonly hasMore: boolean;
}

interface StoredRow extends StateRow {
  readonly epoch: number;
  readonly partition: number;
  readonly logOffset: bigint;
}

interface PlaceRow extends Pick<StoredRow, 'epoch' | 'logOffset'> {
  readonly seq: bigint | null;
  readonly aboveSeq: bigint;
}

export type MessageRepository = ReturnType<typeof createMessageRepository>;

/**
 * The history of rooms, as message-persister stored it: texts and SYSTEM messages at their places, each in its newest state. Raw
 * SQL: a page is a range of the index of numbers and one of that of SYSTEM messages, with a few look-ups for each message.
 */
export function createMessageRepository(sql: Sql) {
  return {
    /** Where the message lies; where foreign producers used an id twice, the first. Null where the room has no such message. */
    async findPosition(roomId: RoomId, messageId: MessageId): Promise<LogPosition | null> {
      const [row] = await sql.$queryRaw<readonly Pick<StoredRow, 'epoch' | 'partition' | 'logOffset'>[]>`
        SELECT epoch, partition, log_offset AS "logOffset" FROM messages
        WHERE room_id = ${BigInt(roomId)} AND id = ${BigInt(messageId)} ORDER BY epoch, log_offset LIMIT 1`;
      return row === undefined ? null : positionOf(row);
    },

    /** Where history goes on from a message, or from what changed one, as `findPosition` finds it. */
    async findPlace(roomId: RoomId, messageId: MessageId): Promise<HistoryPlace | null> {
      const [row] = await sql.$queryRaw<readonly PlaceRow[]>`
        SELECT m.epoch, m.log_offset AS "logOffset", m.seq, coalesce(m.seq, m.behind_seq, (
          SELECT coalesce(x.seq, x.behind_seq) FROM messages AS x -- for what older persisters stored: the row before tells
          WHERE x.room_id = m.room_id AND (x.epoch, x.log_offset) < (m.epoch, m.log_offset)
            AND coalesce(x.seq, x.behind_seq) IS NOT NULL
          ORDER BY x.epoch DESC, x.log_offset DESC LIMIT 1
        ), 0) AS "aboveSeq"
        FROM messages AS m
        WHERE m.room_id = ${BigInt(roomId)} AND m.id = ${BigInt(messageId)} ORDER BY m.epoch, m.log_offset LIMIT 1`;
      return row === undefined ? null : placeOf(row);
    },

    /** With `before` the newest below it, with `after` the oldest above it, with neither the newest of all. */
    async listMessages(roomId: RoomId, { before, after, reader, limit }: HistoryRequest): Promise<HistorySlice> {
      const { isWanted, isNumberWanted, direction } = rangeOf(before, after);
      const count = limit + 1; // one more tells whether there are more
      const rows = await sql.$queryRaw<readonly StoredRow[]>`
        SELECT ${MESSAGE_COLUMNS}, epoch, partition, ${STATE_COLUMNS}, r.reactions
        FROM (
          (
            SELECT * FROM messages WHERE room_id = ${BigInt(roomId)} AND kind IS NULL AND ${isNumberWanted}
            ORDER BY seq ${direction} LIMIT ${count}
          ) UNION ALL (
            SELECT * FROM messages WHERE room_id = ${BigInt(roomId)} AND kind = 'SYSTEM' AND ${isWanted}
            ORDER BY epoch ${direction}, log_offset ${direction} LIMIT ${count}
          )
          ORDER BY epoch ${direction}, log_offset ${direction} LIMIT ${count}
        ) AS m ${DELETION} ${EDITION} ${reactionsFor(reader)}
        ORDER BY m.epoch ${direction}, m.log_offset ${direction}`;
      const items = rows.slice(0, limit).map(storedOf);
      return { items: after === undefined ? items.reverse() : items, hasMore: rows.length > limit };
    },
  };
}

/** Which rows: by their position, and those with a number by that. */
function rangeOf(before: HistoryPlace | undefined, after: HistoryPlace | undefined) {
  const place = after ?? before;
  if (place === undefined) {
    return { isWanted: Prisma.sql`true`, isNumberWanted: Prisma.sql`seq IS NOT NULL`, direction: Prisma.sql`DESC` };
  }
  const position = Prisma.sql`(${place.epoch}, ${BigInt(place.offset)})`;
  return after === undefined
    ? {
        isWanted: Prisma.sql`(epoch, log_offset) < ${position}`,
        isNumberWanted: Prisma.sql`seq < ${BigInt(place.belowSeq)}`,
        direction: Prisma.sql`DESC`,
      }
    : {
        isWanted: Prisma.sql`(epoch, log_offset) > ${position}`,
        isNumberWanted: Prisma.sql`seq > ${BigInt(place.aboveSeq)}`,
        direction: Prisma.sql`ASC`,
      };
}

function placeOf({ epoch, logOffset, seq, aboveSeq: numberAbove }: PlaceRow): HistoryPlace {
  const aboveSeq = Number(numberAbove);
  return { epoch, offset: Number(logOffset), belowSeq: seq === null ? aboveSeq + 1 : aboveSeq, aboveSeq };
}

function storedOf(row: StoredRow): StoredMessage {
  return { message: historyMessageOf(row), position: positionOf(row) };
}

function positionOf({
  epoch,
  partition,
  logOffset,
}: Pick<StoredRow, 'epoch' | 'partition' | 'logOffset'>): LogPosition {
  return { epoch, partition, offset: Number(logOffset) };
}
