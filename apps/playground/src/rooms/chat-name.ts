/** Of a name; the service takes 100 characters in that of a room. */
const NAME_MAX_CHARACTERS = 40;

/** A name for a new room of these users, which none of the known ones has: "alice and bob", "alice and bob 2". */
export function chatName(usernames: readonly string[], known: readonly string[]): string {
  const [first = '', ...others] = usernames.map((name) => name.trim().slice(0, NAME_MAX_CHARACTERS).toWellFormed());
  const name = others.length === 0 ? `${first} alone` : [first, ...others].join(' and ');
  const free = Array.from(known, (_, at) => `${name} ${at + 2}`).find((one) => !known.includes(one));
  return known.includes(name) && free !== undefined ? free : name;
}
