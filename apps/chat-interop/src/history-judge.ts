import { STEPS, type Step, type StepResult } from './steps.ts';

/** What each step leaves in the room, in this order. What was aborted is nobody's. */
const CONTENTS: Readonly<Partial<Record<Step, readonly string[]>>> = {
  send: ['send'],
  'ack client': ['client 1', 'client 2'],
  'ack client-individual': ['individual 1', 'individual 2'],
  nack: ['nack'],
  commit: ['before commit', 'commit 1', 'commit 2'],
  abort: ['after abort'],
  alive: ['alive'],
};

/**
 * The room's history against what the client says: all of the steps that went well, in their order, each once, and nothing
 * that was aborted or never sent. A step that failed may have left any part of its own.
 */
export function judgeHistory(results: readonly StepResult[], history: readonly string[]): StepResult {
  const contentsOf = (outcome: StepResult['outcome']) =>
    STEPS.filter((step) => results.some((result) => result.step === step && result.outcome === outcome)).flatMap(
      (step) => CONTENTS[step] ?? [],
    );
  const wanted = JSON.stringify(contentsOf('ok'));
  const excused = contentsOf('failed');
  const found = JSON.stringify(history.filter((content) => !excused.includes(content)));
  if (found === wanted) return { step: 'history', outcome: 'ok', note: null };
  return { step: 'history', outcome: 'failed', note: `the room has ${found}, not ${wanted}` };
}
