/** How one contestant does once; each call is a measurement of its own. */
export type Contestants<Name extends string, Measurement> = Readonly<Record<Name, () => Promise<Measurement>>>;

/**
 * Lets each contestant run once a round, so that whatever slows the machine down for a while slows all of them. Who begins
 * changes from round to round. First rounds of all are not counted: they warm up. Answers each one's measurements, by round.
 */
export async function runRounds<Name extends string, Measurement>(
  contestants: Contestants<Name, Measurement>,
  rounds: number,
  warmUpRounds = 1,
): Promise<Readonly<Record<Name, readonly Measurement[]>>> {
  const names = Object.keys(contestants) as Name[]; // the keys are all that the record has
  const measured = Object.fromEntries(names.map((name) => [name, [] as Measurement[]])) as Record<Name, Measurement[]>;
  for (let round = -warmUpRounds; round < rounds; round++) {
    for (const name of rotated(names, Math.max(round, 0))) {
      const measurement = await contestants[name]();
      if (round >= 0) measured[name].push(measurement);
    }
  }
  return measured;
}

function rotated<Value>(values: readonly Value[], by: number): readonly Value[] {
  const from = by % values.length;
  return [...values.slice(from), ...values.slice(0, from)];
}
