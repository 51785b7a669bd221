export type JsonSchema = Readonly<Record<string, unknown>>;

/**
 * A schema of a custom resource that refuses what it does not name, as Kubernetes' own strict ones do: a mistyped property is
 * dropped in silence by the cluster. Metadata stays open, and so does what says that it keeps unknown fields.
 */
export function closedSchema(schema: JsonSchema): JsonSchema {
  const { properties, items, additionalProperties } = schema;
  const isClosed =
    properties !== undefined &&
    additionalProperties === undefined &&
    schema['x-kubernetes-preserve-unknown-fields'] !== true;
  return {
    ...schema,
    ...(isClosed && { additionalProperties: false }),
    ...(isSchema(additionalProperties) && { additionalProperties: closedSchema(additionalProperties) }),
    ...(isSchema(items) && { items: closedSchema(items) }),
    ...(isSchema(properties) && {
      properties: Object.fromEntries(
        Object.entries(properties).map(([name, value]) => [name, isSchema(value) ? closedSchema(value) : value]),
      ),
    }),
  };
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null;
}
