import { setTimeout } from 'node:timers/promises';
import { writtenQueries } from './index.ts';
import { withoutVariables } from './promql/read-query.ts';

/** Longest wait for the first scrapes, and for one answer, in ms. */
const SCRAPED_DEADLINE_MS = 60_000;
const ANSWER_DEADLINE_MS = 10_000;
const LOOK_EVERY_MS = 1_000;
/** So many looks in a row find every rule at rest; rules are evaluated as often as this looks. */
const REST_COUNT = 10;

interface Answer<Data> {
  readonly status: string;
  readonly error?: string;
  readonly data: Data;
}
interface Target {
  readonly health: string;
  readonly lastError: string;
  readonly scrapeUrl: string;
}
interface Rule {
  readonly name: string;
  readonly health: string;
  readonly state: string;
  readonly lastError?: string;
}

/** What is wrong with what a Prometheus says of the running apps: a target, a rule, or a query; nothing where all is well. */
export async function checkPrometheus(url: string, say: (line: string) => void): Promise<readonly string[]> {
  const down = await waitForTargets(url);
  if (down.length > 0) return down;
  const ruleProblems = await checkRules(url, say);
  return [...ruleProblems, ...(await checkQueries(url, say))];
}

/** Those that could not be scraped in time, with the reason. */
async function waitForTargets(url: string): Promise<readonly string[]> {
  const endAt = performance.now() + SCRAPED_DEADLINE_MS;
  for (;;) {
    const { data } = await ask<{ activeTargets: readonly Target[] }>(`${url}/api/v1/targets`);
    const down = data.activeTargets.filter(({ health }) => health !== 'up');
    if (data.activeTargets.length > 0 && down.length === 0) return [];
    if (performance.now() > endAt)
      return down.map(({ scrapeUrl, lastError }) => `${scrapeUrl} is not scraped: ${lastError}`);
    await setTimeout(LOOK_EVERY_MS);
  }
}

/** Every rule was evaluated without an error, and has come to rest, pending ones too, of apps that are well. */
async function checkRules(url: string, say: (line: string) => void): Promise<readonly string[]> {
  const endAt = performance.now() + SCRAPED_DEADLINE_MS;
  for (let restCount = 0; ;) {
    const { data } = await ask<{ groups: readonly { rules: readonly Rule[] }[] }>(`${url}/api/v1/rules`);
    const rules = data.groups.flatMap((group) => group.rules);
    const bad = rules.filter(({ health, state }) => health !== 'ok' || state !== 'inactive');
    restCount = rules.length > 0 && bad.length === 0 ? restCount + 1 : 0;
    if (restCount < REST_COUNT && performance.now() < endAt) {
      await setTimeout(LOOK_EVERY_MS);
      continue;
    }
    say(`${rules.length} rules were evaluated, ${bad.length} of them with an error, pending or firing`);
    if (rules.length === 0) return ['there are no rules'];
    return bad.map(
      ({ name, health, state, lastError }) => `rule ${name} is ${health} and ${state}: ${lastError ?? ''}`,
    );
  }
}

async function checkQueries(url: string, say: (line: string) => void): Promise<readonly string[]> {
  const problems: string[] = [];
  let withSeries = 0;
  const queries = writtenQueries();
  for (const { where, expr } of queries) {
    const query = new URLSearchParams({ query: withoutVariables(expr) });
    const { status, error, data } = await ask<{ result: readonly unknown[] }>(`${url}/api/v1/query?${query}`);
    if (status !== 'success') problems.push(`${where}: ${error ?? status}: ${expr}`);
    else if (data.result.length > 0) withSeries += 1;
  }
  say(`${queries.length} queries were answered, ${problems.length} of them with an error, ${withSeries} with series`);
  return problems;
}

async function ask<Data>(address: string): Promise<Answer<Data>> {
  const response = await fetch(address, { signal: AbortSignal.timeout(ANSWER_DEADLINE_MS) });
  return (await response.json()) as Answer<Data>; // the documented shape of Prometheus' API
}
