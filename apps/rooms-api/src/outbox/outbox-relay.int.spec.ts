import { openDatabase, type DatabaseService } from '@chat/database';
import { asMessageId, asRoomId, asUserId, type MessageDTO, type RoomEventDTO } from '@chat/dto';
import type { RecordMetadata } from '@chat/kafka-contracts';
import { createLogger, Registry, systemClock } from '@chat/service-kit';
import { databaseUnderTest, eventually, type DatabaseUnderTest } from '@chat/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createRoomsMetrics } from '../metrics.ts';
import { lookAtOutbox } from './look-at-outbox.ts';
import { OutboxRelay, type PublishEntry } from './outbox-relay.ts';

const logger = createLogger('spec', { level: 'silent', instanceId: 'spec' });
let under: DatabaseUnderTest;
let database: DatabaseService;
const relays: OutboxRelay[] = [];
let published: { event: RoomEventDTO; id: string }[] = [];
let messages: { message: MessageDTO; metadata: RecordMetadata }[] = [];

beforeAll(async () => {
  under = await databaseUnderTest();
  database = openDatabase({ databaseUrl: under.url, logger });
  await database.start();
});

beforeEach(async () => {
  published = [];
  messages = [];
  await under.query('TRUNCATE room_events_outbox');
});

afterEach(async () => {
  await Promise.all(relays.splice(0).map((relay) => relay.stop()));
});

afterAll(async () => {
  await database?.stop();
  await under?.cleanUp();
});

const succeed: PublishEntry = async ({ topic, value }, metadata) => {
  if (topic === 'room-events') published.push({ event: value, id: metadata.id });
  else messages.push({ message: value, metadata });
};

async function startRelay(publish: PublishEntry = succeed): Promise<OutboxRelay> {
  const relay = new OutboxRelay({ database, publish, source: 'rooms-api/spec', clock: systemClock, logger });
  relays.push(relay);
  await relay.start();
  return relay;
}

const write = (roomId: number, version: number) =>
  database.repositories.outbox.addEvents([
    { roomId: asRoomId(roomId), event: 'ROOM_UPDATED', version, at: '2026-01-01T00:00:00.000Z' },
  ]);
const unsentCount = async () => (await under.query('SELECT 1 FROM room_events_outbox WHERE sent_at IS NULL')).length;
const versions = () => published.map(({ event }) => event.version);

describe('the relay of room events', () => {
  it('publishes what lay in the outbox before it started, in order, and marks it', async () => {
    for (const version of [1, 2, 3]) await write(1, version);
    await startRelay();
    await eventually(async () => expect(await unsentCount()).toBe(0));
    expect(versions()).toEqual([1, 2, 3]);
    expect(published[0]?.event).toEqual({
      roomId: 1,
      event: 'ROOM_UPDATED',
      version: 1,
      at: '2026-01-01T00:00:00.000Z',
    });
    expect(new Set(published.map(({ id }) => id)).size).toBe(3);
  });

  it('publishes a message of the room as a gateway would, however often under one id', async () => {
    const message: MessageDTO = {
      ...{
        id: asMessageId(77),
        senderId: asUserId(4),
        roomId: asRoomId(1),
        content: 'ada left the room.',
        type: 'GROUP',
      },
      ...{ timestamp: '2026-01-01T00:00:00.000Z', kind: 'SYSTEM' },
      system: { event: 'MEMBER_REMOVED', userId: asUserId(4), version: 2, cause: 'LEFT' },
    };
    await database.repositories.outbox.addMessages([message]);
    let isKafkaUp = false;
    const relay = await startRelay(async (...record) => {
      await succeed(...record);
      if (!isKafkaUp) throw new Error('no acknowledgement, though it has the record');
    });
    await eventually(() => expect(messages).toHaveLength(2));
    isKafkaUp = true;
    relay.wake();
    await eventually(async () => expect(await unsentCount()).toBe(0));
    for (const published of messages) {
      expect(published).toEqual({
        message,
        metadata: { id: '77', source: 'rooms-api/spec', time: message.timestamp, headers: { 'sender-id': '4' } },
      });
    }
  });

  it('has how much waits for it, and since when, in the metrics', async () => {
    const registry = new Registry();
    createRoomsMetrics(registry).watchOutbox(() => lookAtOutbox(database.repositories.outbox, logger));
    const shown = async (name: string) => Number((await registry.getSingleMetricAsString(name)).split(' ').at(-1));
    expect(await shown('chat_rooms_outbox_entries')).toBe(0);
    for (const version of [1, 2]) await write(1, version);
    expect(await shown('chat_rooms_outbox_entries')).toBe(2);
    expect(await shown('chat_rooms_outbox_oldest_seconds')).toBeGreaterThan(0);
  });

  it('publishes at once when it is woken', async () => {
    const relay = await startRelay();
    await write(1, 1);
    relay.wake();
    await eventually(() => expect(versions()).toEqual([1]), { deadlineMs: 400 });
  });

  it('publishes within about a second what another instance wrote and nobody woke it for', async () => {
    await startRelay();
    await write(1, 7);
    await eventually(() => expect(versions()).toEqual([7]), { deadlineMs: 2_000 });
  });

  it('leaves an event unmarked until it is acknowledged, and tries again', async () => {
    let isKafkaUp = false;
    let attempts = 0;
    await write(1, 1);
    await startRelay(async (...record) => {
      attempts += 1;
      if (!isKafkaUp) throw new Error('no acknowledgement');
      return succeed(...record);
    });
    await eventually(() => expect(attempts).toBeGreaterThan(1));
    expect(await unsentCount()).toBe(1);
    isKafkaUp = true;
    await eventually(async () => expect(await unsentCount()).toBe(0));
    expect(versions()).toEqual([1]);
  });

  it('one event that fails does not keep the acknowledged ones from being marked', async () => {
    await write(1, 1);
    await write(2, 2);
    await startRelay(async (...record) => {
      if (record[0].value.roomId === 1) throw new Error('no acknowledgement');
      return succeed(...record);
    });
    await eventually(async () => expect(await unsentCount()).toBe(1));
    expect(versions()).toEqual([2]);
  });

  it('three relays at once publish each event once, each room in order', async () => {
    const all = Array.from({ length: 60 }, (_, index) => index + 1);
    const running = await Promise.all([startRelay(), startRelay(), startRelay()]);
    for (const version of all) {
      await write(1 + (version % 2), version);
      running[version % 3]?.wake();
    }
    await eventually(async () => expect(await unsentCount()).toBe(0));
    for (const roomId of [1, 2]) {
      const ofRoom = published.filter(({ event }) => event.roomId === roomId).map(({ event }) => event.version);
      expect(ofRoom).toEqual(all.filter((version) => 1 + (version % 2) === roomId));
    }
  });

  it('goes on after Postgres cut its connections', async () => {
    const relay = await startRelay();
    await under.query(
      'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
    );
    await eventually(async () => write(1, 1));
    relay.wake();
    await eventually(() => expect(versions()).toEqual([1]));
  });

  it('forgets what was sent more than a day ago', async () => {
    await write(1, 1);
    await write(1, 2);
    await under.query(
      `UPDATE room_events_outbox SET sent_at = now() - interval '25 hours' WHERE payload ->> 'version' = '1'`,
    );
    await under.query(
      `UPDATE room_events_outbox SET sent_at = now() - interval '23 hours' WHERE payload ->> 'version' = '2'`,
    );
    await startRelay();
    await eventually(async () => expect(await under.query('SELECT 1 FROM room_events_outbox')).toHaveLength(1));
    expect(published).toEqual([]);
  });

  it('stops after the batch in flight', async () => {
    const gate = Promise.withResolvers<void>();
    let isPublishing = false;
    await write(1, 1);
    const relay = await startRelay(async (...record) => {
      isPublishing = true;
      await gate.promise;
      return succeed(...record);
    });
    await eventually(() => expect(isPublishing).toBe(true));
    const stopped = relay.stop();
    gate.resolve();
    await stopped;
    expect(await unsentCount()).toBe(0);
  });
});
