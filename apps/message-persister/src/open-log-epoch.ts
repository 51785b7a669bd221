import { openDatabase, type LogEpoch, type LogTopic, type Repositories } from '@chat/database';
import { inspectLog, KafkaClient, TopicCatalog } from '@chat/kafka';
import { ServiceGroup, type CommandContext } from '@chat/service-kit';
import { CONSUMER_GROUP } from './chat-messages-consumer.ts';
import type { MessagePersisterConfig } from './config.ts';
import { planNextEpoch, type EpochPlan } from './next-epoch.ts';

/** Longest wait for connections to close, in ms. */
const STOP_DEADLINE_MS = 5_000;

/**
 * The operator's command after `chat-messages` was made anew, or got other partitions: closes the open log epoch and opens the
 * next for the topic as it is now. Does nothing where the open epoch fits; throws a sentence while a persister runs.
 */
export async function openLogEpoch(config: MessagePersisterConfig, { logger, say }: CommandContext): Promise<void> {
  const client = new KafkaClient({ ...config, clientId: 'open-log-epoch', logger });
  const catalog = new TopicCatalog({ ...config, client, logger });
  const database = openDatabase({ ...config, applicationName: 'open-log-epoch', logger });
  const services = new ServiceGroup([[catalog, database]], logger);
  try {
    await services.start();
    const topic = catalog.describe('chat-messages');
    const inspect = (positions: Parameters<typeof inspectLog>[0]['positions']) =>
      inspectLog({ client, topic: 'chat-messages', groupId: CONSUMER_GROUP, positions, logger });
    await openNext(database.repositories, topic, inspect, say);
  } finally {
    await services.stop(STOP_DEADLINE_MS);
  }
}

async function openNext(
  { logEpochs, persistedMessages }: Pick<Repositories, 'logEpochs' | 'persistedMessages'>,
  topic: LogTopic,
  inspect: (positions: Parameters<typeof inspectLog>[0]['positions']) => ReturnType<typeof inspectLog>,
  say: CommandContext['say'],
): Promise<void> {
  const open = await logEpochs.findOpen();
  if (open === null) return say('No log epoch is open: message-persister opens the first one at its first start.');
  const positions = await persistedMessages.listPositions(open.epoch);
  const { memberCount, ...found } = await inspect(positions);
  const plan = planNextEpoch({ open, topic, positions, ...found });
  if (plan.problems.length === 0) return say(`Log epoch ${open.epoch} fits ${topic.name}: nothing to do.`);
  if (memberCount > 0)
    throw new Error(`${memberCount} in the group read the log: stop message-persister, wait 10 s, try again`);
  const epoch = await logEpochs.openNext({ closing: open.epoch, topic, carried: plan.carried });
  if (epoch === null) throw new Error(`log epoch ${open.epoch} was closed by somebody else just now`);
  for (const line of reportOf(open, epoch, topic, plan)) say(line);
}

function reportOf(open: LogEpoch, epoch: number, topic: LogTopic, plan: EpochPlan): readonly string[] {
  const carried = plan.carried.length;
  const lines = [
    ...plan.problems.map((problem) => `Found: ${problem}.`),
    `Log epoch ${open.epoch} is closed. Log epoch ${epoch} is open for ${topic.name} with ${topic.partitionCount} partitions.`,
    `${carried} of them go on where they were, ${topic.partitionCount - carried} begin at the start of their log.`,
  ];
  if (plan.unstoredCount === 0 || open.topic.partitionCount === topic.partitionCount) return lines;
  const moved = `${plan.unstoredCount} records from before are not stored yet; those of rooms that lie on another partition`;
  return [...lines, `${moved} now will be set aside in ${topic.name}.dlq.`];
}
