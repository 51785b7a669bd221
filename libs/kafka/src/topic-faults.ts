import type { TopicPlan } from './topic-layout.ts';
import { isWeak, type KafkaSettings, type TopicFacts } from './topic-facts.ts';

/**
 * What a difference does: STOPS work on the topic, LOSES what was promised to be kept, only DIFFERS from what apps would
 * make, or is a WEAK spot that was configured.
 */
export type TopicHarm = 'STOPS' | 'LOSES' | 'DIFFERS' | 'WEAK';

/** One thing by which a topic is not what the apps rely on. */
export type TopicFault = { readonly harm: TopicHarm } & (
  | { readonly kind: 'MISSING' }
  | { readonly kind: 'LEADERLESS'; readonly partitions: readonly number[] }
  | { readonly kind: 'PARTITIONS' | 'REPLICAS'; readonly wanted: number; readonly found: number }
  | { readonly kind: 'SETTING'; readonly setting: string; readonly wanted: string; readonly found: string }
  | { readonly kind: 'ONE_BROKER' }
);

/** A topic as the cluster has it. */
export interface FoundTopic {
  readonly facts: TopicFacts;
  readonly leaderless: readonly number[];
  readonly settings: KafkaSettings;
}

const CLEANUP_POLICY = 'cleanup.policy';
const MIN_INSYNC = 'min.insync.replicas';
const UNCLEAN = 'unclean.leader.election.enable';
/** A room's key is on each of its messages: compaction would keep the last one alone. */
const KEEPS_ALL = 'delete';

/** Names of Kafka's settings that the judgement needs of a topic. */
export function judgedSettings({ config }: Pick<TopicPlan, 'config'>): readonly string[] {
  return [...Object.keys(config), CLEANUP_POLICY];
}

/** Everything by which a topic differs from its plan, or from what any plan must be; nothing of one that is as it should be. */
export function findTopicFaults(plan: TopicPlan, found: FoundTopic | null): readonly TopicFault[] {
  if (found === null) return [{ kind: 'MISSING', harm: 'STOPS' }];
  const { facts, leaderless, settings } = found;
  const faults: TopicFault[] = [];
  if (leaderless.length > 0) faults.push({ kind: 'LEADERLESS', harm: 'STOPS', partitions: leaderless });
  if (facts.partitions !== plan.partitions) {
    faults.push({ kind: 'PARTITIONS', harm: 'DIFFERS', wanted: plan.partitions, found: facts.partitions });
  }
  if (facts.replicas < plan.replicas) {
    faults.push({ kind: 'REPLICAS', harm: 'LOSES', wanted: plan.replicas, found: facts.replicas });
  }
  faults.push(...settingFaults(plan, facts, settings));
  if (faults.every(({ harm }) => harm !== 'LOSES') && isWeak(facts)) faults.push({ kind: 'ONE_BROKER', harm: 'WEAK' });
  return faults;
}

function settingFaults(plan: TopicPlan, facts: TopicFacts, settings: KafkaSettings): readonly TopicFault[] {
  const wantedSettings = { [CLEANUP_POLICY]: KEEPS_ALL, ...plan.config };
  return Object.entries(wantedSettings).flatMap(([setting, wanted]): TopicFault[] => {
    const found = settings.get(setting);
    if (found === undefined || found === wanted) return [];
    return [{ kind: 'SETTING', harm: harmOf({ setting, wanted, found }, facts), setting, wanted, found }];
  });
}

function harmOf(
  { setting, wanted, found }: { readonly setting: string; readonly wanted: string; readonly found: string },
  { replicas }: TopicFacts,
): TopicHarm {
  if (setting === CLEANUP_POLICY || setting === UNCLEAN) return 'LOSES';
  if (setting !== MIN_INSYNC) return 'DIFFERS';
  if (Number(found) > replicas) return 'STOPS';
  return Number(found) < Number(wanted) ? 'LOSES' : 'DIFFERS';
}
