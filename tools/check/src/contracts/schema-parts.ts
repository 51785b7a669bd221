import type { JsonSchema } from '@chat/dto';

/** The part itself, or what its `$ref` names in the `$defs` of the whole; its other keywords stay. */
export function resolver(whole: JsonSchema): (part: JsonSchema) => JsonSchema {
  const definitions = (whole['$defs'] ?? {}) as Readonly<Record<string, JsonSchema>>;
  return (part) => {
    const { $ref, ...rest } = part;
    if ($ref === undefined) return part;
    const definition = definitions[String($ref).replace('#/$defs/', '')];
    if (definition === undefined) throw new TypeError(`${String($ref)} is not in the schema`);
    return { ...definition, ...rest };
  };
}

/** The known values of an open set, as `jsonSchemasOf` writes it: one of these, or a name of a later version; else null. */
export function openSetOf({ anyOf }: JsonSchema): readonly string[] | null {
  if (!Array.isArray(anyOf)) return null;
  const [known, later, ...others] = anyOf as readonly JsonSchema[];
  const values = known?.['enum'];
  const isOpen = later !== undefined && 'pattern' in later && others.length === 0;
  return isOpen && Array.isArray(values) ? (values as string[]) : null;
}
