import type { JsonSchema } from '@chat/dto';
import { openSetOf, resolver } from './schema-parts.ts';

/** A change that one side of a contract would not bear. */
export interface Break {
  /** `MessageDTO.reactions.*.count`. */
  readonly path: string;
  readonly change: string;
  /** What to do in its place. */
  readonly remedy: string;
}

export interface Comparison {
  readonly name: string;
  readonly older: JsonSchema;
  readonly newer: JsonSchema;
  /**
   * Requests are read by the service alone, which is newer than or as new as its clients: it may come to take more. Everything else is
   * read by any version, so neither more nor less may be written.
   */
  readonly isRequest: boolean;
}

/** Both sides of a part of the schema, resolved. */
interface Pair {
  readonly path: string;
  readonly older: JsonSchema;
  readonly newer: JsonSchema;
}

/** What all parts of one comparison share. */
interface Context {
  readonly isRequest: boolean;
  /** The older schema as a whole, resolved. */
  readonly older: JsonSchema;
  /** Compares parts of the two schemas as they stand there. */
  readonly breaksIn: (path: string, older: JsonSchema, newer: JsonSchema) => readonly Break[];
}

/** Keywords that say nothing of what is valid. */
const WORDS = ['$schema', '$defs', 'title', 'description', 'examples', '$comment', 'deprecated'];
/** Keywords with a rule of their own below. */
const JUDGED = ['type', 'enum', 'anyOf', 'allOf', 'properties', 'required', 'items'];
const UPPER_LIMITS = ['maxLength', 'maximum', 'maxItems', 'maxProperties'];
const LOWER_LIMITS = ['minLength', 'minimum', 'minItems', 'minProperties'];

const ADD_A_FIELD = 'leave it as it was and add an optional field beside it';

/** Every change from one version of a schema to a later one that breaks FULL compatibility, in the order of the schema. */
export function breaksBetween({ name, older, newer, isRequest }: Comparison): readonly Break[] {
  const [ofOlder, ofNewer] = [resolver(older), resolver(newer)];
  const compared = new Set<string>();
  const context: Context = { isRequest, older: ofOlder(older), breaksIn };
  return breaksIn(name, older, newer);

  /** DTOs may be inside each other any number of times: each pair is compared once. */
  function breaksIn(path: string, one: JsonSchema, other: JsonSchema): readonly Break[] {
    const pair = `${textOf(one['$ref'])} ${textOf(other['$ref'])}`;
    if ('$ref' in one && compared.has(pair)) return [];
    compared.add(pair);
    return breaksOfPart({ path, older: ofOlder(one), newer: ofNewer(other) }, context);
  }
}

function breaksOfPart(pair: Pair, context: Context): readonly Break[] {
  const ofType = typeBreaks(pair);
  if (ofType.length > 0) return ofType; // all else follows from it
  return [setBreaks, requiredBreaks, fieldBreaks, limitBreaks, ruleBreaks, otherBreaks].flatMap((breaksOf) =>
    breaksOf(pair, context),
  );
}

function typeBreaks({ path, older, newer }: Pair): readonly Break[] {
  const [was, is] = [textOf(older['type']), textOf(newer['type'])];
  return was === is ? [] : [{ path, change: `the type changed from ${was} to ${is}`, remedy: ADD_A_FIELD }];
}

/** Closed and open sets, and other unions. */
function setBreaks({ path, older, newer }: Pair, context: Context): readonly Break[] {
  const [wasOpen, isOpen] = [openSetOf(older), openSetOf(newer)];
  if ((wasOpen === null) !== (isOpen === null)) {
    const change = wasOpen === null ? 'the set of values became an open one' : 'the open set became a closed one';
    return [{ path, change, remedy: ADD_A_FIELD }];
  }
  const was = wasOpen ?? (older['enum'] as readonly unknown[] | undefined);
  const is = isOpen ?? (newer['enum'] as readonly unknown[] | undefined);
  if (was === undefined && is === undefined) return unionBreaks({ path, older, newer }, context);
  if (was === undefined || is === undefined) {
    return [{ path, change: was ? 'any value became allowed' : 'only some values are allowed', remedy: ADD_A_FIELD }];
  }
  const removed = was
    .filter((value) => !is.includes(value))
    .map((value) => ({
      path,
      change: `the value ${textOf(value)} was removed`,
      remedy: 'keep it in the set, since older writers use it, and stop writing it',
    }));
  const mayGrow = context.isRequest || wasOpen !== null;
  const added = is
    .filter((value) => !mayGrow && !was.includes(value))
    .map((value) => ({
      path,
      change: `the value ${textOf(value)} was added to a closed set, and older readers refuse it`,
      remedy:
        'say the new thing in an optional field beside it (sets that may grow are made by openSet, from their first release on)',
    }));
  return [...removed, ...added];
}

function unionBreaks({ path, older, newer }: Pair, { breaksIn }: Context): readonly Break[] {
  const was = (older['anyOf'] ?? []) as readonly JsonSchema[];
  const is = (newer['anyOf'] ?? []) as readonly JsonSchema[];
  if (was.length !== is.length) {
    return [{ path, change: `it has ${is.length} shapes instead of ${was.length}`, remedy: ADD_A_FIELD }];
  }
  return was.flatMap((shape, at) => breaksIn(`${path}|${at + 1}`, shape, is[at] ?? {}));
}

function requiredBreaks({ path, older, newer }: Pair, { isRequest }: Context): readonly Break[] {
  const was = (older['required'] ?? []) as readonly string[];
  const is = (newer['required'] ?? []) as readonly string[];
  const added = is
    .filter((field) => !was.includes(field))
    .map((field) => ({
      path: `${path}.${field}`,
      change: 'the field became required, and older writers leave it out',
      remedy: 'make it optional; what its absence means, readers decide',
    }));
  const dropped = was
    .filter((field) => !isRequest && !is.includes(field))
    .map((field) => ({
      path: `${path}.${field}`,
      change: 'the field is no longer required, and older readers need it',
      remedy: 'keep it required and go on writing it always',
    }));
  return [...added, ...dropped];
}

function fieldBreaks({ path, older, newer }: Pair, { breaksIn }: Context): readonly Break[] {
  const was = (older['properties'] ?? {}) as Readonly<Record<string, JsonSchema>>;
  const is = (newer['properties'] ?? {}) as Readonly<Record<string, JsonSchema>>;
  const ofFields = Object.entries(was).flatMap(([field, schema]) => {
    const now = is[field];
    if (now !== undefined) return breaksIn(`${path}.${field}`, schema, now);
    const remedy = 'keep it in the schema, so that its name is never given another meaning';
    return [{ path: `${path}.${field}`, change: 'the field was removed or renamed', remedy }];
  });
  const [items = {}, nowItems = {}] = [older['items'], newer['items']] as readonly (JsonSchema | undefined)[];
  return 'items' in older || 'items' in newer ? [...ofFields, ...breaksIn(`${path}.*`, items, nowItems)] : ofFields;
}

function limitBreaks({ path, older, newer }: Pair, { isRequest }: Context): readonly Break[] {
  return [...UPPER_LIMITS, ...LOWER_LIMITS].flatMap((keyword) => {
    const none = UPPER_LIMITS.includes(keyword) ? Infinity : -Infinity;
    const [was, is] = [older, newer].map((schema) => (schema[keyword] as number | undefined) ?? none) as [
      number,
      number,
    ];
    if (was === is) return [];
    const isNarrower = UPPER_LIMITS.includes(keyword) ? is < was : is > was;
    if (isRequest && !isNarrower) return [];
    const change = `${keyword} changed from ${limitText(was)} to ${limitText(is)}`;
    const why = isNarrower ? 'older writers go beyond it' : 'older readers refuse what lies beyond the old one';
    return [
      { path, change: `${change}, and ${why}`, remedy: 'keep the limit, or add an optional field with another one' },
    ];
  });
}

/** Rules between fields may be added for values that older versions do not know, never for those that they write. */
function ruleBreaks({ path, older, newer }: Pair, context: Context): readonly Break[] {
  const was = ((older['allOf'] ?? []) as readonly JsonSchema[]).map(textOf);
  const is = (newer['allOf'] ?? []) as readonly JsonSchema[];
  const removed = was.filter((rule) => !context.isRequest && !is.map(textOf).includes(rule));
  const added = is.filter((rule) => !was.includes(textOf(rule)) && !isOfNewValues(rule, context));
  return [
    ...removed.map((rule) => ({
      path,
      change: `the rule ${rule} was removed, and older readers have it`,
      remedy: 'keep it',
    })),
    ...added.map((rule) => ({
      path,
      change: `the rule ${textOf(rule)} was added, and older writers do not keep it`,
      remedy: 'make it a rule of a value that this version adds to an open set, or leave it out',
    })),
  ];
}

/** A rule of the form "where the field has one of these values", none of which the older version knows. */
function isOfNewValues({ if: condition }: JsonSchema, { older }: Context): boolean {
  const fields = Object.entries(
    ((condition as JsonSchema | undefined)?.['properties'] ?? {}) as Record<string, JsonSchema>,
  );
  return fields.some(([field, { enum: values }]) => {
    const known = openSetOf(((older['properties'] ?? {}) as Record<string, JsonSchema>)[field] ?? {});
    return Array.isArray(values) && known !== null && values.every((value: string) => !known.includes(value));
  });
}

/** Of a keyword that none of the above understands any change is one too many. */
function otherBreaks({ path, older, newer }: Pair): readonly Break[] {
  const known = new Set([...WORDS, ...JUDGED, ...UPPER_LIMITS, ...LOWER_LIMITS]);
  const keywords = new Set([...Object.keys(older), ...Object.keys(newer)]);
  return [...keywords]
    .filter((keyword) => !known.has(keyword))
    .flatMap((keyword) => {
      const [was, is] = [textOf(older[keyword]), textOf(newer[keyword])];
      return was === is ? [] : [{ path, change: `${keyword} changed from ${was} to ${is}`, remedy: ADD_A_FIELD }];
    });
}

/** As a sentence. */
export function breakText({ path, change, remedy }: Break): string {
  return `${path}: ${change}. Instead: ${remedy}.`;
}

function textOf(value: unknown): string {
  return value === undefined ? 'none' : typeof value === 'string' ? value : JSON.stringify(value);
}

function limitText(limit: number): string {
  return Number.isFinite(limit) ? String(limit) : 'none';
}
