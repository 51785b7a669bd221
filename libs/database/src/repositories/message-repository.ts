import type { LogPosition, MessageDTO, MessageId, RoomId } from '@chat/dto';
import type { Sql } from '../connection.ts';
import { Prisma } from '../generated/client.ts';
import { MESSAGE_COLUMNS, messageOf, type MessageRow } from './rows.ts';

/** A place in a room's history. A room lies on one partition, so epoch and offset order it. */
export type HistoryPosition = Pick<LogPosition, 'epoch' | 'offset'>;

/** A message and where its record lies. */
export interface StoredMessage {
  readonly message: MessageDTO;
  readonly position: LogPosition;
}

/** Which part of a room's history: next to a position, or the newest. The position itself is never part of it. */
export interface HistoryRequest {
  readonly before?: HistoryPosition;
  readonly after?: HistoryPosition;
  readonly limit: number;
}

/** Messages in room order, and whether there are more in the direction that was asked for. */
export interface HistorySlice {
  readonly items: readonly StoredMessage[];
  readonly hasMore: boolean;
}

/** Before every position there is: `after` it lies the whole history. */
export const HISTORY_START: HistoryPosition = { epoch: -1, offset: -1 };

interface StoredRow extends MessageRow {
  readonly epoch: number;
  readonly partition: number;
  readonly logOffset: bigint;
}

export type MessageRepository = ReturnType<typeof createMessageRepository>;

/** The history of rooms, as message-persister stored it; raw SQL for the comparison of rows, which Prisma lacks. */
export function createMessageRepository(sql: Sql) {
  const select = Prisma.sql`SELECT ${MESSAGE_COLUMNS}, content, epoch, partition FROM messages`;

  /** One more than the limit tells whether there are more. */
  const listBackwards = async (roomId: RoomId, limit: number, before?: HistoryPosition): Promise<HistorySlice> => {
    const below = before && Prisma.sql`AND (epoch, log_offset) < (${before.epoch}, ${BigInt(before.offset)})`;
    const rows = await sql.$queryRaw<readonly StoredRow[]>`${select}
      WHERE room_id = ${BigInt(roomId)} ${below ?? Prisma.empty}
      ORDER BY epoch DESC, log_offset DESC LIMIT ${limit + 1}`;
    return { items: rows.slice(0, limit).map(storedOf).reverse(), hasMore: rows.length > limit };
  };

  const listForwards = async (roomId: RoomId, limit: number, after: HistoryPosition): Promise<HistorySlice> => {
    const rows = await sql.$queryRaw<readonly StoredRow[]>`${select}
      WHERE room_id = ${BigInt(roomId)} AND (epoch, log_offset) > (${after.epoch}, ${BigInt(after.offset)})
      ORDER BY epoch, log_offset LIMIT ${limit + 1}`;
    return { items: rows.slice(0, limit).map(storedOf), hasMore: rows.length > limit };
  };

  return {
    /** Where the message lies; where foreign producers used an id twice, the first. Null where the room has no such message. */
    async findPosition(roomId: RoomId, messageId: MessageId): Promise<LogPosition | null> {
      const [row] = await sql.$queryRaw<readonly Pick<StoredRow, 'epoch' | 'partition' | 'logOffset'>[]>`
        SELECT epoch, partition, log_offset AS "logOffset" FROM messages
        WHERE room_id = ${BigInt(roomId)} AND id = ${BigInt(messageId)} ORDER BY epoch, log_offset LIMIT 1`;
      return row === undefined ? null : positionOf(row);
    },

    /** With `before` the newest below it, with `after` the oldest above it, with neither the newest of all. */
    async listMessages(roomId: RoomId, { before, after, limit }: HistoryRequest): Promise<HistorySlice> {
      return after === undefined ? listBackwards(roomId, limit, before) : listForwards(roomId, limit, after);
    },
  };
}

function storedOf(row: StoredRow): StoredMessage {
  return { message: messageOf(row), position: positionOf(row) };
}

function positionOf({
  epoch,
  partition,
  logOffset,
}: Pick<StoredRow, 'epoch' | 'partition' | 'logOffset'>): LogPosition {
  return { epoch, partition, offset: Number(logOffset) };
}
