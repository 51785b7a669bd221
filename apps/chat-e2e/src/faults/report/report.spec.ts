import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { withSection } from '@chat/testing';
import { describe, expect, it } from 'vitest';
import { changed, is, without } from '../history/edits.ts';
import { STORY } from '../simulation/story.ts';
import { guaranteeSection, verdicts } from './guarantees.ts';
import { reportText } from './report-text.ts';
import { runFigures } from './run-figures.ts';

describe('the figures of a run', () => {
  it('count messages, not SENDs, and what became of them', () => {
    expect(runFigures(STORY)).toMatchObject({
      ...{ sent: 4, acknowledged: 4, resent: 1, deliveries: 8, reconnects: 1, unrecovered: 0 },
      ...{ lost: 0, duplicated: 0, reordered: 0, violations: 0, seconds: 60, longestPauseMs: 80 },
      faults: new Map([['F1', 1]]),
    });
  });

  it('are the broken rules’', () => {
    expect(runFigures(without(STORY, is('row', { id: '102' })))).toMatchObject({
      lost: 1,
      reordered: 1,
      violations: 2,
    });
  });

  it('have the times from the first SEND to each delivery, by when it was sent', () => {
    const late = changed(STORY, is('message', { subscription: 12, id: '104' }), () => ({ at: 1_350 }));
    expect(runFigures(late).phases).toEqual([{ name: 'calm', count: 8, p50Ms: 30, p99Ms: 1_000 }]);
  });
});

describe('the report', () => {
  it('has a table each of figures, faults and phases', () => {
    const text = reportText(runFigures(STORY), () => 'a gateway is killed');
    expect(text).toContain('| sent                      | 4     |');
    expect(text).toContain('| F1    | a gateway is killed | 1     |');
    expect(text).toContain('| calm    | 8          |');
  });

  it('says of each promise which of its rules held, and has a place for it', () => {
    const said = verdicts([{ rule: 'nothing acknowledged is lost', sentence: '' }]);
    expect(said.get('P1')).toBe('- nothing acknowledged is lost: broken 1 times\n- the history is whole: held');
    const guarantees = readFileSync(join(import.meta.dirname, '../../../../../docs/guarantees.md'), 'utf8');
    for (const [promise, text] of said)
      expect(withSection(guarantees, guaranteeSection(promise), text)).toContain(text);
  });
});
