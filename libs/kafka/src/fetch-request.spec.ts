import { createRequire } from 'node:module';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fetchRequest } from './fetch-request.ts';

const fetchAsKafkajs = createRequire(import.meta.url)(
  'kafkajs/src/protocol/requests/fetch/v11/request.js',
) as typeof fetchRequest; // an internal file without types

const int32 = fc.integer({ min: -1, max: 2 ** 31 - 1 });
const partition = fc.record({
  partition: int32,
  fetchOffset: fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }).map(String),
  maxBytes: int32,
});
const fields = fc.record(
  {
    replicaId: fc.constant(-1),
    maxWaitTime: int32,
    minBytes: int32,
    maxBytes: int32,
    isolationLevel: fc.constantFrom(0, 1),
    rackId: fc.string(),
    topics: fc.array(
      fc.record({ topic: fc.string({ unit: 'binary' }), partitions: fc.array(partition, { maxLength: 20 }) }),
      { maxLength: 5 },
    ),
  },
  { requiredKeys: ['replicaId', 'maxWaitTime', 'minBytes', 'maxBytes', 'topics'] },
);

describe('a fetch', () => {
  it('has the bytes that kafkajs gives it', async () => {
    await fc.assert(
      fc.asyncProperty(fields, async (asked) => {
        const [ours, theirs] = [fetchRequest(asked), fetchAsKafkajs(asked)];
        expect((await ours.encode()).buffer).toEqual((await theirs.encode()).buffer);
        expect({ ...ours, encode: null }).toEqual({ ...theirs, encode: null });
      }),
      { numRuns: 500 },
    );
  });
});
