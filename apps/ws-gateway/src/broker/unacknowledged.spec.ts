import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Unacknowledged } from './unacknowledged.ts';

const [ACK, NACK] = [{ isRefused: false }, { isRefused: true }];

/** The first at offset 10, the second at 20, … */
function delivered(mode: 'client' | 'client-individual', ...messageIds: string[]) {
  const unacknowledged = new Unacknowledged(mode, 3);
  messageIds.forEach((messageId, n) => unacknowledged.add(messageId, 10 * (n + 1)));
  return unacknowledged;
}

describe('what awaits ACK', () => {
  it('is answered for up to a message in mode client', () => {
    const unacknowledged = delivered('client', '3', '1', '2');
    unacknowledged.settle('1', ACK);
    expect(unacknowledged.count).toBe(1);
    unacknowledged.settle('3', ACK);
    expect(unacknowledged.count).toBe(1);
  });

  it('is answered for one by one in mode client-individual', () => {
    const unacknowledged = delivered('client-individual', '3', '1', '2');
    unacknowledged.settle('1', ACK);
    unacknowledged.settle('1', ACK);
    expect(unacknowledged.count).toBe(2);
  });

  it('is not changed by a message that is not in it', () => {
    const unacknowledged = delivered('client', '1', '2');
    unacknowledged.settle('9', ACK);
    expect(unacknowledged.count).toBe(2);
  });

  it('tells before which offset everything is acknowledged, and never beyond what was refused', () => {
    const unacknowledged = delivered('client-individual', '1', '2', '3');
    unacknowledged.settle('2', ACK);
    expect(unacknowledged.acknowledgedBefore).toBe(10);
    unacknowledged.settle('1', ACK);
    expect(unacknowledged.acknowledgedBefore).toBe(30);
    unacknowledged.settle('3', NACK);
    expect(unacknowledged.acknowledgedBefore).toBe(30);
  });

  it('has a bound', () => {
    const unacknowledged = delivered('client', '1', '2');
    expect([unacknowledged.add('3', 30), unacknowledged.add('4', 40)]).toEqual([true, false]);
  });

  it('is what a list would say, whatever comes', () => {
    const step = fc.record({ do: fc.constantFrom('add', 'ack', 'nack'), id: fc.nat({ max: 12 }) });
    const offsetOf = (name: string) => Number(name.split('-')[1]);
    fc.assert(
      fc.property(fc.constantFrom('client' as const, 'client-individual' as const), fc.array(step), (mode, steps) => {
        const unacknowledged = new Unacknowledged(mode, 100);
        let model: string[] = [];
        let refusedFrom = Infinity;
        for (const [serial, { do: what, id }] of steps.entries()) {
          if (what === 'add') {
            unacknowledged.add(`${id}-${serial}`, serial);
            model.push(`${id}-${serial}`);
          } else {
            const named = model[id % Math.max(1, model.length)] ?? 'none';
            unacknowledged.settle(named, what === 'ack' ? ACK : NACK);
            const at = model.indexOf(named);
            const settled = at < 0 ? [] : mode === 'client' ? model.slice(0, at + 1) : [named];
            model = model.filter((each) => !settled.includes(each));
            if (what === 'nack') refusedFrom = Math.min(refusedFrom, ...settled.map(offsetOf));
          }
          expect(unacknowledged.count).toBe(model.length);
          expect(unacknowledged.acknowledgedBefore).toBe(Math.min(refusedFrom, ...model.map(offsetOf)));
        }
      }),
    );
  });
});
