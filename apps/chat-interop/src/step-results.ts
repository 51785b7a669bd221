import { OUTCOMES, STEPS, type Step, type StepResult } from './steps.ts';

/** The steps that a client's program reports itself. */
export const CLIENT_STEPS: readonly Step[] = STEPS.filter((step) => step !== 'history');

/** One line of a client's program, its note in one line as well; null for any other line. */
export function parseStepResult(line: string): StepResult | null {
  let value: Partial<Record<keyof StepResult, unknown>>;
  try {
    value = JSON.parse(line);
  } catch {
    return null;
  }
  const step = STEPS.find((name) => name === value?.step);
  const outcome = OUTCOMES.find((name) => name === value?.outcome);
  if (step === undefined || outcome === undefined) return null;
  return { step, outcome, note: typeof value.note === 'string' ? value.note.replaceAll(/\s+/g, ' ') : null };
}

/** A result for each step of a client, in order: one that was not reported has failed, for the reason given. */
export function completed(results: readonly StepResult[], whyMissing: string): readonly StepResult[] {
  return CLIENT_STEPS.map(
    (step) => results.find((result) => result.step === step) ?? { step, outcome: 'failed', note: whyMissing },
  );
}
