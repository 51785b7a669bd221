import { describe, expect, it } from 'vitest';
import { readOptions } from './run-options.ts';

describe('the command line of a fault run', () => {
  it('has the load of the design where it says nothing', () => {
    expect(readOptions([])).toEqual({
      ...{ faultIds: [], seed: null, minutes: 10, clientCount: 40, roomCount: 8, ratePerSecond: 200 },
      ...{ feed: 'full', replay: null, writesDocument: false },
    });
  });

  it('names faults, a seed, a load, a history', () => {
    const args = ['--fault', 'F5', '--fault', 'F7', '--seed', '7', '--minutes', '3', '--rate', '50', '--replay', 'a'];
    expect(readOptions(args)).toMatchObject({
      ...{ faultIds: ['F5', 'F7'], seed: 7, minutes: 3, ratePerSecond: 50, replay: 'a' },
    });
  });

  it('names how gateways get what they deliver', () => {
    expect(readOptions(['--feed', 'interest']).feed).toBe('interest');
    expect(() => readOptions(['--feed=none'])).toThrow('--feed must be one of full, interest, not none');
  });

  it.each(['seed', 'minutes', 'clients', 'rooms', 'rate'])('refuses a --%s that is no number', (name) => {
    for (const text of ['x', '0', '-1', '1.5', '']) {
      expect(() => readOptions([`--${name}=${text}`])).toThrow(`--${name} must be a whole number from 1, not ${text}`);
    }
  });
});
