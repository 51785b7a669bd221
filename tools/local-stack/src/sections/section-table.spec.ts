import { describe, expect, it } from 'vitest';
import { chooseSections, SECTIONS } from './section-table.ts';

describe('chooseSections', () => {
  it('chooses all without a name', () => {
    expect(chooseSections([])).toEqual({ sections: SECTIONS });
  });

  it('keeps the order of the run, whatever the order of the names', () => {
    const chosen = chooseSections(['e2e', 'check']);
    expect('sections' in chosen && chosen.sections.map(({ name }) => name)).toEqual(['check', 'e2e']);
  });

  it('refuses a name that it does not know', () => {
    expect(chooseSections(['e2e', 'fast'])).toEqual({ unknown: 'fast' });
  });
});
