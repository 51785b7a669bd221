import { readConfig } from '@chat/service-kit';
import { describe, expect, it } from 'vitest';
import { kafkaSettings } from './settings.ts';
import { parseTopicLayout, planTopics, topicLayoutText } from './topic-layout.ts';

const layoutOf = (text: string) => {
  const parsed = parseTopicLayout(text);
  if (!parsed.ok) throw new Error(parsed.problem);
  return parsed.layout;
};

describe('the layout of topics', () => {
  it('is the table of contracts where configuration says nothing', () => {
    const plans = planTopics(layoutOf(''), 3);
    expect(plans).toHaveLength(14);
    expect(plans.find(({ topic }) => topic === 'chat-messages')).toMatchObject({ partitions: 12, replicas: 3 });
    expect(plans.find(({ topic }) => topic === 'chat-messages.dlq')).toMatchObject({ partitions: 1, replicas: 3 });
  });

  it('takes partitions, and replicas where given, from configuration', () => {
    const plans = planTopics(layoutOf('chat-messages:24:2, room-events.dlq:2'), 3);
    expect(plans.find(({ topic }) => topic === 'chat-messages')).toMatchObject({ partitions: 24, replicas: 2 });
    expect(plans.find(({ topic }) => topic === 'room-events.dlq')).toMatchObject({ partitions: 2, replicas: 3 });
  });

  it('asks for two in-sync replicas where one may be lost, and never for an unclean leader', () => {
    const [three] = planTopics(layoutOf(''), 3);
    const [one] = planTopics(layoutOf(''), 1);
    expect(three?.config).toMatchObject({ 'min.insync.replicas': '2', 'unclean.leader.election.enable': 'false' });
    expect(one?.config).toMatchObject({ 'min.insync.replicas': '1' });
  });

  it.each([
    ['chat-messages', '"chat-messages" is not topic:partitions[:replicas] or topic::replicas'],
    ['chat-message:3', '"chat-message" is no topic of this system'],
    ['chat-messages:0', 'chat-messages needs 1 to 10000 partitions'],
    ['room-feed:1', 'room-feed needs 2 to 10000 partitions'],
    ['chat-messages:3:0', 'chat-messages needs 1 to 9 replicas'],
    ['room-events:1,room-events:2', 'room-events is named twice'],
  ])('refuses %j', (text, problem) => {
    expect(parseTopicLayout(text)).toEqual({ ok: false, problem });
    expect(() => readConfig(kafkaSettings, { KAFKA_BROKERS: 'a:1', KAFKA_TOPIC_LAYOUT: text })).toThrow(problem);
  });

  it('takes replicas alone, and the partitions of the contracts with them', () => {
    const plans = planTopics(layoutOf('chat-messages::2'), 3);
    expect(plans.find(({ topic }) => topic === 'chat-messages')).toMatchObject({ partitions: 12, replicas: 2 });
  });

  it('may be given topic by topic, beside its own text', () => {
    const properties = new Map([
      ['chat-messages.partitions', '24'],
      ['chat-messages.replicas', '2'],
      ['chat-messages.dlq.partitions', '3'],
      ['room-events.replicas', '1'],
    ]);
    const text = topicLayoutText('session-events:4', properties);
    expect(text).toBe('session-events:4,chat-messages:24:2,chat-messages.dlq:3,room-events::1');
    expect(layoutOf(text).size).toBe(4);
  });

  it.each([
    ['chat-messages.partitons', '"chat-messages.partitons=3" is not topic:partitions[:replicas] or topic::replicas'],
    ['chat-message.partitions', '"chat-message" is no topic of this system'],
    ['session-events.partitions', 'session-events is named twice'],
  ])('refuses a branch %s', (name, problem) => {
    expect(parseTopicLayout(topicLayoutText('session-events:4', new Map([[name, '3']])))).toEqual({
      ok: false,
      problem,
    });
  });

  it('needs nothing but the brokers', () => {
    expect(readConfig(kafkaSettings, { KAFKA_BROKERS: 'a:9092, b:9092' })).toMatchObject({
      brokers: ['a:9092', 'b:9092'],
      topicPrefix: '',
      replicas: 3,
      topicLayout: '',
      createTopics: true,
    });
    expect(() => readConfig(kafkaSettings, {})).toThrow('KAFKA_BROKERS is required');
  });
});
