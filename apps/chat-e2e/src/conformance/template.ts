const PLACEHOLDER = /<([a-z0-9-]+)>/g;
const SPECIAL = /[.*+?^${}()|[\]\\]/g;

/** What the placeholders of one run stand for. */
export type Bindings = Map<string, string>;

/** The text with its placeholders replaced; throws for one that nothing is known of. */
export function fill(template: string, bindings: Bindings): string {
  return template.replaceAll(PLACEHOLDER, (placeholder, name: string) => {
    const value = bindings.get(name);
    if (value === undefined) throw new Error(`nothing is known of ${placeholder} yet`);
    return value;
  });
}

/**
 * Whether the text of a server frame is what the template says. Placeholders that stand for nothing yet take what the frame
 * has in their place, within one line, if it fits as a whole; `<length>` is the bytes of the frame's body.
 */
export function matches(frame: string, template: string, bindings: Bindings): boolean {
  const known = new Map(bindings).set('length', String(bodyLengthOf(frame)));
  const names: string[] = [];
  const pattern = template.split(PLACEHOLDER).map((part, index) => {
    if (index % 2 === 0) return escaped(part);
    const value = known.get(part);
    if (value !== undefined) return escaped(value);
    const earlier = names.indexOf(part);
    if (earlier >= 0) return `\\${earlier + 1}`;
    names.push(part);
    return '([^\\n\\0"]+)';
  });
  const match = new RegExp(`^${pattern.join('')}$`).exec(frame);
  if (match === null) return false;
  for (const [index, name] of names.entries()) bindings.set(name, match[index + 1] ?? '');
  return true;
}

/** Bytes between the empty line and the NUL. */
function bodyLengthOf(frame: string): number {
  return Buffer.byteLength(frame.slice(frame.indexOf('\n\n') + 2)) - 1;
}

/** A NUL must not meet digits behind it, or it would read as another character. */
function escaped(text: string): string {
  return text.replaceAll(SPECIAL, '\\$&').replaceAll('\0', '\\x00');
}
