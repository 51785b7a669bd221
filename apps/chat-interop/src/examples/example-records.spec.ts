import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { MessageDTO } from '@chat/dto';
import { decodeMessageRecord } from '@chat/kafka-contracts';
import { describe, expect, it } from 'vitest';
import { exampleRecords, problemsIn } from './example-records.ts';

const FIXTURES = join(import.meta.dirname, '../../../../libs/dto/fixtures/MessageDTO.json');
const RECORDS = exampleRecords(JSON.parse(readFileSync(FIXTURES, 'utf8')) as Record<string, MessageDTO>);
const bytes = (value: Uint8Array | string | null) => (typeof value === 'string' ? Buffer.from(value) : value);

describe('the records that examples read', () => {
  it.each(RECORDS)('count here exactly where examples are to find them valid: $about', ({ key, value, expected }) => {
    const { ok } = decodeMessageRecord({ key: bytes(key), value: bytes(value) }, 0, 1);
    expect(ok).toBe(expected === 'valid');
  });
});

describe('what an example prints', () => {
  const lines = RECORDS.map(({ expected }, offset) => `0:${offset} ${expected}: because`);

  it('is right where each record is judged as expected, whatever else is printed', () => {
    expect(problemsIn(['WARN something', ...lines].join('\n'), RECORDS)).toEqual([]);
  });

  it('is wrong where a record is left out, or judged in another way', () => {
    const wrong = lines.slice(1).with(0, '0:1 refused: because').join('\n');
    expect(problemsIn(wrong, RECORDS)).toEqual([
      'the record text: nothing was said of it',
      expect.stringMatching(/^the record .+: valid was expected, it says 0:1 refused/),
    ]);
  });
});
