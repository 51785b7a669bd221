import { MessageDTOSchema, RoomEventDTOSchema, type MessageDTO, type RoomEventDTO } from '@chat/dto';
import type { Sql } from '../connection.ts';
import type { Prisma } from '../generated/client.ts';

/** A room event, or a message of the room's log, that waits to be published; `id` names it for ever and rises within a room. */
export type OutboxEntry = { readonly id: bigint } & (
  | { readonly topic: 'room-events'; readonly value: RoomEventDTO }
  | { readonly topic: 'chat-messages'; readonly value: MessageDTO }
);

/** Advisory lock of the relay, one number for this database. */
const RELAY_LOCK = 7_203_001n;

export type OutboxRepository = ReturnType<typeof createOutboxRepository>;

/** The outbox: written with the change of a room that made what it holds, marked when Kafka has it. */
export function createOutboxRepository(sql: Sql) {
  const add = async (topic: OutboxEntry['topic'], payload: Prisma.InputJsonObject & { roomId: number }) => {
    await sql.roomEventOutbox.create({ data: { roomId: BigInt(payload.roomId), topic, payload } });
  };

  return {
    /** Adds events in their order. In the transaction of the change, under the lock of the room's row. */
    async addEvents(events: readonly RoomEventDTO[]): Promise<void> {
      for (const event of events) await add('room-events', event);
    },

    /** The same for messages of the room's log. */
    async addMessages(messages: readonly MessageDTO[]): Promise<void> {
      for (const message of messages) await add('chat-messages', message as Prisma.InputJsonObject & MessageDTO); // all of it is JSON
    },

    /** Waits until no other relay is at work, UNAVAILABLE after the lock timeout; held until the transaction ends. */
    async lockRelay(): Promise<void> {
      await sql.$executeRaw`SELECT pg_advisory_xact_lock(${RELAY_LOCK}::bigint)`;
    },

    /** The oldest that are not marked, in order. Unmarked, not "behind a cursor": an older id may commit later. */
    async listUnsent(limit: number): Promise<readonly OutboxEntry[]> {
      const rows = await sql.roomEventOutbox.findMany({
        where: { sentAt: null },
        orderBy: { id: 'asc' },
        take: limit,
        select: { id: true, topic: true, payload: true },
      });
      return rows.map(entryOf);
    },

    /** How many are not marked, counted up to `max`, and how old the oldest is, in ms; 0 where there is none. */
    async measureBacklog(max: number): Promise<{ readonly count: number; readonly oldestMs: number }> {
      const [row] = await sql.$queryRaw<readonly { count: bigint; oldestMs: number | null }[]>`
        SELECT count(*) AS count,
               (EXTRACT(EPOCH FROM now() - min(created_at)) * 1000)::float8 AS "oldestMs"
        FROM (SELECT created_at FROM room_events_outbox WHERE sent_at IS NULL ORDER BY id LIMIT ${max}) AS unsent`;
      return { count: Number(row?.count ?? 0), oldestMs: Math.max(0, row?.oldestMs ?? 0) };
    },

    async markSent(ids: readonly bigint[], at: Date): Promise<void> {
      await sql.roomEventOutbox.updateMany({ where: { id: { in: [...ids] } }, data: { sentAt: at } });
    },

    /** Forgets up to `limit` that were sent before `at`; returns how many. */
    async removeSentBefore(at: Date, limit: number): Promise<number> {
      return sql.$executeRaw`
        DELETE FROM room_events_outbox WHERE id IN (
          SELECT id FROM room_events_outbox WHERE sent_at < ${at} ORDER BY id LIMIT ${limit}
        )`;
    },
  };
}

function entryOf({ id, topic, payload }: { id: bigint; topic: string; payload: unknown }): OutboxEntry {
  return topic === 'chat-messages'
    ? { id, topic, value: MessageDTOSchema.parse(payload) }
    : { id, topic: 'room-events', value: RoomEventDTOSchema.parse(payload) }; // held to the two by a check of the table
}
