import { describe, expect, it } from 'vitest';
import { findTopicFaults, judgedSettings, type FoundTopic } from './topic-faults.ts';
import { parseTopicLayout, planTopics, type TopicPlan } from './topic-layout.ts';

const planOf = (replicas: number): TopicPlan => {
  const parsed = parseTopicLayout('');
  const plan = parsed.ok
    ? planTopics(parsed.layout, replicas).find(({ topic }) => topic === 'chat-messages')
    : undefined;
  if (plan === undefined) throw new Error('there is no plan of chat-messages');
  return plan;
};

/** The topic as the plan would make it, with what a test says differently. */
function found(plan: TopicPlan, { settings = {}, ...facts }: Readonly<Record<string, unknown>> = {}): FoundTopic {
  const all: Record<string, string> = { 'cleanup.policy': 'delete', ...plan.config, ...(settings as object) };
  return {
    leaderless: [],
    settings: new Map(Object.entries(all)),
    facts: {
      partitions: plan.partitions,
      replicas: plan.replicas,
      minInsyncReplicas: Number(all['min.insync.replicas']),
      uncleanLeaderElection: all['unclean.leader.election.enable'] === 'true',
      maxMessageBytes: 1_048_588,
      ...facts,
    },
  };
}

describe('the faults of a topic', () => {
  const plan = planOf(3);

  it('are none where it is as apps would make it', () => {
    expect(findTopicFaults(plan, found(plan))).toEqual([]);
  });

  it('are that it is missing, and nothing else', () => {
    expect(findTopicFaults(plan, null)).toEqual([{ kind: 'MISSING', harm: 'STOPS' }]);
  });

  it('name the partitions without a leader', () => {
    expect(findTopicFaults(plan, { ...found(plan), leaderless: [3, 4] })).toEqual([
      { kind: 'LEADERLESS', harm: 'STOPS', partitions: [3, 4] },
    ]);
  });

  it('are fewer replicas than configured, but not more of them', () => {
    expect(findTopicFaults(plan, found(plan, { replicas: 2 }))).toEqual([
      { kind: 'REPLICAS', harm: 'LOSES', wanted: 3, found: 2 },
    ]);
    expect(findTopicFaults(plan, found(plan, { replicas: 5 }))).toEqual([]);
  });

  it('are another number of partitions, which apps live with', () => {
    expect(findTopicFaults(plan, found(plan, { partitions: 24 }))).toEqual([
      { kind: 'PARTITIONS', harm: 'DIFFERS', wanted: 12, found: 24 },
    ]);
  });

  it.each([
    ['compaction', 'cleanup.policy', 'compact', 'delete', 'LOSES'],
    ['a leader that has not all records', 'unclean.leader.election.enable', 'true', 'false', 'LOSES'],
    ['acknowledgement by one replica', 'min.insync.replicas', '1', '2', 'LOSES'],
    ['acknowledgement by more replicas than there are', 'min.insync.replicas', '4', '2', 'STOPS'],
    ['acknowledgement by all replicas', 'min.insync.replicas', '3', '2', 'DIFFERS'],
    ['another time to keep records', 'retention.ms', '1000', '1209600000', 'DIFFERS'],
  ])('are %s', (_, setting, value, wanted, harm) => {
    expect(findTopicFaults(plan, found(plan, { settings: { [setting]: value } }))).toEqual([
      { kind: 'SETTING', harm, setting, wanted, found: value },
    ]);
  });

  it('are that all hangs on one broker, where that was configured', () => {
    expect(findTopicFaults(planOf(1), found(planOf(1)))).toEqual([{ kind: 'ONE_BROKER', harm: 'WEAK' }]);
  });

  it('are judged by every setting that a plan has, and by how records are cleaned up', () => {
    expect(judgedSettings(plan)).toEqual([
      'retention.ms',
      'segment.ms',
      'min.insync.replicas',
      'unclean.leader.election.enable',
      'cleanup.policy',
    ]);
  });
});
