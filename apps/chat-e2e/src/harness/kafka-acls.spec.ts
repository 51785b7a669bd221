import { deadLetterTopicOf, PRIVATE_TOPICS, TOPIC_NAMES, TOPICS } from '@chat/kafka-contracts';
import { describe, expect, it } from 'vitest';
import { DATABASE_APPS } from './app-logins.ts';
import { readAppRights } from './kafka-acls.ts';

const rights = readAppRights();
const topicsOf = (app: string, wanted: string) =>
  rights
    .filter((right) => right.app === app && right.operation === wanted && right.resource === 'topic')
    .map(({ name }) => name)
    .toSorted();
const dlqs = TOPIC_NAMES.map(deadLetterTopicOf);
const privateTopics = Object.keys(PRIVATE_TOPICS);

describe('the ACLs of the apps at Kafka', () => {
  it.each(DATABASE_APPS)('let %s look at every topic, and make those that are missing', (app) => {
    const all = [...TOPIC_NAMES, ...dlqs, ...(app === 'ws-gateway' ? privateTopics : [])].toSorted();
    for (const operation of ['Describe', 'DescribeConfigs', 'Create']) expect(topicsOf(app, operation)).toEqual(all);
  });

  it.each(DATABASE_APPS)('let %s read what the table of topics says that it reads, and no more', (app) => {
    const read = TOPIC_NAMES.filter((topic) => TOPICS[topic].consumers.some((consumer) => consumer === app));
    expect(topicsOf(app, 'Read')).toEqual([...read, ...(app === 'ws-gateway' ? privateTopics : [])].toSorted());
  });

  it.each(['presence-worker', 'message-persister'])('let %s set aside what it reads', (app) => {
    const setAside = topicsOf(app, 'Read').map((topic) => `${topic}.dlq`);
    expect(topicsOf(app, 'Write').filter((topic) => topic.endsWith('.dlq'))).toEqual(setAside);
  });

  it('name no pattern for all', () => {
    expect(rights.filter(({ name }) => name === '*' || name === '')).toEqual([]);
  });
});
