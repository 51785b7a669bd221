import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TOPIC_NAMES } from '@chat/kafka-contracts';
import { Parser } from '@asyncapi/parser';
import { describe, expect, it } from 'vitest';

const text = readFileSync(join(import.meta.dirname, '../../../../docs/asyncapi.json'), 'utf8');

const { document, diagnostics } = await new Parser().parse(text);

describe('docs/asyncapi.json', () => {
  it('is an AsyncAPI document of version 3, of which the parser has nothing to say', () => {
    expect(diagnostics.map(({ code, message, path }) => `${code} at ${path.join('.')}: ${message}`)).toEqual([]);
    expect(document?.version()).toMatch(/^3\./);
  });

  it('has every topic, and dead letters', () => {
    const channels = document?.channels().all() ?? [];
    expect(channels.map((channel) => channel.address())).toEqual(
      expect.arrayContaining([...TOPIC_NAMES, '{topic}.dlq']),
    );
  });
});
