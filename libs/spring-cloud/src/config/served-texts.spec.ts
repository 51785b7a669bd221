import { integer, optionalList, secret, setting, text } from '@chat/service-kit';
import { describe, expect, it } from 'vitest';
import { parseAnswer } from './answer.ts';
import { servedTextsOf } from './served-texts.ts';

const settings = {
  layout: setting('KAFKA_TOPIC_LAYOUT', text(''), 'layout', {
    under: 'chat.topics.',
    toText: (given, properties) => [given ?? 'none', ...[...properties].map((pair) => pair.join('='))].join(' '),
  }),
  size: setting('SIZE', integer({ min: 1, max: 9 }), 'how many'),
  origins: setting('CORS_ORIGINS', optionalList(), 'from where'),
  password: secret('DATABASE_PASSWORD', text(), 'secret'),
};

type Sources = Record<string, Record<string, unknown>>;
const served = (sources: Sources, environment: Record<string, string> = {}) =>
  Object.fromEntries(answered(sources, environment).texts);

function answered(sources: Sources, environment: Record<string, string>) {
  const propertySources = Object.entries(sources).map(([name, source]) => ({ name, source }));
  const answer = parseAnswer(JSON.stringify({ name: 'app', profiles: ['default'], propertySources }));
  return servedTextsOf(settings, answer, environment);
}

describe('what a config server gives to a setting', () => {
  it.each(['SIZE', 'size', 'Size'])('is the property of its relaxed name, such as %s', (name) => {
    expect(served({ file: { [name]: 3, other: 4 } })).toEqual({ SIZE: { key: name, text: '3', from: 'file' } });
  });

  it.each(['kafka.topic-layout', 'kafka.topicLayout', 'kafka.topic_layout', 'KAFKA_TOPIC_LAYOUT'])(
    'is the same by the name %s',
    (name) => {
      expect(served({ file: { [name]: 'x:1' } })['KAFKA_TOPIC_LAYOUT']?.text).toBe('x:1');
    },
  );

  it('comes from the first source that has it, the most specific one', () => {
    const sources = {
      'rooms-api.yml': { size: 1 },
      'application.yml': { SIZE: 2, 'cors-origins': 'https://a.example' },
    };
    expect(served(sources)).toMatchObject({
      SIZE: { text: '1', from: 'rooms-api.yml' },
      CORS_ORIGINS: { text: 'https://a.example', from: 'application.yml' },
    });
  });

  it('is one text of the items of a list, all from one source', () => {
    const sources = {
      first: { 'cors-origins[0]': 'https://a.example', 'cors-origins[1]': 'https://b.example' },
      second: { 'cors-origins[2]': 'https://c.example' },
    };
    expect(served(sources)['CORS_ORIGINS']?.text).toBe('https://a.example,https://b.example');
  });

  it('is made of a tree, whose branches may come from several sources, behind the text of its own name', () => {
    const first = { 'chat.topics.chat-messages.partitions': 24 };
    const second = { 'chat.topics.chat-messages.partitions': 3, 'chat.topics.chat-messages.replicas': 2 };
    const both = 'chat-messages.partitions=24 chat-messages.replicas=2';
    expect(served({ first, second })['KAFKA_TOPIC_LAYOUT']).toEqual({ text: `none ${both}`, from: 'first and second' });
    const given = { 'kafka.topic-layout': 'x:1', ...second, ...first };
    expect(served({ given })['KAFKA_TOPIC_LAYOUT']).toEqual({ text: `x:1 ${both}`, from: 'given' });
  });

  it('has its placeholders filled from the environment, else from other properties', () => {
    const file = { 'database.password': '${DB_PASSWORD}', size: '${chat.size}', 'chat.size': '${CHAT_SIZE:5}' };
    expect(served({ file }, { DB_PASSWORD: 'hunter2' })).toMatchObject({
      DATABASE_PASSWORD: { text: 'hunter2' },
      SIZE: { text: '5' },
    });
    expect(served({ file }, { DB_PASSWORD: 'hunter2', CHAT_SIZE: '7' })['SIZE']?.text).toBe('7');
  });

  it('is refused with every placeholder that stands for nothing, but only where a setting needs it', () => {
    const file = { size: '${A}', 'database.password': '${B}', other: '${C}' };
    expect(() => served({ file })).toThrow(
      'SIZE needs ${A}, which nothing sets (from file)\n  DATABASE_PASSWORD needs ${B}, which nothing sets (from file)',
    );
  });

  it('is nothing where the environment has one, so that no placeholder of it is missed, and that is told', () => {
    const file = { size: '${A}', 'database.password': '${B}', 'chat.topics.chat-messages.partitions': 24 };
    const { texts, overruled } = answered({ file }, { SIZE: '3', DATABASE_PASSWORD: 'x', KAFKA_TOPIC_LAYOUT: 'y:1' });
    expect([...texts]).toEqual([]);
    expect(overruled).toEqual(['KAFKA_TOPIC_LAYOUT', 'SIZE', 'DATABASE_PASSWORD']);
    expect(served({ file: { size: 3 } }, { SIZE: '' })['SIZE']?.text).toBe('3');
  });

  it('leaves out what has no value', () => {
    expect(served({ file: { size: null } })).toEqual({});
  });
});

describe('an answer', () => {
  it.each([
    '<html>',
    '{}',
    '{"propertySources": [{"name": "a"}]}',
    '{"propertySources": [{"name": "a", "source": {"b": {}}}]}',
  ])('is refused where it is %s', (body) => {
    expect(() => parseAnswer(body)).toThrow(/^is no answer of a config server/);
  });
});
