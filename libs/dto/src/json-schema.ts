import { z } from 'zod';
import { OPEN_SET_NAME } from './open-set.ts';

/** A JSON Schema of draft 2020-12, or a part of one. */
export interface JsonSchema {
  readonly [keyword: string]: unknown;
}

/**
 * JSON Schema (2020-12) of each schema by its name: what a reader has to take. Fields that it does not know pass, as they do
 * here. A schema of the table inside another one is a `$ref`, which `refTo` makes of its name. What JSON Schema cannot say
 * stands in a `description`.
 */
export function jsonSchemasOf(
  table: Readonly<Record<string, z.ZodType>>,
  refTo: (name: string) => string,
): Readonly<Record<string, JsonSchema>> {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(table)) {
    const other = registry.get(schema);
    if (other !== undefined) throw new TypeError(`${id} and ${other.id} are one schema: it can have one name`);
    registry.add(schema, { id });
  }
  const { schemas } = z.toJSONSchema(registry, { io: 'input', uri: refTo, unrepresentable: 'any', override });
  return Object.fromEntries(
    Object.entries(schemas).map(([name, { $schema: _schema, $id: _id, ...schema }]) => [name, schema]),
  );
}

/** What zod's own conversion leaves out or says too strictly. */
function override({ zodSchema, jsonSchema }: { zodSchema: z.core.$ZodTypes; jsonSchema: Record<string, unknown> }) {
  if (jsonSchema['isOpenSet'] === true) openUp(jsonSchema);
  if (zodSchema._zod.def.type === 'catch') letAllPass(jsonSchema);
  delete jsonSchema['propertyNames']; // all that it says is that names are texts
  const { pattern } = jsonSchema;
  if (typeof pattern === 'string') jsonSchema['pattern'] = pattern.replaceAll('\\d', '[0-9]'); // of some engines more digits
}

function openUp(schema: Record<string, unknown>): void {
  schema['anyOf'] = [
    { enum: schema['enum'] },
    { pattern: OPEN_SET_NAME.source, description: 'Of a later version: pass over the whole.' },
  ];
  delete schema['enum'];
  delete schema['isOpenSet'];
}

function letAllPass(schema: Record<string, unknown>): void {
  const { default: _default, ...expected } = { ...schema };
  for (const keyword of Object.keys(schema)) delete schema[keyword];
  schema['anyOf'] = [expected, { description: 'Anything else counts as absent.' }];
}
