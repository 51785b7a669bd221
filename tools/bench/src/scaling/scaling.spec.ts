import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CHAT, meanHolders, randomOf } from './population.ts';
import { scalingOf, type RecordCosts } from './scaling.ts';

const COSTS: RecordCosts = { recordBytes: 300, mailBytes: 200, judgeUs: 2, forwardUs: 7, replicas: 3 };

describe('the simulation of many gateways', () => {
  it('puts members of rooms where chance would: what it draws is what can be calculated', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 50 }), (gateways, online) => {
        const drawn = meanHolders({ rooms: [{ online, share: 1 }] }, gateways, { samples: 4_000, random: randomOf(1) });
        const calculated = gateways * (1 - (1 - 1 / gateways) ** online);
        expect(Math.abs(drawn - calculated) / calculated).toBeLessThan(0.03);
      }),
      { numRuns: 50 },
    );
  });

  it('draws rooms as often as they have messages', () => {
    const rooms = [
      { online: 1, share: 0.75 },
      { online: 1_000_000, share: 0.25 },
    ];
    const drawn = meanHolders({ rooms }, 101, { samples: 20_000, random: randomOf(2) });
    expect(Math.abs(drawn - 26)).toBeLessThan(1);
  });

  it('has shares that come to all messages', () => {
    expect(CHAT.rooms.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1);
  });

  it('reads everything at every gateway with full fan-in, and a falling share of it with interest routing', () => {
    const [ten, thousand] = [scalingOf(CHAT, COSTS, 10), scalingOf(CHAT, COSTS, 1_000)];
    expect(ten.full.recordsRead).toBe(ten.messagesPerSecond);
    expect(thousand.full.recordsRead).toBe(100 * ten.full.recordsRead);
    const shareOf = ({ interest, messagesPerSecond }: typeof ten) => interest.recordsRead / messagesPerSecond;
    expect(shareOf(ten)).toBeGreaterThan(0.4);
    expect(shareOf(thousand)).toBeLessThan(0.03);
  });

  it('takes as much of all brokers as of all gateways', () => {
    const { gateways, full, interest } = scalingOf(CHAT, COSTS, 100);
    for (const { brokersOutMBytes, mbitPerSecond } of [full, interest]) {
      expect(brokersOutMBytes).toBeCloseTo((gateways * mbitPerSecond) / 8, 6);
    }
  });
});
