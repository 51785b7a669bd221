import type { JsonSchema } from '@chat/dto';
import { openSetOf, resolver } from './schema-parts.ts';

/**
 * Fields and values of closed or open sets that a schema names and none of these values has: `members.*.status: READ`. A DTO
 * inside another one is left to its own values.
 */
export function uncoveredBy(schema: JsonSchema, values: readonly unknown[]): readonly string[] {
  return uncoveredIn(resolver(schema)(schema), values, '');
}

function uncoveredIn(part: JsonSchema, values: readonly unknown[], path: string): readonly string[] {
  if (values.length === 0) return [path];
  const named = openSetOf(part) ?? (part['enum'] as readonly unknown[] | undefined) ?? [];
  const missing = named.filter((value) => !values.includes(value)).map((value) => `${path}: ${String(value)}`);
  const { properties = {}, items } = part as { properties?: Record<string, JsonSchema>; items?: JsonSchema };
  const ofFields = Object.entries(properties).flatMap(([name, field]) => {
    const inside = values.flatMap((value) => (isObject(value) && name in value ? [value[name]] : []));
    return uncoveredIn(field, inside, path === '' ? name : `${path}.${name}`);
  });
  return [...missing, ...ofFields, ...(items === undefined ? [] : uncoveredIn(items, values.flat(), `${path}.*`))];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
