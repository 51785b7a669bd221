import fc from 'fast-check';

/** Numbers at the borders of what an id, a page or a limit may be, and texts that are none. */
const ODD_TEXTS = [
  ...['', '0', '-1', '1e3', '1.5', '01', '9007199254740991', '9007199254740992', '99999999999999999999'],
  ...['NaN', 'null', 'true', '[]', '{}', '..', '.', "1'--", '1;DROP TABLE users', 'ü', '１', '\u202e', '\\', '\\t'],
  ...['__proto__', 'constructor', '%00', '%ff', 'a'.repeat(300), 'a'.repeat(2_000)],
];
const BROKEN_JSON = ['', '{', '[', '"', 'nul', '['.repeat(5_000), '{"a":'.repeat(2_000)];

/** Texts that stand for something somewhere, or for nothing anywhere; no lone surrogates, which no wire takes. */
export const oddText = fc.oneof(
  fc.constantFrom(...ODD_TEXTS),
  fc.integer().map(String),
  fc.string({ unit: 'binary', maxLength: 40 }).map((text) => text.toWellFormed()),
);

const oddJson = fc.oneof(oddText, fc.integer(), fc.jsonValue({ maxDepth: 3 }), fc.constant('x'.repeat(20_000)));

/** Nine times in ten what is usual. */
export function mostly<Value>(usual: fc.Arbitrary<Value>, odd: fc.Arbitrary<Value>): fc.Arbitrary<Value> {
  return fc.oneof({ weight: 9, arbitrary: usual }, { weight: 1, arbitrary: odd });
}

/** JSON objects of such fields, mostly with such values; else with others, other JSON, or what is none. */
export function oddBody(fields: readonly string[], usual: fc.Arbitrary<unknown>): fc.Arbitrary<string> {
  const name = mostly(fc.constantFrom('x', ...fields), fc.constantFrom('__proto__', 'constructor', 'x'));
  const entries = fc.array(fc.tuple(name, mostly(usual, oddJson)), { minLength: 1, maxLength: 4 });
  const others = fc.oneof(fc.json({ maxDepth: 4 }), fc.constantFrom(...BROKEN_JSON));
  return mostly(
    entries.map((pairs) => `{${pairs.map(memberOf).join()}}`),
    others,
  );
}

/** By hand, so that `__proto__` is a name like others and a name may come twice. */
function memberOf([name, value]: readonly [string, unknown]): string {
  return `${JSON.stringify(name)}:${JSON.stringify(value)}`;
}
