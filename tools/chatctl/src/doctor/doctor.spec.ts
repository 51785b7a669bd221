import { describe, expect, it } from 'vitest';
import type { ClusterInspection, InspectedTopic, TopicFault } from '@chat/kafka';
import { isHealthy, type Finding } from './finding.ts';
import { judgeApp } from './judge-apps.ts';
import { judgeClock } from './judge-clock.ts';
import { judgeKafka } from './judge-kafka.ts';
import { judgePostgres } from './judge-postgres.ts';
import { judgeRedis } from './judge-redis.ts';

const topicWith = (...faults: readonly TopicFault[]): InspectedTopic => ({
  topic: 'x.chat-messages',
  plan: { topic: 'chat-messages', partitions: 12, replicas: 3, config: { 'retention.ms': '1000' } },
  faults,
  facts: faults.some(({ kind }) => kind === 'MISSING')
    ? null
    : { partitions: 12, replicas: 3, minInsyncReplicas: 2, uncleanLeaderElection: false, maxMessageBytes: 1_048_588 },
});
const clusterOf = (...topics: readonly InspectedTopic[]): ClusterInspection => ({
  brokers: [{ nodeId: 1, address: 'k:9092' }],
  brokerFaults: [],
  topics,
});
const wrong = (findings: readonly Finding[]) => findings.filter(({ level }) => level !== 'ok');

describe('doctor on Kafka', () => {
  const judge = (...faults: readonly TopicFault[]) =>
    wrong(judgeKafka({ inspection: clusterOf(topicWith(...faults)), createTopics: true }));

  it('has nothing to say against topics that are as apps make them', () => {
    const findings = judgeKafka({ inspection: clusterOf(topicWith(), topicWith()), createTopics: true });
    expect(findings.map(({ level, finding }) => `${level}: ${finding}`)).toEqual([
      'ok: 1 broker answer: k:9092',
      'ok: all 2 topics are as the apps would make them',
    ]);
  });

  it('gives the command that sets a setting right', () => {
    const fault = {
      kind: 'SETTING',
      harm: 'LOSES',
      setting: 'cleanup.policy',
      wanted: 'delete',
      found: 'compact',
    } as const;
    expect(judge(fault)).toEqual([
      {
        area: 'kafka',
        level: 'error',
        finding: 'x.chat-messages has cleanup.policy=compact, not delete: messages that were acknowledged can be lost',
        remedy:
          'kafka-configs.sh --bootstrap-server k:9092 --alter --entity-type topics --entity-name x.chat-messages --add-config cleanup.policy=delete',
      },
    ]);
  });

  it.each([
    [
      'only warns of a difference',
      { kind: 'PARTITIONS', harm: 'DIFFERS', wanted: 12, found: 24 },
      'warning',
      'KAFKA_TOPIC_LAYOUT=chat-messages:24',
    ],
    [
      'counts replicas that are missing',
      { kind: 'REPLICAS', harm: 'LOSES', wanted: 3, found: 1 },
      'error',
      'KAFKA_REPLICAS',
    ],
    [
      'names partitions without a leader',
      { kind: 'LEADERLESS', harm: 'STOPS', partitions: [3, 4] },
      'error',
      'Bring the brokers back',
    ],
    [
      'only warns of a topic that apps will make',
      { kind: 'MISSING', harm: 'STOPS' },
      'warning',
      'Any app makes what is missing',
    ],
  ] as const)('%s', (_, fault, level, remedy) => {
    expect(judge(fault)).toMatchObject([{ level, remedy: expect.stringContaining(remedy) }]);
  });

  it('gives the command that makes a topic where apps may not', () => {
    const inspection = clusterOf(topicWith({ kind: 'MISSING', harm: 'STOPS' }));
    expect(wrong(judgeKafka({ inspection, createTopics: false }))).toMatchObject([
      {
        level: 'error',
        remedy:
          'kafka-topics.sh --bootstrap-server k:9092 --create --topic x.chat-messages --partitions 12 --replication-factor 3 --config retention.ms=1000',
      },
    ]);
  });

  it('says once of all topics that they hang on one broker, and lets that pass', () => {
    const weak = topicWith({ kind: 'ONE_BROKER', harm: 'WEAK' });
    const findings = judgeKafka({ inspection: clusterOf(weak, weak), createTopics: true });
    expect(wrong(findings)).toHaveLength(1);
    expect(isHealthy(findings)).toBe(true);
  });

  it('warns of brokers that look for dead transactions too seldom', () => {
    const brokerFaults = [{ broker: 1, setting: 'a.b', wanted: '1000', found: '10000' }];
    const inspection = { ...clusterOf(topicWith()), brokerFaults };
    expect(wrong(judgeKafka({ inspection, createTopics: true }))).toMatchObject([
      { level: 'warning', remedy: expect.stringContaining('a.b=1000') },
    ]);
  });
});

describe('doctor on Redis', () => {
  const healthy = {
    version: '7.0.15',
    runId: 'abc',
    uptimeS: 3_600,
    isReplica: false,
    maxMemoryBytes: 0,
    usedMemoryBytes: 1_000,
    evictionPolicy: 'allkeys-lru',
    nowMs: 0,
  };

  it('does not mind how keys would be dropped where memory has no limit', () => {
    expect(judgeRedis(healthy)).toEqual([
      { area: 'redis', level: 'ok', finding: 'version 7.0.15 answers, run_id abc, up for 3600 s' },
    ]);
  });

  it.each([
    ['a replica', { isReplica: true }, 'error'],
    ['one that drops keys', { maxMemoryBytes: 1_000_000 }, 'error'],
    ['one that is nearly full', { maxMemoryBytes: 1_000, evictionPolicy: 'noeviction' }, 'warning'],
    ['one that was just started', { uptimeS: 3 }, 'warning'],
  ] as const)('has a word on %s, with a remedy', (_, more, level) => {
    expect(wrong(judgeRedis({ ...healthy, ...more }))).toMatchObject([{ level, remedy: expect.any(String) }]);
  });
});

describe('doctor on Postgres', () => {
  const sight = { version: '18.4', isReadOnly: false, connections: 5, maxConnections: 100, nowMs: 0 };
  const current = { sight, verdict: { kind: 'UP_TO_DATE' }, refusal: null } as const;

  it('is content with a migrated one', () => {
    expect(wrong(judgePostgres(current))).toEqual([]);
  });

  it('names the migrations that are missing, and the command', () => {
    const behind = { ...current, verdict: { kind: 'BEHIND', missing: ['1_a', '2_b'] }, refusal: 'lacks 2_b' } as const;
    expect(wrong(judgePostgres(behind))).toEqual([
      {
        area: 'postgres',
        level: 'error',
        finding: 'it lacks 2 migration(s): 1_a, 2_b',
        remedy: expect.stringContaining('npm run migrate -w @chat/database, with DATABASE_URL set'),
      },
    ]);
  });

  it('is content with one that newer code has migrated further, since apps take it', () => {
    const newer = { sight, verdict: { kind: 'NEWER', further: ['9_later'] }, refusal: null } as const;
    expect(wrong(judgePostgres(newer))).toEqual([]);
    expect(wrong(judgePostgres({ ...newer, refusal: 'lacks 2_b' }))).toMatchObject([{ level: 'error' }]);
  });

  it.each([
    ['only warns of one whose migrations cannot go on where apps take it', null, 'warning'],
    ['refuses one whose migration failed', 'lacks 2_b', 'error'],
  ] as const)('%s', (_, refusal, level) => {
    const refused = { sight, verdict: { kind: 'REFUSED', reason: 'because' }, refusal } as const;
    expect(wrong(judgePostgres(refused))).toMatchObject([{ level, finding: expect.stringContaining('because') }]);
  });

  it('has a word on one that is full or takes no writes', () => {
    const full = { ...current, sight: { ...sight, isReadOnly: true, connections: 95 } };
    expect(wrong(judgePostgres(full)).map(({ level }) => level)).toEqual(['error', 'warning']);
  });
});

describe('doctor on clocks', () => {
  const at = (nowMs: number, roundTripMs = 10) =>
    judgeClock({ of: 'Redis', nowMs, askedAt: 100_000, answeredAt: 100_000 + roundTripMs });

  it.each([
    ['right', 100_005, 'ok', /0 ms ahead of Redis \(give or take 5 ms\)/],
    ['a little behind', 100_305, 'ok', /300 ms behind Redis/],
    ['ahead', 95_005, 'warning', /5000 ms ahead of Redis/],
    ['far behind', 160_005, 'error', /60000 ms behind Redis.*tokens/],
  ] as const)('says when this one is %s', (_, nowMs, level, words) => {
    expect(at(nowMs)).toMatchObject({ level, finding: expect.stringMatching(words) });
  });

  it('blames no clock for a slow answer', () => {
    expect(at(101_000, 2_000).level).toBe('ok');
    expect(at(102_000, 2_000).level).toBe('ok');
  });
});

describe('doctor on apps', () => {
  const up = { status: 'UP', needed: true } as const;
  const app = (readiness: Parameters<typeof judgeApp>[0]['readiness']) =>
    judgeApp({ name: 'ws-gateway-1', url: 'http://x:9081', readiness, failure: 'refused' });

  it.each([
    ['ready', { status: 'UP', dependencies: { kafka: up } }, 'ok', 'ws-gateway-1 is ready'],
    ['away', null, 'error', 'does not answer at http://x:9081: refused'],
    ['starting', { status: 'OUT_OF_SERVICE', dependencies: {} }, 'error', 'starting or stopping'],
    [
      'doing less',
      { status: 'UP', dependencies: { kafka: up, redis: { status: 'DOWN', reason: 'gone', needed: false } } },
      'warning',
      'redis (gone)',
    ],
    [
      'not ready',
      { status: 'DOWN', dependencies: { kafka: { status: 'DOWN', reason: 'gone', needed: true } } },
      'error',
      'kafka (gone)',
    ],
  ] as const)('says that one is %s', (_, readiness, level, words) => {
    expect(app(readiness)).toMatchObject([{ level, finding: expect.stringContaining(words) }]);
  });
});
