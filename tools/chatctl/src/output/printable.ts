/** C0 and C1 controls, and the marks that turn the direction of text: what others write must not steer a terminal. */
// eslint-disable-next-line no-control-regex -- these are what is looked for
const STEERING = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
const NAMES: Readonly<Record<string, string>> = { '\n': '↵', '\t': ' ' };

/** Text of others as one line that a terminal only shows. */
export function printable(text: string): string {
  return text.replaceAll(STEERING, (found) => NAMES[found] ?? `\\u${codeOf(found)}`);
}

function codeOf(character: string): string {
  return character.charCodeAt(0).toString(16).padStart(4, '0');
}
