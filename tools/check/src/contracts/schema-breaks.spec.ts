import { jsonSchemasOf, openSet } from '@chat/dto';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { breaksBetween, breakText } from './schema-breaks.ts';

const closed = (...values: [string, ...string[]]) => z.enum(values);
const person = { id: z.number(), name: z.string() };

function breaks(older: z.ZodType, newer: z.ZodType, isRequest = false): readonly string[] {
  const [one, other] = [older, newer].map((DTO) => jsonSchemasOf({ DTO }, () => 'DTO')['DTO'] ?? {}) as [
    object,
    object,
  ];
  return breaksBetween({ name: 'DTO', older: one, newer: other, isRequest } as Parameters<typeof breaksBetween>[0]).map(
    breakText,
  );
}
const field = (a: z.ZodType) => z.object({ ...person, a });
const optional = (a: z.ZodType) => z.object({ ...person, a: a.optional() });

/** What changed, the schema before and after, the beginning of the sentence for readers of any version, and for requests. */
type Row = readonly [string, z.ZodType, z.ZodType, string | null, string | null];

const FORBIDDEN: readonly Row[] = [
  [
    'a required field is added',
    z.object(person),
    field(z.string()),
    'DTO.a: the field became required',
    'DTO.a: the field became required',
  ],
  [
    'a field becomes required',
    optional(z.string()),
    field(z.string()),
    'DTO.a: the field became required',
    'DTO.a: the field became required',
  ],
  ['a field becomes optional', field(z.string()), optional(z.string()), 'DTO.a: the field is no longer required', null],
  [
    'an optional field is removed',
    optional(z.string()),
    z.object(person),
    'DTO.a: the field was removed or renamed',
    'DTO.a: the field was removed',
  ],
  [
    'the type changes',
    field(z.string()),
    field(z.number()),
    'DTO.a: the type changed from string to number',
    'DTO.a: the type changed',
  ],
  [
    'a number becomes an integer',
    field(z.number()),
    field(z.int()),
    'DTO.a: the type changed from number to integer',
    'DTO.a: the type changed',
  ],
  [
    'a value may be null now',
    field(z.string()),
    field(z.string().nullable()),
    'DTO.a: the type changed from string to ["string","null"]',
    'DTO.a: the type',
  ],
  [
    'a value is added to a closed set',
    field(closed('A')),
    field(closed('A', 'B')),
    'DTO.a: the value B was added to a closed set',
    null,
  ],
  [
    'a value is removed from a closed set',
    field(closed('A', 'B')),
    field(closed('A')),
    'DTO.a: the value B was removed',
    'DTO.a: the value B was removed',
  ],
  [
    'a value is removed from an open set',
    field(openSet(['A', 'B'])),
    field(openSet(['A'])),
    'DTO.a: the value B was removed',
    'DTO.a: the value B was removed',
  ],
  [
    'a closed set becomes open',
    field(closed('A')),
    field(openSet(['A'])),
    'DTO.a: the set of values became an open one',
    'DTO.a: the set',
  ],
  [
    'an open set becomes closed',
    field(openSet(['A'])),
    field(closed('A')),
    'DTO.a: the open set became a closed one',
    'DTO.a: the open set',
  ],
  [
    'any text becomes a set',
    field(z.string()),
    field(closed('A')),
    'DTO.a: only some values are allowed',
    'DTO.a: only some',
  ],
  [
    'a set becomes any text',
    field(closed('A')),
    field(z.string()),
    'DTO.a: any value became allowed',
    'DTO.a: any value',
  ],
  [
    'a limit becomes lower',
    field(z.string().max(9)),
    field(z.string().max(8)),
    'DTO.a: maxLength changed from 9 to 8, and older writers',
    'DTO.a: maxLength',
  ],
  [
    'a limit becomes higher',
    field(z.string().max(8)),
    field(z.string().max(9)),
    'DTO.a: maxLength changed from 8 to 9, and older readers',
    null,
  ],
  [
    'a limit is added',
    field(z.array(z.string())),
    field(z.array(z.string()).max(5)),
    'DTO.a: maxItems changed from none to 5',
    'DTO.a: maxItems',
  ],
  [
    'a lower limit rises',
    field(z.number().min(1)),
    field(z.number().min(2)),
    'DTO.a: minimum changed from 1 to 2, and older writers',
    'DTO.a: minimum',
  ],
  [
    'a pattern changes',
    field(z.string().regex(/^a$/)),
    field(z.string().regex(/^b$/)),
    'DTO.a: pattern changed from ^a$ to ^b$',
    'DTO.a: pattern',
  ],
  [
    'a constant changes',
    field(z.literal('a')),
    field(z.literal('b')),
    'DTO.a: const changed from a to b',
    'DTO.a: const',
  ],
  [
    'a default changes',
    field(z.string().default('a')),
    field(z.string().default('b')),
    'DTO.a: default changed from a to b',
    'DTO.a: default',
  ],
  [
    'the inside of a list changes',
    field(z.array(z.string())),
    field(z.array(z.number())),
    'DTO.a.*: the type changed from string to number',
    'DTO.a.*: the type',
  ],
  [
    'the inside of an object changes',
    field(z.object({ b: z.string() })),
    field(z.object({ b: z.string(), c: z.string() })),
    'DTO.a.c: the field became required',
    'DTO.a.c',
  ],
  [
    'a shape is added',
    field(z.union([z.int(), z.string().max(5)])),
    field(z.union([z.int(), z.string().max(5), z.literal(true)])),
    'DTO.a: it has 3 shapes instead of 2',
    'DTO.a: it has',
  ],
  [
    'one of the shapes changes',
    field(z.union([z.int().min(0), z.string().max(5)])),
    field(z.union([z.int().min(0), z.string().max(4)])),
    'DTO.a|2: maxLength',
    'DTO.a|2: maxLength',
  ],
  [
    'fields that are not known are refused',
    z.object(person),
    z.strictObject(person),
    'DTO: additionalProperties changed from none to false',
    'DTO: additionalProperties',
  ],
];

describe.each([
  ['of records and answers', false],
  ['of requests', true],
] as const)('a change %s', (_, isRequest) => {
  it.each(FORBIDDEN.filter((row) => row[isRequest ? 4 : 3] !== null))('is refused where %s', (...row) => {
    const [, older, newer] = row;
    const [first, ...others] = breaks(older, newer, isRequest);
    expect(first).toContain(row[isRequest ? 4 : 3]);
    expect(first).toMatch(/ Instead: .+\.$/);
    expect(others).toEqual([]);
  });

  it.each([
    ['nothing changes', field(z.string()), field(z.string())],
    ['an optional field is added', z.object(person), optional(z.string())],
    ['an optional object with required fields is added', z.object(person), optional(z.object({ b: z.string() }))],
    ['a value is added to an open set', field(openSet(['A'])), field(openSet(['A', 'B']))],
    [
      'only the words change',
      field(z.string().meta({ description: 'a' })),
      field(z.string().meta({ description: 'b' })),
    ],
  ])('is fine where %s', (_what, older, newer) => {
    expect(breaks(older, newer, isRequest)).toEqual([]);
  });
});

describe('a change of requests', () => {
  it.each(FORBIDDEN.filter((row) => row[4] === null))('is fine where %s', (_, older, newer) => {
    expect(breaks(older, newer, true)).toEqual([]);
  });
});

describe('rules between fields', () => {
  const kinds = (...values: string[]) => ({ anyOf: [{ enum: values }, { pattern: '^[A-Z]+$' }] });
  const rule = (kind: string) => ({ if: { properties: { kind: { enum: [kind] } } }, then: { required: ['targetId'] } });
  const schema = (values: string[], rules: object[]) => ({ properties: { kind: kinds(...values) }, allOf: rules });
  const compare = (older: object, newer: object) =>
    breaksBetween({ name: 'DTO', older, newer, isRequest: false } as Parameters<typeof breaksBetween>[0]).map(
      breakText,
    );

  it('may come with a new value of an open set', () => {
    expect(compare(schema(['A'], [rule('A')]), schema(['A', 'B'], [rule('A'), rule('B')]))).toEqual([]);
  });

  it('may not come for values that older versions write, and may not go', () => {
    expect(compare(schema(['A'], []), schema(['A'], [rule('A')]))).toEqual([expect.stringContaining('was added')]);
    expect(compare(schema(['A'], [rule('A')]), schema(['A'], []))).toEqual([expect.stringContaining('was removed')]);
  });
});

describe('DTOs inside each other', () => {
  it('are compared once, however often they refer to each other', () => {
    const tree = (type: string) => ({
      $ref: '#/$defs/Tree',
      $defs: { Tree: { properties: { name: { type }, inner: { $ref: '#/$defs/Tree' } } } },
    });
    const breaks = breaksBetween({ name: 'Tree', older: tree('string'), newer: tree('number'), isRequest: false });
    expect(breaks.map(({ path }) => path)).toEqual(['Tree.name']);
  });
});
