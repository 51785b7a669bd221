import pg from 'pg';

type Row = Readonly<Record<string, unknown>>;
export type Query = (text: string) => Promise<readonly Row[]>;

/** What was given out before the loss: the last room, the version of each room, and up to which tick each instance number made ids. */
export interface LastNumbers {
  readonly lastRoom: number;
  readonly versions: ReadonlyMap<number, number>;
  readonly untilTicks: ReadonlyMap<number, number>;
}

/** Runs statements one after another, each by itself; the rows of the last. */
export async function queryAll(databaseUrl: string, statements: readonly string[]): Promise<readonly Row[]> {
  return withQuery(databaseUrl, async (query) => {
    let rows: readonly Row[] = [];
    for (const statement of statements) rows = await query(statement);
    return rows;
  });
}

export function lastNumbers(databaseUrl: string): Promise<LastNumbers> {
  return withQuery(databaseUrl, numbersOf);
}

/** What would be given out a second time: a sentence each; empty where nothing would. */
export async function takenTwice(query: Query, before: LastNumbers): Promise<readonly string[]> {
  const now = await numbersOf(query);
  const isBehind = (of: ReadonlyMap<number, number>, key: number, was: number) => (of.get(key) ?? Infinity) < was;
  return [
    ...(now.lastRoom < before.lastRoom ? [`rooms after ${now.lastRoom} come twice, up to ${before.lastRoom}`] : []),
    ...Array.from(before.versions)
      .filter(([room, version]) => isBehind(now.versions, room, version))
      .map(([room]) => `versions of room ${room} come twice`),
    ...Array.from(before.untilTicks)
      .filter(([instance, tick]) => isBehind(now.untilTicks, instance, tick))
      .map(([instance]) => `message ids of instance ${instance} may come twice`),
  ];
}

/** Tries all statements but one, for each of them; throws where nobody notices that it is left out. Leaves nothing behind but a higher sequence. */
export async function expectEachNeeded(
  databaseUrl: string,
  statements: readonly string[],
  findProblems: (query: Query) => Promise<readonly string[]>,
): Promise<void> {
  await withQuery(databaseUrl, async (query) => {
    for (const left of statements) {
      await query('BEGIN');
      for (const statement of statements) if (statement !== left) await query(statement);
      const problems = await findProblems(query);
      await query('ROLLBACK');
      if (problems.length === 0) throw new Error(`nothing is wrong without: ${left}`);
    }
    for (const statement of ['BEGIN', ...statements]) await query(statement);
    const problems = await findProblems(query);
    await query('ROLLBACK');
    if (problems.length > 0) throw new Error(problems.join('; '));
  });
}

async function numbersOf(query: Query): Promise<LastNumbers> {
  const [sequence] = await query('SELECT last_value::float AS last FROM chat_rooms_id_seq');
  const rooms = await query('SELECT id::float AS key, version::float AS value FROM chat_rooms');
  const instances = await query('SELECT number AS key, until_tick::float AS value FROM instance_numbers');
  return { lastRoom: Number(sequence?.['last']), versions: mapOf(rooms), untilTicks: mapOf(instances) };
}

function mapOf(rows: readonly Row[]): ReadonlyMap<number, number> {
  return new Map(rows.map(({ key, value }) => [Number(key), Number(value)]));
}

/** A connection of its own for as long as the work takes. */
export async function withQuery<Result>(databaseUrl: string, use: (query: Query) => Promise<Result>): Promise<Result> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    return await use(async (text) => (await client.query<Row>(text)).rows);
  } finally {
    await client.end();
  }
}
