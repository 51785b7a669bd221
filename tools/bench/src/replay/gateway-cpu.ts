import type { BuiltApp } from '../built-app.ts';

const ANSWER_DEADLINE_MS = 10_000;

/** CPU that the process has taken since its start, user and system, in s, by its own metrics. */
export async function gatewayCpuS({ internalUrl }: BuiltApp): Promise<number> {
  const answer = await fetch(`${internalUrl}/metrics`, { signal: AbortSignal.timeout(ANSWER_DEADLINE_MS) });
  const found = /^process_cpu_seconds_total(?:\{[^}]*\})? ([\d.e+-]+)$/m.exec(await answer.text());
  if (found === null) throw new Error('the gateway does not tell its CPU time');
  return Number(found[1]);
}
