import type { JsonSchema } from '@chat/dto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { breaksBetween } from './schema-breaks.ts';
import { validatorOf } from './validator.ts';

const openSet = (...values: string[]) => ({ type: 'string', anyOf: [{ enum: values }, { pattern: '^[A-Z]+$' }] });

/** Schemas of a field that differ in one thing or another; null where the object does not have it. */
const FIELDS: readonly (JsonSchema | null)[] = [
  null,
  { type: 'integer' },
  { type: 'integer', minimum: 1 },
  { type: 'number' },
  { type: 'string' },
  { type: 'string', maxLength: 1 },
  { type: 'string', pattern: '^A' },
  { type: 'string', enum: ['A'] },
  { type: 'string', enum: ['A', 'B'] },
  openSet('A'),
  openSet('A', 'B'),
  { type: 'array', items: { type: 'string' } },
  { type: 'array', items: { type: 'string' }, maxItems: 1 },
  { type: 'object', properties: { A: { type: 'string' } }, required: ['A'] },
  { type: 'object', properties: { A: { type: 'string' }, B: { type: 'string' } }, required: ['A'] },
  { anyOf: [{ type: 'integer' }, { type: 'string', maxLength: 1 }] },
];
/** Values that some of them take and others refuse; undefined where it is left out. */
const VALUES = [
  undefined,
  0,
  1,
  1.5,
  '',
  'A',
  'B',
  'AB',
  'x',
  'LATER',
  [],
  ['A'],
  ['A', 'B'],
  [1],
  {},
  { A: 'A' },
  { A: 'A', B: 'B' },
  true,
];

interface Shape {
  readonly field: JsonSchema | null;
  readonly isRequired: boolean;
}
const NAMES = ['one', 'two'] as const;
const shape = fc.record({ field: fc.constantFrom(...FIELDS), isRequired: fc.boolean() });
/** A field before and after: mostly left as it was, so that many pairs are compatible. */
const change = fc.tuple(shape, fc.option(shape, { freq: 2 })).map(([older, other]) => [older, other ?? older] as const);
const value = fc.constantFrom(...VALUES);

function schemaOf(shapes: readonly Shape[]): JsonSchema {
  const fields = NAMES.map((name, at) => ({ name, ...shapes[at] })).filter(({ field }) => field !== null);
  return {
    type: 'object',
    properties: Object.fromEntries(fields.map(({ name, field }) => [name, field])),
    required: fields.filter(({ isRequired }) => isRequired).map(({ name }) => name),
  };
}

/** The values as objects that a writer of this schema writes: fields that it knows, of which it has some. */
function writtenBy(schema: JsonSchema, values: readonly (readonly unknown[])[]): readonly object[] {
  const isValid = validatorOf(schema);
  const known = Object.keys(schema['properties'] ?? {});
  return values
    .map((fields) =>
      Object.fromEntries(
        NAMES.map((name, at) => [name, fields[at]] as const).filter(
          ([name, one]) => known.includes(name) && one !== undefined,
        ),
      ),
    )
    .filter((object) => isValid(object) === null);
}

describe('two schemas between which nothing breaks', () => {
  it.each([
    ['take what each other writes', false],
    ['take what older writers write, where they are of a request', true],
  ] as const)('%s', (_, isRequest) => {
    let compatibleCount = 0;
    fc.assert(
      fc.property(
        fc.tuple(change, change),
        fc.array(fc.tuple(value, value), { minLength: 20, maxLength: 20 }),
        (changes, values) => {
          const [older, newer] = [0, 1].map((version) =>
            schemaOf(changes.map((versions) => versions[version] as Shape)),
          ) as [JsonSchema, JsonSchema]; // of two versions
          if (breaksBetween({ name: 'DTO', older, newer, isRequest }).length > 0) return;
          compatibleCount += 1;
          const refused = (reader: JsonSchema, writer: JsonSchema) => {
            const problemOf = validatorOf(reader);
            return writtenBy(writer, values).filter((object) => problemOf(object) !== null);
          };
          expect(refused(newer, older)).toEqual([]);
          if (!isRequest) expect(refused(older, newer)).toEqual([]);
        },
      ),
      { numRuns: 1_000 },
    );
    expect(compatibleCount).toBeGreaterThan(50);
  });
});
