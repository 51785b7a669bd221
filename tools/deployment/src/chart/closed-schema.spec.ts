import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { closedSchema } from './closed-schema.ts';

const inner = { type: 'object', properties: { a: { type: 'string' } } };
const accepts = (schema: object, value: unknown) =>
  new Ajv({ strict: false }).validate(closedSchema({ ...schema }), value);

describe('a closed schema', () => {
  it.each([
    ['at the top', inner, { a: 'x' }, { b: 'x' }],
    ['inside of a property', { properties: { p: inner } }, { p: { a: 'x' } }, { p: { b: 'x' } }],
    ['inside of a list', { items: inner }, [{ a: 'x' }], [{ b: 'x' }]],
    ['inside of a map', { additionalProperties: inner }, { k: { a: 'x' } }, { k: { b: 'x' } }],
  ])('refuses what it does not name %s', (_, schema, good, bad) => {
    expect([accepts(schema, good), accepts(schema, bad)]).toEqual([true, false]);
  });

  it('takes anything where nothing is named, and where unknown fields are kept', () => {
    expect(accepts({ type: 'object' }, { b: 1 })).toBe(true);
    expect(accepts({ ...inner, 'x-kubernetes-preserve-unknown-fields': true }, { b: 1 })).toBe(true);
  });
});
