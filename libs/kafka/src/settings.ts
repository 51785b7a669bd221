import {
  choice,
  flag,
  integer,
  list,
  optionalText,
  pemOrFile,
  secret,
  setting,
  type Settings,
} from '@chat/service-kit';
import { z } from 'zod';
import { parseTopicLayout, topicLayoutText } from './topic-layout.ts';

const layoutText = z
  .string()
  .default('')
  .superRefine((value, context) => {
    const layout = parseTopicLayout(value);
    if (!layout.ok) context.addIssue({ code: 'custom', message: layout.problem });
  });

/** How one may log in at the brokers, as this configuration spells it. */
export const SASL_MECHANISMS = ['none', 'plain', 'scram-sha-256', 'scram-sha-512'] as const;

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
  kafkaTls: setting(
    'KAFKA_TLS',
    flag(false),
    'whether brokers are spoken to over TLS, and their certificates verified',
  ),
  kafkaTlsCa: setting(
    'KAFKA_TLS_CA',
    pemOrFile(),
    "PEM certificates of who vouches for the brokers, or their file's path; left out: whom Node trusts",
  ),
  kafkaTlsCert: setting(
    'KAFKA_TLS_CERT',
    pemOrFile(),
    "PEM certificate that is shown to brokers which ask for one, or its file's path",
  ),
  kafkaTlsKey: secret('KAFKA_TLS_KEY', pemOrFile(), "PEM key of KAFKA_TLS_CERT, or its file's path"),
  kafkaSaslMechanism: setting(
    'KAFKA_SASL_MECHANISM',
    choice(SASL_MECHANISMS, 'none'),
    `how to log in at the brokers: ${SASL_MECHANISMS.join(', ')}; plain only over TLS`,
  ),
  kafkaSaslUsername: setting('KAFKA_SASL_USERNAME', optionalText(), 'who logs in at the brokers'),
  kafkaSaslPassword: secret('KAFKA_SASL_PASSWORD', optionalText(), 'and the password'),
} as const satisfies Settings;
