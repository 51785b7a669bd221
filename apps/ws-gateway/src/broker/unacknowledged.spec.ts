import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Unacknowledged } from './unacknowledged.ts';

function delivered(mode: 'client' | 'client-individual', ...messageIds: string[]) {
  const unacknowledged = new Unacknowledged(mode, 3);
  for (const messageId of messageIds) unacknowledged.add(messageId);
  return unacknowledged;
}

describe('what awaits ACK', () => {
  it('is answered for up to a message in mode client', () => {
    const unacknowledged = delivered('client', '3', '1', '2');
    unacknowledged.settle('1');
    expect(unacknowledged.count).toBe(1);
    unacknowledged.settle('3');
    expect(unacknowledged.count).toBe(1);
  });

  it('is answered for one by one in mode client-individual', () => {
    const unacknowledged = delivered('client-individual', '3', '1', '2');
    unacknowledged.settle('1');
    unacknowledged.settle('1');
    expect(unacknowledged.count).toBe(2);
  });

  it('is not changed by a message that is not in it', () => {
    const unacknowledged = delivered('client', '1', '2');
    unacknowledged.settle('9');
    expect(unacknowledged.count).toBe(2);
  });

  it('has a bound', () => {
    const unacknowledged = delivered('client', '1', '2');
    expect([unacknowledged.add('3'), unacknowledged.add('4')]).toEqual([true, false]);
  });

  it('is what a list would say, whatever comes', () => {
    const step = fc.record({ do: fc.constantFrom('add', 'settle'), id: fc.nat({ max: 12 }) });
    fc.assert(
      fc.property(fc.constantFrom('client' as const, 'client-individual' as const), fc.array(step), (mode, steps) => {
        const unacknowledged = new Unacknowledged(mode, 100);
        let model: string[] = [];
        for (const [serial, { do: what, id }] of steps.entries()) {
          if (what === 'add') {
            unacknowledged.add(`${id}-${serial}`);
            model.push(`${id}-${serial}`);
          } else {
            const named = model[id % Math.max(1, model.length)] ?? 'none';
            unacknowledged.settle(named);
            const at = model.indexOf(named);
            if (at >= 0) model = mode === 'client' ? model.slice(at + 1) : model.filter((each) => each !== named);
          }
          expect(unacknowledged.count).toBe(model.length);
        }
      }),
    );
  });
});
