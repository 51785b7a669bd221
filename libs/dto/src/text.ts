import { z } from 'zod';

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

/** Whether every string inside a JSON value, keys of objects included, is storable. */
export function isStorableJson(value: unknown): boolean {
  if (typeof value === 'string') return isStorableText(value);
  if (Array.isArray(value)) return value.every(isStorableJson);
  if (value !== null && typeof value === 'object') {
    return Object.entries(value).every(([key, inner]) => isStorableText(key) && isStorableJson(inner));
  }
  return true;
}

/** UTF-8 bytes of the JSON text of a value. */
export function jsonByteLength(value: unknown): number {
  return UTF8.encode(JSON.stringify(value)).length;
}

/** A storable text of `min` to `max` code points; the refusal names both. */
export function textSchema(min: number, max: number) {
  return z
    .string()
    .refine((text) => isStorableText(text), { error: 'must not contain U+0000 or a lone surrogate' })
    .refine((text) => withinCodePoints(text, min, max), { error: `must have ${min} to ${max} code points` });
}

function withinCodePoints(text: string, min: number, max: number): boolean {
  if (text.length < min || text.length > max * 2) return false;
  const count = text.length <= max && min <= 1 ? text.length : codePointCount(text);
  return count >= min && count <= max;
}

/** A free JSON object whose text stays within `maxBytes` of UTF-8. */
export function jsonObjectSchema(maxBytes: number) {
  return z
    .record(z.string(), z.json())
    .refine(isStorableJson, { error: 'must not contain U+0000 or a lone surrogate' })
    .refine((value) => jsonByteLength(value) <= maxBytes, { error: `must have at most ${maxBytes} bytes of JSON` });
}
