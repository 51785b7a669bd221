/** Asks for the number of the open log until there is one: this instance reads one log for as long as it lives. */
export function rememberEpoch(find: () => Promise<number>): () => Promise<number> {
  let epoch = 0;
  return async () => {
    if (epoch === 0) epoch = await find();
    return epoch;
  };
}
