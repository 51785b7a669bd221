import { createLogger } from '@chat/service-kit';
import {
  databaseUnderTest,
  eventually,
  kafkaUnderTest,
  type DatabaseUnderTest,
  type KafkaUnderTest,
} from '@chat/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openLogEpoch } from './open-log-epoch.ts';
import {
  configOf,
  message,
  PARTITIONS,
  record,
  rowsOf,
  startPersister,
  type PersisterUnderTest,
} from './persister-under-test.ts';

const WAIT = { deadlineMs: 20_000 };
const logger = createLogger('spec', { level: 'silent', instanceId: 'spec' });

let kafka: KafkaUnderTest;
let database: DatabaseUnderTest;
let topic: string;
let running: PersisterUnderTest[] = [];

beforeEach(async () => {
  [kafka, database] = await Promise.all([kafkaUnderTest(), databaseUnderTest()]);
  topic = `${kafka.topicPrefix}chat-messages`;
});
afterEach(async () => {
  await stopAll();
  await Promise.all([kafka.cleanUp(), database.cleanUp()]);
});

async function start(): Promise<PersisterUnderTest> {
  const persister = await startPersister(kafka, database.url);
  running.push(persister);
  return persister;
}
async function stopAll(): Promise<void> {
  await Promise.all(running.map((persister) => persister.stop()));
  running = [];
}

/** By a producer of its own: one that was there before would not know what the topic is now. */
async function send(messages: readonly ReturnType<typeof record>[]): Promise<void> {
  const producer = kafka.kafka.producer();
  await producer.connect();
  await producer.send({ topic, messages: [...messages] });
  await producer.disconnect();
}
const someOf = (room: number, count: number) => Array.from({ length: count }, () => record(message(room)));
const stored = (room: number, count: number) =>
  eventually(async () => {
    const rows = await rowsOf(database, room);
    expect(rows).toHaveLength(count);
    return rows;
  }, WAIT);
const endedBy = (persister: PersisterUnderTest, reason: RegExp) =>
  eventually(() => expect(persister.failures.join()).toMatch(reason), WAIT);
const places = async (room: number) => (await rowsOf(database, room)).map(({ epoch, seq }) => [epoch, seq]);

/** A topic of the same name, without its records. */
async function makeAnew(partitions = PARTITIONS): Promise<void> {
  await kafka.admin.deleteTopics({ topics: [topic] });
  await eventually(() => kafka.createTopic(topic, partitions), WAIT);
}

/** The operator's command; what it says. */
async function command(): Promise<string> {
  const said: string[] = [];
  const config = configOf({ ...kafka, databaseUrl: database.url });
  await openLogEpoch(config, { logger, say: (line) => said.push(line) });
  return said.join(' ');
}

describe('a log that is not the one of the rows', () => {
  it('is refused with the reason where it ends before the stored position, and goes on in a new epoch after the command', async () => {
    await start();
    await send(someOf(1, 3));
    await stored(1, 3);
    await stopAll();
    await makeAnew();
    await endedBy(await start(), /position 3 of partition \d is outside the log, which goes from 0 to 0/);
    await stopAll();
    expect(await eventually(command, WAIT)).toMatch(
      /Found: position 3 .* Log epoch 1 is closed\. Log epoch 2 is open .*with 2 partitions\. 0 of them go on where they were, 2 begin/,
    );
    const persister = await start();
    await send(someOf(1, 2));
    await stored(1, 5);
    expect(await places(1)).toEqual([
      [1, '1'],
      [1, '2'],
      [1, '3'],
      [2, '4'],
      [2, '5'],
    ]);
    expect(persister.failures).toEqual([]);
  }, 60_000);

  it('is refused where it has grown beyond the stored position: nothing of it is stored, nothing skipped', async () => {
    await start();
    await send(someOf(1, 3));
    await stored(1, 3);
    await stopAll();
    await makeAnew();
    await send(someOf(1, 8));
    await endedBy(await start(), /has another record at offset 2 than the one that was read there before/);
    await stopAll();
    expect(await rowsOf(database, 1)).toHaveLength(3);
    await eventually(command, WAIT);
    await start();
    await stored(1, 11);
  }, 60_000);

  it('ends a persister that is running when the topic is made anew', async () => {
    const persister = await start();
    await send(someOf(1, 3));
    await stored(1, 3);
    await makeAnew();
    await endedBy(
      persister,
      /does not have the position 3|position 3 .* is outside the log|ends before the position 3/,
    );
    await send(someOf(1, 8));
    expect(await rowsOf(database, 1)).toHaveLength(3);
  }, 60_000);

  it('is not read when partitions were added: not ready with that reason, until the command carries its positions over', async () => {
    const before = await start();
    const foreign = { ...record(message(2)), headers: {} as ReturnType<typeof record>['headers'] };
    await send(someOf(1, 3));
    await send([foreign]);
    await stored(1, 3);
    await stored(2, 1);
    await kafka.admin.createPartitions({ topicPartitions: [{ topic, count: 4 }] });
    await eventually(async () => {
      expect((await before.health.readiness()).dependencies['kafka']?.reason).toMatch(
        /has 4 partitions, at start it had 2/,
      );
    }, WAIT);
    await stopAll();
    const { health } = await start();
    const { status, dependencies } = await health.readiness();
    expect(status).toBe('DOWN');
    expect(dependencies['log epoch']?.reason).toMatch(/has 4 partitions; log epoch 1 was opened with 2/);
    await stopAll();
    expect(await command()).toMatch(/Log epoch 2 is open .* with 4 partitions\. [12] of them go on where they were/);
    const rooms = [1, 2, 3, 4, 5, 6];
    await start();
    await send(rooms.map((room) => record(message(room), undefined, 4)));
    await stored(1, 4);
    expect((await stored(2, 2)).map(({ seq }) => seq)).toEqual(['1', '2']);
    for (const room of [3, 4, 5, 6]) await stored(room, 1);
    expect(
      new Set((await Promise.all(rooms.map((room) => rowsOf(database, room)))).flat().map((row) => row.partition)),
    ).toContain(3);
    expect((await places(1)).map(([, seq]) => seq)).toEqual(['1', '2', '3', '4']);
  }, 60_000);

  it('is not replaced while a persister reads it, nor where it fits: the command may be run twice', async () => {
    expect(await command()).toMatch(/No log epoch is open/);
    const persister = await start();
    await send(someOf(1, 3));
    await stored(1, 3);
    expect(await command()).toMatch(/Log epoch 1 fits .*: nothing to do/);
    await database.query('UPDATE log_epochs SET partition_count = 9');
    await expect(command()).rejects.toThrow(/1 in the group read the log: stop message-persister/);
    await stopAll();
    expect(await command()).toMatch(/Log epoch 2 is open/);
    expect(await command()).toMatch(/Log epoch 2 fits .*: nothing to do/);
    expect(persister.failures).toEqual([]);
  }, 60_000);

  it('is not stored to by an instance that still has a closed epoch', async () => {
    const persister = await start();
    await send(someOf(1, 1));
    await stored(1, 1);
    await database.query('UPDATE log_epochs SET closed_at = now()');
    await send(someOf(1, 1));
    await endedBy(persister, /log epoch 1 was closed/);
    expect(await rowsOf(database, 1)).toHaveLength(1);
  });
});
