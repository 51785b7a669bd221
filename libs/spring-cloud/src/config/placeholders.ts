/** What a name in `${…}` stands for; undefined where nothing sets it. */
export type LookUp = (name: string) => string | undefined;

/** A placeholder stands for nothing, or for itself; the message completes "KAFKA_BROKERS …". */
export class PlaceholderError extends Error {
  override readonly name = 'PlaceholderError';
}

/**
 * The text with each `${name}` and `${name:otherwise}` replaced, as Spring does: names and defaults may contain others, what
 * a name stands for too, and `\${` is no placeholder.
 */
export function fillPlaceholders(text: string, lookUp: LookUp, open: readonly string[] = []): string {
  const from = text.indexOf('${');
  if (from === -1) return text;
  const fillRest = (rest: string) => fillPlaceholders(rest, lookUp, open);
  if (text[from - 1] === '\\') return `${text.slice(0, from - 1)}\${${fillRest(text.slice(from + 2))}`;
  const to = endOf(text, from);
  if (to === -1) return text;
  const value = valueOf(text.slice(from + 2, to), lookUp, open);
  return text.slice(0, from) + value + fillRest(text.slice(to + 1));
}

function valueOf(inside: string, lookUp: LookUp, open: readonly string[]): string {
  const colon = colonOf(inside);
  const name = fillPlaceholders(colon === -1 ? inside : inside.slice(0, colon), lookUp, open);
  if (open.includes(name)) throw new PlaceholderError(`goes round in circles at \${${name}}`);
  const found = lookUp(name);
  if (found !== undefined) return fillPlaceholders(found, lookUp, [...open, name]);
  if (colon === -1) throw new PlaceholderError(`needs \${${name}}, which nothing sets`);
  return fillPlaceholders(inside.slice(colon + 1), lookUp, open);
}

/** Where the `}` is that belongs to the `${` at `from`; -1 where there is none. */
function endOf(text: string, from: number): number {
  let depth = 0;
  for (let at = from; at < text.length; at += 1) {
    if (text.startsWith('${', at)) depth += 1;
    else if (text[at] === '}' && (depth -= 1) === 0) return at;
  }
  return -1;
}

/** Where the default begins, outside of any placeholder in the name; -1 where there is none. */
function colonOf(inside: string): number {
  let depth = 0;
  for (let at = 0; at < inside.length; at += 1) {
    if (inside.startsWith('${', at)) depth += 1;
    else if (inside[at] === '}') depth -= 1;
    else if (inside[at] === ':' && depth === 0) return at;
  }
  return -1;
}
