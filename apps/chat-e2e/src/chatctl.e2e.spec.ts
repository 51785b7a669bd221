import type { ChatRoomDTO, HistoryMessageDTO, MessageDTO, PageDTO } from '@chat/dto';
import { createToken, databaseUnderTest, eventually } from '@chat/testing';
import { Kafka, logLevel } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { marked } from './clients/content.ts';
import { newPerson, type Person } from './clients/person.ts';
import { Chatctl, type CommandRun, type RunningCommand } from './harness/chatctl.ts';

const chat = inject('chat');
const ctl = new Chatctl(chat);
afterAll(() => ctl.cleanUp());

const [ann, ben] = [newPerson('ann'), newPerson('ben')];
const as = ({ id, username }: Person) => ['--user', String(id), '--username', username];
let room = '';

beforeAll(async () => {
  const { code, stdout } = await ctl.run(['rooms', 'create', 'chatctl', ...as(ann)]);
  expect(code).toBe(0);
  room = stdout.trim();
  expect((await ctl.run(['rooms', 'join', room, ...as(ben)])).code).toBe(0);
});

/** The one JSON document of standard output. */
function documentOf<Value>({ stdout }: CommandRun): Value {
  return JSON.parse(stdout) as Value; // what the test then looks at
}

/** The lines of JSON of standard output. */
function itemsOf<Item>({ stdout }: { readonly stdout: string }): readonly Item[] {
  const lines = stdout.split('\n').filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line) as Item); // as above
}

async function live({ output }: RunningCommand): Promise<void> {
  await eventually(() => expect(output().stderr).toContain('live in room'), { deadlineMs: 15_000 });
}

async function storedCount(count: number): Promise<void> {
  await eventually(
    async () => {
      const run = await ctl.run(['history', room, '--all', '--json', ...as(ann)]);
      expect(itemsOf(run).length).toBeGreaterThanOrEqual(count);
    },
    { deadlineMs: 30_000 },
  );
}

describe('chatctl rooms', () => {
  it('prints the id alone of a room that it makes, and tells all of it with --json', async () => {
    expect(room).toMatch(/^[1-9][0-9]*$/);
    const run = await ctl.run(['rooms', 'create', 'for few', '--private', '--description', 'x', '--json', ...as(ann)]);
    expect(documentOf<ChatRoomDTO>(run)).toMatchObject({
      name: 'for few',
      description: 'x',
      visibility: 'PRIVATE',
      ownerId: ann.id,
    });
  });

  it('lists public rooms, and those of the caller', async () => {
    const listed = documentOf<PageDTO<ChatRoomDTO>>(
      await ctl.run(['rooms', 'list', '--size', '1', '--json', ...as(ben)]),
    );
    expect(listed).toMatchObject({ page: 0, size: 1, content: [expect.objectContaining({ visibility: 'PUBLIC' })] });
    const own = documentOf<PageDTO<ChatRoomDTO>>(await ctl.run(['rooms', 'mine', '--json', ...as(ben)]));
    expect(own.content.map(({ id }) => String(id))).toEqual([room]);
    expect((await ctl.run(['rooms', 'mine', ...as(ben)])).stdout).toMatch(new RegExp(`^${room} +chatctl`, 'm'));
  });

  it('names the members', async () => {
    const { items } = documentOf<{ items: { userId: number }[] }>(
      await ctl.run(['rooms', 'members', room, '--json', ...as(ann)]),
    );
    expect(items.map(({ userId }) => userId).sort()).toEqual([ann.id, ben.id].sort());
  });
});

describe('chatctl send, tail and history', () => {
  it('send a message that the other one sees as it comes, each on a gateway of their own', async () => {
    const tail = ctl.start(['tail', room, '--count', '1', '--json', ...as(ben)], { stdin: '' });
    await live(tail);
    const content = marked('hello from a terminal');

    const sent = await ctl.run(['send', room, content, '--json', ...as(ann)]);

    expect(sent.code).toBe(0);
    const { messageId } = documentOf<{ messageId: number }>(sent);
    const { code, stdout } = await tail.ended;
    expect(code).toBe(0);
    expect(itemsOf<MessageDTO>({ stdout })).toMatchObject([{ id: messageId, senderId: ann.id, content }]);
  });

  it('send each line of the input, told in order, and read all of it back page by page', async () => {
    const lines = Array.from({ length: 250 }, (_, at) => marked(`line ${at}`));

    const sent = await ctl.run(['send', room, '--persisted', '--json', ...as(ann)], { stdin: `${lines.join('\n')}\n` });

    expect(sent.code).toBe(0);
    expect(itemsOf<{ line: number }>(sent).map(({ line }) => line)).toEqual(lines.map((_, at) => at + 1));
    const all = await ctl.run(['history', room, '--all', '--json', ...as(ben)]);
    expect(
      itemsOf<HistoryMessageDTO>(all)
        .map(({ content }) => content)
        .slice(-250),
    ).toEqual(lines);
    const page = await ctl.run(['history', room, '--limit', '2', ...as(ben)]);
    expect(page.stdout.split('\n').filter(Boolean)).toHaveLength(2);
    expect(page.stderr).toMatch(/there is more: --before \d+/);
  });

  it('resume a tail behind a message, and end after a time', async () => {
    await storedCount(2);
    const [first, second] = itemsOf<MessageDTO>(
      await ctl.run(['history', room, '--after', '0', '--limit', '2', '--json', ...as(ann)]),
    );
    const run = await ctl.run(['tail', room, '--since', String(first?.id), '--count', '1', '--json', ...as(ben)]);
    expect(itemsOf<MessageDTO>(run)).toMatchObject([{ id: second?.id }]);
    const timed = await ctl.run(['tail', room, '--for', '1s', ...as(ben)]);
    expect([timed.code, timed.stdout]).toEqual([0, '']);
  });

  it('refuse a room that is not theirs with code, sentence, hint and exit code 1', async () => {
    const stranger = newPerson('stranger');
    const run = await ctl.run(['send', room, marked('let me in'), ...as(stranger)]);
    expect([run.code, run.stdout]).toEqual([1, '']);
    expect(run.stderr).toMatch(/^NOT_A_MEMBER: .*\nJoin the room first: chatctl rooms join <room>$/m);
    const told = await ctl.run(['tail', room, '--json', ...as(stranger)]);
    expect(told.code).toBe(1);
    expect(JSON.parse(told.stderr.trim().split('\n').at(-1) ?? '')).toMatchObject({
      error: { code: 'NOT_A_MEMBER', retryable: false },
    });
  });

  it('end with 0 on Ctrl-C, and when nobody reads any more', async () => {
    const tail = ctl.start(['tail', room, ...as(ben)], { stdin: '' });
    await live(tail);
    tail.child.kill('SIGINT');
    expect((await tail.ended).code).toBe(0);

    const piped = ctl.start(['history', room, '--all', ...as(ben)], { stdin: '' });
    piped.child.stdout?.destroy();
    const { code, stderr } = await piped.ended;
    expect([code, stderr]).toEqual([0, '']);
  });
});

describe('chatctl chat', () => {
  it('joins the room, prints what is said, sends what is typed, and waits for the answers', async () => {
    const cleo = newPerson('cleo');
    const run = await ctl.run(['chat', '--room', room, ...as(cleo)], { stdin: `${marked('typed')}\n` });
    expect(run.code).toBe(0);
    expect(run.stderr).toContain(`You are ${cleo.username} in room ${room}`);
    await eventually(async () => {
      const page = await ctl.run(['history', room, '--limit', '1', '--json', ...as(ann)]);
      expect(itemsOf<MessageDTO>(page)).toMatchObject([{ senderId: cleo.id, content: marked('typed') }]);
    });
  });
});

describe('chatctl presence', () => {
  it('says who is there, then who comes and goes', async () => {
    const presence = ctl.start(['presence', room, '--json', ...as(ann)], { stdin: '' });
    const told = () => itemsOf<Record<string, unknown>>(presence.output());
    await eventually(() => expect(told()[0]).toMatchObject({ kind: 'STATE' }), { deadlineMs: 15_000 });

    await ctl.run(['tail', room, '--for', '1s', ...as(ben)]);

    await eventually(
      () => {
        const ofBen = told().filter(({ kind, userId }) => kind === 'CHANGE' && userId === ben.id);
        expect(ofBen.map(({ isOnline }) => isOnline)).toEqual(expect.arrayContaining([true, false]));
      },
      { deadlineMs: 15_000 },
    );
    presence.child.kill('SIGINT');
    expect((await presence.ended).code).toBe(0);
    const once = await ctl.run(['presence', room, '--once', ...as(ann)]);
    expect([once.code, once.stdout]).toEqual([0, expect.stringMatching(/^\d+ online/)]);
  });
});

describe('chatctl load', () => {
  it('measures receipts and deliveries of senders of its own, and loses none', async () => {
    const run = await ctl.run(['load', '--senders', '5', '--rate', '100', '--duration', '2s', '--json', ...as(ann)]);
    expect(run.code).toBe(0);
    const report = documentOf<Record<string, unknown>>(run);
    expect(report).toMatchObject({ senders: 5, rate: 100, sent: 200, acknowledged: 200, delivered: 200, errors: {} });
    for (const name of ['receiptMs', 'deliveryMs']) {
      expect(report[name]).toEqual({
        p50: expect.any(Number),
        p90: expect.any(Number),
        p99: expect.any(Number),
        max: expect.any(Number),
      });
    }
  });
});

describe('chatctl without a chat', () => {
  it('says with exit code 3 that nobody answers, and with 2 that none is known', async () => {
    const away = { CHAT_URL: 'http://127.0.0.1:9', CHAT_WS_URL: 'ws://127.0.0.1:9/ws' };
    const run = await ctl.run(['rooms', 'mine', ...as(ann)], { env: away });
    expect([run.code, run.stdout]).toEqual([3, '']);
    expect(run.stderr).toContain('chatctl doctor');
    const half = await ctl.run(['send', room, 'astray', ...as(ann)], { env: { CHAT_URL: 'http://127.0.0.1:9' } });
    expect([half.code, half.stderr]).toEqual([2, expect.stringMatching(/^USAGE: No gateway of http:.*--ws-url/)]);
    const nowhere = await ctl.run(['rooms', 'mine', '--token', createToken()], { env: { CHAT_LOCAL_DIR: '/nowhere' } });
    expect([nowhere.code, nowhere.stderr]).toEqual([2, expect.stringMatching(/^USAGE: No chat is known/)]);
  });
});

describe('chatctl dead-letters', () => {
  const kafka = new Kafka({ brokers: chat.kafkaBrokers.split(','), logLevel: logLevel.NOTHING });
  const topic = 'chat-messages';

  it('tells how many records were set aside, and of each when, where from, why and whose; what is in it only if asked', async () => {
    const producer = kafka.producer();
    await producer.connect();
    const value = marked('no message at all');
    const headers = { ce_source: 'billing/1' };
    const [placed] = await producer
      .send({ topic: chat.topicPrefix + topic, messages: [{ key: room, value, headers }] })
      .finally(() => producer.disconnect());
    const told = {
      ...{ sourcePartition: placed?.partition, sourceOffset: Number(placed?.baseOffset), key: room, value },
      ...{ producer: 'billing/1', reason: 'the value is not JSON', valueBytes: value.length },
    };

    await eventually(
      async () => {
        const run = await ctl.run(['dead-letters', topic, '--values', '--json']);
        expect(itemsOf<typeof told>(run)).toContainEqual(expect.objectContaining(told));
      },
      { deadlineMs: 30_000 },
    );

    const { code, stdout } = await ctl.run(['dead-letters', topic]);
    expect([code, stdout]).toEqual([0, expect.stringMatching(/, by billing\/1: the value is not JSON$/m)]);
    expect(stdout).not.toContain(value);
    const { topics } = documentOf<{ topics: { topic: string; count: number }[] }>(
      await ctl.run(['dead-letters', '--json']),
    );
    expect(topics.find((each) => each.topic === topic)?.count).toBeGreaterThan(0);
  });
});

describe('chatctl doctor', () => {
  interface Verdict {
    readonly healthy: boolean;
    readonly findings: readonly {
      readonly area: string;
      readonly level: string;
      readonly finding: string;
      readonly remedy?: string;
    }[];
  }
  const errorsOf = ({ findings }: Verdict) => findings.filter(({ level }) => level === 'error');

  it('finds nothing that must be mended in a chat that works, and looks at all of it', async () => {
    const run = await ctl.run(['doctor', '--json']);
    const verdict = documentOf<Verdict>(run);
    expect(errorsOf(verdict)).toEqual([]);
    expect([run.code, verdict.healthy]).toEqual([0, true]);
    expect(new Set(verdict.findings.map(({ area }) => area))).toEqual(
      new Set(['kafka', 'redis', 'postgres', 'clock', 'apps']),
    );
    expect((await ctl.run(['doctor'])).stdout).toMatch(/^ok +apps +ws-gateway-2 is ready$/m);
  });

  it('finds a wrong setting of a topic, with the command that mends it', async () => {
    const topic = `${chat.topicPrefix}presence-messages`;
    const admin = new Kafka({ brokers: chat.kafkaBrokers.split(','), logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    const set = (value: string) =>
      admin.alterConfigs({
        validateOnly: false,
        resources: [{ type: 2, name: topic, configEntries: [{ name: 'min.insync.replicas', value }] }],
      });
    try {
      await set('2');
      await eventually(async () => {
        const run = await ctl.run(['doctor', '--json']);
        expect(run.code).toBe(1);
        expect(errorsOf(documentOf<Verdict>(run))).toEqual([
          {
            area: 'kafka',
            level: 'error',
            finding: `${topic} has min.insync.replicas=2, not 1: nothing can be written to it`,
            remedy: expect.stringContaining(`--entity-name ${topic} --add-config min.insync.replicas=1`),
          },
        ]);
      });
    } finally {
      await set('1');
      await admin.disconnect();
    }
  });

  it('finds a Redis that is away, an app that is away, and migrations that are missing', async () => {
    const database = await databaseUnderTest();
    await database.query(
      'DELETE FROM _prisma_migrations WHERE migration_name = (SELECT max(migration_name) FROM _prisma_migrations)',
    );
    try {
      const env = { REDIS_URL: 'redis://127.0.0.1:9', DATABASE_URL: database.url };
      const run = await ctl.run(['doctor', '--json', '--internal-url', 'http://127.0.0.1:9'], { env });
      expect(run.code).toBe(1);
      expect(errorsOf(documentOf<Verdict>(run)).map(({ area, finding }) => `${area}: ${finding}`)).toEqual([
        expect.stringMatching(/^redis: it does not answer/),
        expect.stringMatching(/^postgres: it lacks 1 migration\(s\): \d+_/),
        expect.stringMatching(/^apps: http:\/\/127\.0\.0\.1:9 does not answer/),
      ]);
    } finally {
      await database.cleanUp();
    }
  });
});
