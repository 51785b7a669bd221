import { RoomEventDTOSchema, type RoomEventDTO } from '@chat/dto';
import type { Sql } from '../connection.ts';
import type { Prisma } from '../generated/client.ts';

/** A room event that waits to be published; `id` names it for ever and rises within a room. */
export interface OutboxEntry {
  readonly id: bigint;
  readonly event: RoomEventDTO;
}

/** Advisory lock of the relay, one number for this database. */
const RELAY_LOCK = 7_203_001n;

export type OutboxRepository = ReturnType<typeof createOutboxRepository>;

/** The outbox of room events: written with the change that made them, marked when Kafka has them. */
export function createOutboxRepository(sql: Sql) {
  return {
    /** Adds events in their order. In the transaction of the change, under the lock of the room's row. */
    async addEvents(events: readonly RoomEventDTO[]): Promise<void> {
      for (const event of events) {
        const payload: Prisma.InputJsonObject = event;
        await sql.roomEventOutbox.create({ data: { roomId: BigInt(event.roomId), payload } });
      }
    },

    /** Waits until no other relay is at work, UNAVAILABLE after the lock timeout; held until the transaction ends. */
    async lockRelay(): Promise<void> {
      await sql.$executeRaw`SELECT pg_advisory_xact_lock(${RELAY_LOCK}::bigint)`;
    },

    /** The oldest events that are not marked, in order. Unmarked, not "behind a cursor": an older id may commit later. */
    async listUnsent(limit: number): Promise<readonly OutboxEntry[]> {
      const rows = await sql.roomEventOutbox.findMany({
        where: { sentAt: null },
        orderBy: { id: 'asc' },
        take: limit,
        select: { id: true, payload: true },
      });
      return rows.map(({ id, payload }) => ({ id, event: RoomEventDTOSchema.parse(payload) }));
    },

    async markSent(ids: readonly bigint[], at: Date): Promise<void> {
      await sql.roomEventOutbox.updateMany({ where: { id: { in: [...ids] } }, data: { sentAt: at } });
    },

    /** Forgets up to `limit` events that were sent before `at`; returns how many. */
    async removeSentBefore(at: Date, limit: number): Promise<number> {
      return sql.$executeRaw`
        DELETE FROM room_events_outbox WHERE id IN (
          SELECT id FROM room_events_outbox WHERE sent_at < ${at} ORDER BY id LIMIT ${limit}
        )`;
    },
  };
}
