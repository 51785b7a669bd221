/** A JSON Schema, or any other part of a document. */
type Part = unknown;
type Keywords = Readonly<Record<string, Part>>;

/**
 * The same schema, or everything in a document, read strictly: an object may have no fields but those that it names, and a
 * set that later versions may add to has the values that are known today.
 */
export function closedSchema(part: Part): Part {
  if (Array.isArray(part)) return part.map(closedSchema);
  if (part === null || typeof part !== 'object') return part;
  const closed = closedSet(Object.fromEntries(Object.entries(part).map(([key, inner]) => [key, closedSchema(inner)])));
  const namesFields = closed['type'] === 'object' && typeof closed['properties'] === 'object';
  return namesFields && !('additionalProperties' in closed) ? { ...closed, unevaluatedProperties: false } : closed;
}

/** An open set is written as `anyOf` its values and a pattern of later ones. */
function closedSet(part: Keywords): Keywords {
  const { anyOf, ...rest } = part;
  const [known, later, ...others] = Array.isArray(anyOf) ? (anyOf as readonly Keywords[]) : [];
  const isOpenSet = known !== undefined && 'enum' in known && later !== undefined && 'pattern' in later;
  return isOpenSet && others.length === 0 ? { ...rest, ...known } : part;
}
