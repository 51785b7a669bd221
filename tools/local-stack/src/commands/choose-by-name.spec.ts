import { describe, expect, it } from 'vitest';
import { chooseByName } from './choose-by-name.ts';

const table = [{ name: 'format' }, { name: 'check' }, { name: 'e2e' }];

describe('chooseByName', () => {
  it('chooses all without a name', () => {
    expect(chooseByName(table, [], 'section')).toEqual(table);
  });

  it('keeps the order of the table, whatever the order of the names', () => {
    expect(chooseByName(table, ['e2e', 'check'], 'section')).toEqual([{ name: 'check' }, { name: 'e2e' }]);
  });

  it('refuses a name that is not in the table, in a sentence that has those that are', () => {
    expect(() => chooseByName(table, ['e2e', 'fast'], 'section')).toThrow(
      'There is no section "fast"; there are format, check, e2e.',
    );
  });
});
