import { asUserId, MessageDTOSchema } from '@chat/dto';
import {
  databaseUnderTest,
  eventually,
  kafkaUnderTest,
  openTcpProxy,
  type DatabaseUnderTest,
  type KafkaUnderTest,
} from '@chat/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  message,
  PARTITIONS,
  record,
  rowsOf,
  startPersister,
  type PersisterUnderTest,
} from './persister-under-test.ts';

const WAIT = { deadlineMs: 20_000 };

let kafka: KafkaUnderTest;
let database: DatabaseUnderTest;
let producer: ReturnType<KafkaUnderTest['kafka']['producer']>;
let topic: string;
const running: PersisterUnderTest[] = [];

beforeAll(async () => {
  [kafka, database] = await Promise.all([kafkaUnderTest(), databaseUnderTest()]);
  topic = `${kafka.topicPrefix}chat-messages`;
  producer = kafka.kafka.producer({
    createPartitioner:
      () =>
      ({ message: { partition } }) =>
        partition ?? 0,
  });
  await producer.connect();
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((persister) => persister.stop()));
});
afterAll(async () => {
  await producer.disconnect();
  await Promise.all([kafka.cleanUp(), database.cleanUp()]);
});

async function start(url = database.url): Promise<PersisterUnderTest> {
  const persister = await startPersister(kafka, url);
  running.push(persister);
  return persister;
}
const send = (messages: readonly ReturnType<typeof record>[]) => producer.send({ topic, messages: [...messages] });
const contents = async (room: number) => (await rowsOf(database, room)).map(({ content }) => content);
const sequence = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => String(from + index));

describe('message-persister', () => {
  it('stores a message as it lies on Kafka, with its place in the log', async () => {
    await start();
    const sent = message(1, { content: 'Grüße 👋\n"\\', senderId: asUserId(7) });
    await send([record(sent, 'key-1')]);
    const [row] = await eventually(async () => {
      const rows = await rowsOf(database, 1);
      expect(rows).toHaveLength(1);
      return rows;
    }, WAIT);
    const [inLog] = (await kafka.readLog(topic)).filter(({ key }) => key === '1');
    const value = MessageDTOSchema.parse(JSON.parse(inLog?.value?.toString() ?? ''));
    expect(row).toMatchObject({
      partition: inLog?.partition,
      log_offset: String(inLog?.offset),
      seq: '1',
      sender_ordinal: '1',
      id: String(value.id),
      sender_id: String(value.senderId),
      content: value.content,
      type: value.type,
      kind: null,
      system: null,
      event_id: String(sent.id),
      client_message_id: 'key-1',
    });
    expect(row?.sent_at.toISOString()).toBe(value.timestamp);
  });

  it('makes one row of a record that lies in the log twice, whatever batch the repeat comes in', async () => {
    await start();
    const first = record(message(2), 'twice');
    const sameKey = record(message(2), 'twice');
    await send([first, first, sameKey]);
    await eventually(async () => expect(await rowsOf(database, 2)).toHaveLength(1), WAIT);
    await send([first, sameKey, record(message(2, { content: 'last' }))]);
    await eventually(async () => expect(await contents(2)).toContain('last'), WAIT);
    expect((await rowsOf(database, 2)).map(({ seq }) => seq)).toEqual(['1', '2']);
  });

  it('stores a record without our headers', async () => {
    await start();
    const { key, value, partition } = record(message(3, { content: 'from elsewhere' }));
    await send([{ key, value, partition, headers: {} as ReturnType<typeof record>['headers'] }]);
    await eventually(async () => expect(await contents(3)).toEqual(['from elsewhere']), WAIT);
    expect(await rowsOf(database, 3)).toMatchObject([{ event_id: null, client_message_id: null }]);
  });

  it('takes headers that Postgres could not hold, and still knows their repeats', async () => {
    await start();
    const { headers, ...plain } = record(message(4));
    for (const ce_id of ['a\u0000b', 'x'.repeat(20_000)]) {
      const odd = { ...plain, headers: { ...headers, ce_id } };
      await send([odd, odd]);
    }
    await send([record(message(4, { content: 'last' }))]);
    await eventually(async () => expect(await contents(4)).toContain('last'), WAIT);
    expect((await rowsOf(database, 4)).map(({ seq }) => seq)).toEqual(['1', '2', '3']);
  });

  it('sets a record that does not count aside with its reason, and the partition goes on', async () => {
    await start();
    const good = record(message(5, { content: 'good' }));
    const headers = { ...good.headers };
    const broken = [
      { key: '5', value: Buffer.from('{"id":1'), partition: good.partition, headers },
      { key: '5', value: Buffer.from([0xff, 0xfe]), partition: good.partition, headers },
      { key: '5', value: Buffer.from('{}'), partition: good.partition, headers },
      { ...record(message(5, { content: 'a\u0000b' })), headers },
      { ...record(message(5)), key: '6', headers },
      { ...record(message(5)), partition: (good.partition + 1) % PARTITIONS, headers },
    ];
    await producer.send({ topic, messages: [...broken, good] });
    await eventually(async () => expect(await contents(5)).toEqual(['good']), WAIT);
    const letters = await eventually(async () => {
      const found = (await kafka.readLog(`${topic}.dlq`)).filter(({ key }) => key === '5' || key === '6');
      expect(found).toHaveLength(broken.length);
      return found;
    }, WAIT);
    const reasons = letters.map(({ headers: all }) => String(all['dlq-reason'])).join(' | ');
    for (const reason of [
      'the value is not JSON',
      'the value is not UTF-8',
      'id: Invalid input',
      'a string holds U+0000 or a lone surrogate',
      'the key is not the room id',
      'the key belongs to partition',
    ]) {
      expect(reasons).toContain(reason);
    }
    const first = letters.find(({ value }) => value?.toString() === '{"id":1');
    expect(String(first?.headers['dlq-source-topic'])).toBe('chat-messages');
    expect(String(first?.headers['dlq-source-partition'])).toBe(String(good.partition));
    expect(String(first?.headers['ce_id'])).toBe(headers['ce_id']);
  });

  it.each(['EDIT', 'DELETE', 'REACTION', 'SYSTEM'] as const)(
    'gives a row of kind %s no number and counts it nowhere',
    async (kind) => {
      await start();
      const room = { EDIT: 61, DELETE: 62, REACTION: 63, SYSTEM: 64 }[kind];
      const target = message(room);
      const about = kind === 'SYSTEM' ? {} : { targetId: target.id, ...(kind === 'DELETE' && { content: '' }) };
      await send([record(target), record(message(room, { kind, ...about })), record(message(room))]);
      await eventually(async () => expect(await rowsOf(database, room)).toHaveLength(3), WAIT);
      const rows = await rowsOf(database, room);
      expect(rows.map(({ seq }) => seq)).toEqual(['1', null, '2']);
      expect(rows.map(({ sender_ordinal }) => sender_ordinal)).toEqual(['1', '1', '2']);
      expect(rows[1]?.kind).toBe(kind);
    },
  );

  it('numbers 5,000 records in random rooms densely, in the order of the log, also when they come again', async () => {
    await start();
    const rooms = Array.from({ length: 40 }, (_, index) => 1_000 + index);
    const pick = (count: number) => Math.floor(Math.random() * count);
    const records = Array.from({ length: 5_000 }, () =>
      record(message(rooms[pick(rooms.length)] ?? 1_000, { senderId: asUserId(1 + pick(5)) })),
    );
    for (let from = 0; from < records.length; from += 500) {
      const part = records.slice(from, from + 500);
      await send(part);
      if (from % 1_000 === 0) await send(part.slice(0, 100));
    }
    const total = async () => {
      const [row] = await database.query<{ count: string }>('SELECT count(*) FROM messages WHERE room_id >= 1000');
      return Number(row?.count);
    };
    await eventually(async () => expect(await total()).toBe(5_000), WAIT);
    for (const room of rooms) {
      const rows = await rowsOf(database, room);
      expect(rows.map(({ seq }) => seq)).toEqual(sequence(1, rows.length));
      const ordinals = new Map<string, number>();
      for (const { sender_id, sender_ordinal } of rows) {
        ordinals.set(sender_id, (ordinals.get(sender_id) ?? 0) + 1);
        expect(Number(sender_ordinal)).toBe(ordinals.get(sender_id));
      }
    }
    const log = (await kafka.readLog(topic)).filter(({ key }) => Number(key) >= 1_000);
    const firsts = new Map(log.toReversed().map(({ value, offset }) => [value?.toString(), offset]));
    const stored = await database.query<{ id: string; log_offset: string }>(
      'SELECT id, log_offset FROM messages WHERE room_id >= 1000',
    );
    const storedOffsets = new Map(stored.map(({ id, log_offset }) => [id, Number(log_offset)]));
    for (const [json, offset] of firsts)
      expect(storedOffsets.get(String(MessageDTOSchema.parse(JSON.parse(json ?? '')).id))).toBe(offset);
  }, 60_000);

  it('tells its position at the start and after each batch, beyond every stored row', async () => {
    await start();
    const sent = record(message(8));
    await send([sent]);
    await eventually(async () => expect(await rowsOf(database, 8)).toHaveLength(1), WAIT);
    const [row] = await rowsOf(database, 8);
    await eventually(async () => {
      const told = (await kafka.readLog(`${kafka.topicPrefix}persister-progress`)).map(({ value }) =>
        JSON.parse(String(value)),
      );
      const partitions = new Set(told.map(({ partition }) => partition as number));
      expect([...partitions].sort()).toEqual([0, 1]);
      const last = told.filter(({ partition }) => partition === sent.partition).at(-1);
      expect(last).toMatchObject({ epoch: 1, next: Number(row?.log_offset) + 1 });
    }, WAIT);
  });

  it('goes on where it stopped, and stores what came meanwhile once', async () => {
    const before = await start();
    await send([record(message(9, { content: 'one' }))]);
    await eventually(async () => expect(await contents(9)).toEqual(['one']), WAIT);
    await before.stop();
    running.length = 0;
    await send([record(message(9, { content: 'two' })), record(message(9, { content: 'three' }))]);
    await start();
    await eventually(async () => expect(await contents(9)).toEqual(['one', 'two', 'three']), WAIT);
  });

  it('stores every row once while instances come and go', async () => {
    const sent = Array.from({ length: 400 }, () => record(message(10)));
    await start();
    for (let from = 0; from < sent.length; from += 50) {
      await send(sent.slice(from, from + 50));
      if (from === 100) await start();
      if (from === 250) await running.shift()?.stop();
    }
    await eventually(async () => expect(await rowsOf(database, 10)).toHaveLength(400), { deadlineMs: 40_000 });
    expect((await rowsOf(database, 10)).map(({ seq }) => seq)).toEqual(sequence(1, 400));
    expect(running.flatMap(({ failures }) => failures)).toEqual([]);
  }, 90_000);

  /** What Kafka knows of the group: for monitoring, and never ahead of the rows. */
  async function committed(partition: number): Promise<number> {
    const groupId = `${kafka.topicPrefix}message-persister`;
    const [answer] = await kafka.admin.fetchOffsets({ groupId, topics: [topic] });
    return Number(answer?.partitions.find((one) => one.partition === partition)?.offset);
  }

  it.each([
    ['is gone', 'cut', 11],
    ['hangs', 'blackHole', 13],
  ] as const)(
    'waits while Postgres %s, is not ready, commits nothing, and then stores everything once, in order',
    async (_, fault, room) => {
      const { hostname, port } = new URL(database.url);
      const proxy = await openTcpProxy({ host: hostname, port: Number(port) });
      const url = new URL(database.url);
      url.port = String(proxy.port);
      const persister = await start(url.href);
      try {
        const { partition } = record(message(room));
        await send([record(message(room))]);
        await eventually(async () => expect(await rowsOf(database, room)).toHaveLength(1), WAIT);
        const [stored] = await rowsOf(database, room);
        await eventually(async () => expect(await committed(partition)).toBe(Number(stored?.log_offset) + 1), WAIT);
        proxy[fault]();
        await send([record(message(room)), record(message(room))]);
        await eventually(async () => {
          expect((await persister.health.readiness()).dependencies['postgres']).toMatchObject({ status: 'DOWN' });
        }, WAIT);
        expect(await rowsOf(database, room)).toHaveLength(1);
        expect(await committed(partition)).toBe(Number(stored?.log_offset) + 1);
        proxy.mend();
        await eventually(async () => expect(await rowsOf(database, room)).toHaveLength(3), WAIT);
        await eventually(async () => expect((await persister.health.readiness()).status).toBe('UP'), WAIT);
        await eventually(async () => expect(await committed(partition)).toBe(Number(stored?.log_offset) + 3), WAIT);
        expect((await rowsOf(database, room)).map(({ seq }) => seq)).toEqual(['1', '2', '3']);
        expect(persister.failures).toEqual([]);
      } finally {
        await running.shift()?.stop();
        await proxy.close();
      }
    },
    60_000,
  );

  it('goes on after Postgres ended its connections', async () => {
    await start();
    await send([record(message(12))]);
    await eventually(async () => expect(await rowsOf(database, 12)).toHaveLength(1), WAIT);
    await database.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE datname = current_database() AND application_name LIKE 'persister-%'`,
    );
    await send([record(message(12))]);
    await eventually(async () => expect(await rowsOf(database, 12)).toHaveLength(2), WAIT);
  });
});
