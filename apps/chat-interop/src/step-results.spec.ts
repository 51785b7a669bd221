import { describe, expect, it } from 'vitest';
import { CLIENT_STEPS, completed, parseStepResult } from './step-results.ts';

describe('a line of a client’s program', () => {
  it('is the result of a step, with or without a note', () => {
    expect(parseStepResult('{"step":"nack","outcome":"ok","note":null}')).toEqual({
      step: 'nack',
      outcome: 'ok',
      note: null,
    });
    expect(parseStepResult('{"step":"abort","outcome":"cannot","note":"no ABORT"}')?.note).toBe('no ABORT');
  });

  it('has a note of one line, whatever the program says', () => {
    expect(parseStepResult('{"step":"nack","outcome":"failed","note":"one\\ntwo"}')?.note).toBe('one two');
  });

  it.each([
    '',
    'Picked up JAVA_TOOL_OPTIONS',
    'null',
    '{"step":"jump","outcome":"ok","note":null}',
    '{"step":"nack","outcome":"fine","note":null}',
  ])('is ignored where it is none: %s', (line) => {
    expect(parseStepResult(line)).toBeNull();
  });
});

describe('the results of a client', () => {
  it('are in the order of the steps, and what was not reported has failed', () => {
    const results = completed(
      [
        { step: 'send', outcome: 'ok', note: null },
        { step: 'connect', outcome: 'ok', note: null },
      ],
      'it ended',
    );
    expect(results.map(({ step }) => step)).toEqual(CLIENT_STEPS);
    expect(results.filter(({ outcome }) => outcome === 'ok').map(({ step }) => step)).toEqual(['connect', 'send']);
    expect(results.find(({ step }) => step === 'abort')).toEqual({
      step: 'abort',
      outcome: 'failed',
      note: 'it ended',
    });
  });
});
