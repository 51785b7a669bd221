/** A JSON Schema, or any other part of a document. */
type Part = unknown;

/** The same schema, or everything in a document, read strictly: an object may have no fields but those that it names. */
export function closedSchema(part: Part): Part {
  if (Array.isArray(part)) return part.map(closedSchema);
  if (part === null || typeof part !== 'object') return part;
  const closed = Object.fromEntries(Object.entries(part).map(([key, inner]) => [key, closedSchema(inner)]));
  const namesFields = closed['type'] === 'object' && typeof closed['properties'] === 'object';
  return namesFields && !('additionalProperties' in closed) ? { ...closed, unevaluatedProperties: false } : closed;
}
