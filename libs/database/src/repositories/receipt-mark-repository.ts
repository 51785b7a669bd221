import { asUserId, type LogPosition, type MessageId, type RoomId, type UserId } from '@chat/dto';
import type { Sql } from '../connection.ts';

/** Up to where a member has read a room. */
export interface ReadMark {
  readonly roomId: RoomId;
  readonly userId: UserId;
  readonly position: Pick<LogPosition, 'epoch' | 'offset'>;
}

/** Up to where a member has been delivered a room, without a gap from `unbrokenFrom` on, an offset of the same log. */
export interface DeliveredMark extends ReadMark {
  readonly unbrokenFrom: number;
}

/** What became of a message with a member. */
export interface MemberDelivery {
  readonly userId: UserId;
  readonly isDelivered: boolean;
  readonly isRead: boolean;
}

interface DeliveryRow {
  readonly userId: bigint | null;
  readonly isDelivered: boolean | null;
  readonly isRead: boolean | null;
}

export type ReceiptMarkRepository = ReturnType<typeof createReceiptMarkRepository>;

/**
 * How far members have come in rooms (DESIGN §5.7): a row a member, whatever the number of messages. Marks only rise, come in any
 * order, and those of users who are no members leave nothing. Written once all records up to the marks are stored.
 */
export function createReceiptMarkRepository(sql: Sql) {
  return {
    /**
     * At most one mark a member. One counts only where nothing that others wrote since the member's marks, or since the joining,
     * lies before `unbrokenFrom`: what was left out was not delivered, unless it was read.
     */
    async saveDelivered(marks: readonly DeliveredMark[]): Promise<void> {
      if (marks.length === 0) return;
      const { rooms, users, epochs, offsets } = columnsOf(marks);
      const unbroken = marks.map(({ unbrokenFrom }) => BigInt(unbrokenFrom));
      await sql.$executeRaw`
        INSERT INTO receipt_marks (room_id, user_id, delivered_epoch, delivered_offset)
        SELECT e.room_id, e.user_id, e.epoch, e.log_offset
        FROM unnest(${rooms}::bigint[], ${users}::bigint[], ${epochs}::int[], ${offsets}::bigint[], ${unbroken}::bigint[])
          AS e (room_id, user_id, epoch, log_offset, unbroken_from)
        JOIN memberships AS m ON m.room_id = e.room_id AND m.user_id = e.user_id
        LEFT JOIN receipt_marks AS k ON k.room_id = e.room_id AND k.user_id = e.user_id
        WHERE NOT EXISTS (
          SELECT 1 FROM messages AS x
          WHERE x.room_id = e.room_id AND x.sender_id <> e.user_id
            AND (x.epoch, x.log_offset) < (e.epoch, e.unbroken_from)
            AND (x.epoch, x.log_offset) > (coalesce(k.delivered_epoch, m.joined_epoch, -1), coalesce(k.delivered_offset, m.joined_offset, -1))
            AND (x.epoch, x.log_offset) > (coalesce(k.read_epoch, -1), coalesce(k.read_offset, -1))
        )
        ORDER BY e.room_id, e.user_id -- one order for all writers, or two could wait for each other
        ON CONFLICT (room_id, user_id) DO UPDATE
        SET delivered_epoch = excluded.delivered_epoch, delivered_offset = excluded.delivered_offset
        WHERE (coalesce(receipt_marks.delivered_epoch, -1), coalesce(receipt_marks.delivered_offset, -1))
          < (excluded.delivered_epoch, excluded.delivered_offset)`;
    },

    /**
     * At most one mark a member. With it is kept what had counted by then, which unread messages are told from. Where the rows up to
     * a place were removed for their age, the first row behind it tells what was before it, and where none is left the counters do.
     */
    async saveRead(marks: readonly ReadMark[]): Promise<void> {
      if (marks.length === 0) return;
      const { rooms, users, epochs, offsets } = columnsOf(marks);
      await sql.$executeRaw`
        INSERT INTO receipt_marks (room_id, user_id, read_epoch, read_offset, read_seq, read_ordinal)
        SELECT e.room_id, e.user_id, e.epoch, e.log_offset, coalesce(counted.seq, 0), coalesce(own.ordinal, 0)
        FROM unnest(${rooms}::bigint[], ${users}::bigint[], ${epochs}::int[], ${offsets}::bigint[])
          AS e (room_id, user_id, epoch, log_offset)
        JOIN memberships AS m ON m.room_id = e.room_id AND m.user_id = e.user_id
        LEFT JOIN LATERAL (
          SELECT coalesce((
            SELECT coalesce(x.seq, x.behind_seq) FROM messages AS x
            WHERE x.room_id = e.room_id AND (x.epoch, x.log_offset) <= (e.epoch, e.log_offset)
              AND coalesce(x.seq, x.behind_seq) IS NOT NULL -- rows of older persisters have neither where they do not count
            ORDER BY x.epoch DESC, x.log_offset DESC LIMIT 1
          ), (
            SELECT coalesce(x.seq - 1, x.behind_seq) FROM messages AS x
            WHERE x.room_id = e.room_id AND (x.epoch, x.log_offset) > (e.epoch, e.log_offset)
              AND coalesce(x.seq, x.behind_seq) IS NOT NULL
            ORDER BY x.epoch, x.log_offset LIMIT 1
          ), (SELECT c.last_seq FROM room_counters AS c WHERE c.room_id = e.room_id)) AS seq
        ) AS counted ON true
        LEFT JOIN LATERAL (
          SELECT coalesce((
            SELECT x.sender_ordinal FROM messages AS x
            WHERE x.room_id = e.room_id AND x.sender_id = e.user_id AND x.seq <= counted.seq ORDER BY x.seq DESC LIMIT 1
          ), (
            SELECT x.sender_ordinal - 1 FROM messages AS x
            WHERE x.room_id = e.room_id AND x.sender_id = e.user_id AND x.seq > counted.seq ORDER BY x.seq LIMIT 1
          ), (
            SELECT c.last_ordinal FROM sender_counters AS c WHERE c.room_id = e.room_id AND c.user_id = e.user_id
          )) AS ordinal
        ) AS own ON true
        ORDER BY e.room_id, e.user_id -- as above
        ON CONFLICT (room_id, user_id) DO UPDATE
        SET read_epoch = excluded.read_epoch, read_offset = excluded.read_offset, read_seq = excluded.read_seq,
          read_ordinal = excluded.read_ordinal
        WHERE (coalesce(receipt_marks.read_epoch, -1), coalesce(receipt_marks.read_offset, -1))
          < (excluded.read_epoch, excluded.read_offset)`;
    },

    /**
     * What became of a stored message with each member who was one when it was written, without its sender, by user id. Null
     * where the room has no such message; where foreign producers used an id twice, of the first.
     */
    async findDelivery(roomId: RoomId, messageId: MessageId): Promise<readonly MemberDelivery[] | null> {
      const rows = await sql.$queryRaw<readonly DeliveryRow[]>`
        SELECT m.user_id AS "userId",
          coalesce((k.delivered_epoch, k.delivered_offset) >= (x.epoch, x.log_offset), false) AS "isDelivered",
          coalesce((k.read_epoch, k.read_offset) >= (x.epoch, x.log_offset), false) AS "isRead"
        FROM (
          SELECT epoch, log_offset, sender_id FROM messages
          WHERE room_id = ${BigInt(roomId)} AND id = ${BigInt(messageId)} ORDER BY epoch, log_offset LIMIT 1
        ) AS x
        LEFT JOIN memberships AS m ON m.room_id = ${BigInt(roomId)} AND m.user_id <> x.sender_id
          AND (coalesce(m.joined_epoch, -1), coalesce(m.joined_offset, -1)) < (x.epoch, x.log_offset)
        LEFT JOIN receipt_marks AS k ON k.room_id = m.room_id AND k.user_id = m.user_id
        ORDER BY m.user_id`;
      return rows.length === 0 ? null : rows.flatMap(deliveryOf);
    },
  };
}

function columnsOf(marks: readonly ReadMark[]) {
  return {
    rooms: marks.map(({ roomId }) => BigInt(roomId)),
    users: marks.map(({ userId }) => BigInt(userId)),
    epochs: marks.map(({ position }) => position.epoch),
    offsets: marks.map(({ position }) => BigInt(position.offset)),
  };
}

/** None for the row of a message that was written to nobody else. */
function deliveryOf({ userId, isDelivered, isRead }: DeliveryRow): readonly MemberDelivery[] {
  if (userId === null) return [];
  return [{ userId: asUserId(Number(userId)), isDelivered: isDelivered === true, isRead: isRead === true }];
}
