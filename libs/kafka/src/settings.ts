import { flag, integer, list, setting, type Settings } from '@chat/service-kit';
import { z } from 'zod';
import { parseTopicLayout, topicLayoutText } from './topic-layout.ts';

const layoutText = z
  .string()
  .default('')
  .superRefine((value, context) => {
    const layout = parseTopicLayout(value);
    if (!layout.ok) context.addIssue({ code: 'custom', message: layout.problem });
  });

/** Legal characters of a topic name; a prefix ends up in front of one. */
const prefixText = z
  .string()
  .regex(/^[a-zA-Z0-9._-]{0,100}$/, { error: 'must be at most 100 letters, digits, dots, dashes or underscores' })
  .default('');

/** The environment of everything that talks to Kafka. */
export const kafkaSettings = {
  brokers: setting('KAFKA_BROKERS', list(), 'host:port of the brokers to start from, comma-separated'),
  topicPrefix: setting('KAFKA_TOPIC_PREFIX', prefixText, 'put before the name of every topic and consumer group'),
  replicas: setting('KAFKA_REPLICAS', integer({ min: 1, max: 9, default: 3 }), 'replicas of the topics it creates'),
  topicLayout: setting(
    'KAFKA_TOPIC_LAYOUT',
    layoutText,
    'topics that differ from the defaults, as topic:partitions[:replicas] or topic::replicas, comma-separated',
    { under: 'chat.topics.', toText: topicLayoutText },
  ),
  createTopics: setting('KAFKA_CREATE_TOPICS', flag(true), 'whether missing topics are created at start'),
} as const satisfies Settings;
