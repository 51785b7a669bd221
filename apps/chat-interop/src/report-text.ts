import { tableOf, type DocumentSection } from '@chat/testing';
import { STEPS, type Step, type StepResult } from './steps.ts';

/** The place of the table in docs/interop.md. */
export const SECTION: DocumentSection = { name: 'clients', command: 'npm run test:interop -- --write' };

/** How one client fared. */
export interface ClientReport {
  readonly title: string;
  readonly version: string;
  /** One a step. */
  readonly results: readonly StepResult[];
}

/** When and with what it was run. */
export interface Setting {
  readonly date: string;
  readonly idleMs: number;
  /** "Go 1.26.8" each. */
  readonly languages: readonly string[];
}

/** A Markdown table, a step a row and a client a column, and below it what the numbers in it stand for. */
export function reportText(clients: readonly ClientReport[], { date, idleMs, languages }: Setting): string {
  const notes = [...new Set(STEPS.flatMap((step) => clients.flatMap((client) => resultOf(client, step).note ?? [])))];
  const cellOf = ({ outcome, note }: StepResult) => {
    const word = outcome === 'failed' ? '**failed**' : outcome;
    return note === null ? word : `${word} (${notes.indexOf(note) + 1})`;
  };
  const rows = STEPS.map((step) => [step, ...clients.map((client) => cellOf(resultOf(client, step)))]);
  const head = ['step', ...clients.map(({ title, version }) => `${title} ${version}`)];
  return [
    `${date}, ${languages.join(', ')}; idle for ${idleMs / 1000} s.`,
    tableOf(head, rows),
    ...(notes.length === 0 ? [] : [notes.map((note, at) => `${at + 1}. ${note}`).join('\n')]),
  ].join('\n\n');
}

/** Whether every step of every client is `ok`, or one that the client has no way to do. */
export function isPassed(clients: readonly ClientReport[]): boolean {
  return clients.every((client) => STEPS.every((step) => resultOf(client, step).outcome !== 'failed'));
}

function resultOf({ results }: ClientReport, step: Step): StepResult {
  return results.find((result) => result.step === step) ?? { step, outcome: 'failed', note: 'nothing was reported' };
}
