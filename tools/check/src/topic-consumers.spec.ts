import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PRIVATE_TOPICS, TOPICS } from '@chat/kafka-contracts';
import { describe, expect, it } from 'vitest';

const APPS_DIR = join(import.meta.dirname, '../../../apps');
const CONSUMERS = /new (?:GroupConsumer|LogReader)\(\{(.*?)\n {2,4}\}\)/gs;

/** The topics that a consumer is made for in this source, by their text or by a constant of the file. */
function topicsReadIn(source: string): readonly string[] {
  const constants = new Map(
    Array.from(source.matchAll(/^const ([A-Z_]+) = '([a-z-]+)'/gm), ([, name, text]) => [name, text]),
  );
  return Array.from(source.matchAll(CONSUMERS)).flatMap(([consumer, options = '']) => {
    const [, topics = ''] = /\btopics?: \[?([^\]\n]+)/.exec(options) ?? [];
    const read = topics.split(',').flatMap((each) => {
      const [, text, name] = /'([a-z-]+)'|([A-Z_]+)/.exec(each) ?? [];
      return text ?? constants.get(name) ?? [];
    });
    if (read.length === 0) throw new Error(`nobody can tell what this reads: ${consumer}`);
    return read;
  });
}

/** `topic app`, for each topic that an app has a consumer of. */
function readings(): ReadonlySet<string> {
  const found = new Set<string>();
  for (const path of globSync('*/src/**/*.ts', { cwd: APPS_DIR, exclude: ['chat-e2e/**', '**/*.spec.ts'] })) {
    const [app = ''] = path.split('/');
    for (const topic of topicsReadIn(readFileSync(join(APPS_DIR, path), 'utf8'))) found.add(`${topic} ${app}`);
  }
  return found;
}

describe('the table of topics', () => {
  it('has every app that reads a topic, and no other, so that rights given by it are enough and no more', () => {
    const inTable = Object.entries(TOPICS).flatMap(([topic, { consumers }]) =>
      consumers.filter((consumer) => consumer !== 'others').map((app) => `${topic} ${app}`),
    );
    const internal = Object.keys(PRIVATE_TOPICS).map((topic) => `${topic} ws-gateway`);
    expect([...readings()].toSorted()).toEqual([...inTable, ...internal].toSorted());
  });
});
