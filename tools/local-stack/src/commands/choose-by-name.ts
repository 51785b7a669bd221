import { UsageError } from './command.ts';

/** Those with these names, in the order of the table; all when no name is given. Throws a UsageError for an unknown one. */
export function chooseByName<Entry extends { readonly name: string }>(
  table: readonly Entry[],
  names: readonly string[],
  what: string,
): readonly Entry[] {
  const unknown = names.find((name) => !table.some((entry) => entry.name === name));
  if (unknown === undefined) return table.filter(({ name }) => names.length === 0 || names.includes(name));
  const known = table.map(({ name }) => name).join(', ');
  throw new UsageError(`There is no ${what} ${JSON.stringify(unknown)}; there are ${known}.`);
}
