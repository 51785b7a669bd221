import { z } from 'zod';
import { CLIENT_MESSAGE_ID_MAX_LENGTH, JSON_MAX_DEPTH } from './limits.ts';

const UTF8 = new TextEncoder();

/** Number of Unicode code points; a surrogate pair counts once. */
export function codePointCount(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

/** The first `maxCodePoints` code points of a text; never cuts a surrogate pair. */
export function cutToCodePoints(text: string, maxCodePoints: number): string {
  if (text.length <= maxCodePoints) return text;
  return Array.from(text).slice(0, maxCodePoints).join('');
}

/** Whether Postgres can store the text and UTF-8 can carry it: no U+0000 and no lone surrogate. */
export function isStorableText(text: string): boolean {
  return !text.includes('\u0000') && text.isWellFormed();
}

/** Whether every string inside a JSON value, keys of objects included, is storable. Bears any depth. */
export function isStorableJson(value: unknown): boolean {
  for (const { part, key } of partsOf(value)) {
    if (key !== null && !isStorableText(key)) return false;
    if (typeof part === 'string' && !isStorableText(part)) return false;
  }
  return true;
}

/** How many objects and arrays of a JSON value stand inside each other; 0 for a text or a number. Bears any depth. */
export function jsonDepth(value: unknown): number {
  let deepest = 0;
  for (const { part, depth } of partsOf(value)) if (isContainer(part)) deepest = Math.max(deepest, depth);
  return deepest;
}

interface JsonPart {
  readonly part: unknown;
  /** Its key in the object around it, if that is one. */
  readonly key: string | null;
  readonly depth: number;
}

/** The value and everything inside it, by a stack of its own: a hostile depth must not use up the engine's. */
function* partsOf(value: unknown): Iterable<JsonPart> {
  const waiting: JsonPart[] = [{ part: value, key: null, depth: 1 }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    yield next;
    const { part, depth } = next;
    if (!isContainer(part)) continue;
    const isList = Array.isArray(part);
    for (const [key, inner] of Object.entries(part))
      waiting.push({ part: inner, key: isList ? null : key, depth: depth + 1 });
  }
}

function isContainer(value: unknown): value is object {
  return value !== null && typeof value === 'object';
}

/** UTF-8 bytes of the JSON text of a value. */
export function jsonByteLength(value: unknown): number {
  return UTF8.encode(JSON.stringify(value)).length;
}

/** No U+0000; a lone surrogate cannot be said so that every engine of regular expressions understands it. */
export const STORABLE_PATTERN = '^[^\\x00]*$';

/** A storable text of `min` to `max` code points; the refusal names both. */
export function textSchema(min: number, max: number) {
  return z
    .string()
    .meta({ minLength: min, maxLength: max, pattern: STORABLE_PATTERN, description: 'Without lone surrogates.' })
    .refine((text) => isStorableText(text), { error: 'must not contain U+0000 or a lone surrogate' })
    .refine((text) => withinCodePoints(text, min, max), { error: `must have ${min} to ${max} code points` });
}

function withinCodePoints(text: string, min: number, max: number): boolean {
  if (text.length < min || text.length > max * 2) return false;
  const count = text.length <= max && min <= 1 ? text.length : codePointCount(text);
  return count >= min && count <= max;
}

/** Any JSON value; says nothing of its inside, so that a hostile depth costs nothing. */
export const anyJson = z.custom<z.core.util.JSONType>(() => true);

/** A free JSON object of bounded depth whose text stays within `maxBytes` of UTF-8. */
export function jsonObjectSchema(maxBytes: number) {
  const description =
    `At most ${maxBytes} bytes as JSON in UTF-8, at most ${JSON_MAX_DEPTH} objects and arrays inside each other, ` +
    'no U+0000 and no lone surrogates in any text.';
  return z
    .record(z.string(), anyJson)
    .meta({ description })
    .refine((value) => jsonDepth(value) <= JSON_MAX_DEPTH, {
      error: `must have at most ${JSON_MAX_DEPTH} objects and arrays inside each other`,
      abort: true,
    })
    .refine(isStorableJson, { error: 'must not contain U+0000 or a lone surrogate' })
    .refine((value) => jsonByteLength(value) <= maxBytes, { error: `must have at most ${maxBytes} bytes of JSON` });
}

const CLIENT_MESSAGE_ID = new RegExp(`^[\\x21-\\x7e]{1,${CLIENT_MESSAGE_ID_MAX_LENGTH}}$`);

/** Whether a sender may name a message so: printable ASCII characters without spaces, at most `CLIENT_MESSAGE_ID_MAX_LENGTH`. */
export function isClientMessageId(text: string): boolean {
  return CLIENT_MESSAGE_ID.test(text);
}
