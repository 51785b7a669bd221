import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PRIVATE_TOPICS, TOPICS } from '@chat/kafka-contracts';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BATCHES } from './costs.ts';
import { CHAT, meanHolders, randomOf } from './population.ts';
import { KEEP_ALIVE, scalingOf, type RecordCosts } from './scaling.ts';

const COSTS: RecordCosts = {
  ...{ recordBytes: 300, mailBytes: 200, emptyMailBytes: 100 },
  ...{ judgeUs: 2, forwardUs: 7, replicas: 3 },
};

const textOf = (path: string) => readFileSync(join(import.meta.dirname, '../../../..', path), 'utf8');

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

  it('comes to what one finds that follows each message and each mail to whoever sends, keeps and reads it', () => {
    const [gateways, seconds, members] = [20, 40, 6];
    const chat = { sessionsPerGateway: 100, sendsPerSession: 0.05, rooms: [{ online: members, share: 1 }] };
    const random = randomOf(3);
    const gatewayAt = () => Math.floor(random() * gateways);
    const counted = { readBytes: 0, writtenBytes: 0, us: 0 };
    const mail = (bytes: number, us: number, readers = 1) => {
      counted.writtenBytes += bytes * 3;
      counted.readBytes += bytes * readers;
      counted.us += us;
    };
    for (let second = 0; second < seconds; second += 1) {
      for (let message = 0; message < 100; message += 1) {
        counted.readBytes += 300; // by its router
        counted.us += 2;
        const holders = new Set(Array.from({ length: members }, gatewayAt));
        for (let left = holders.size; left > 0; left -= 1) mail(200, 7);
      }
      for (let router = 0; router < gateways; router += 1) mail(100, 2 * gateways, gateways);
      if (second % 10 > 0) continue;
      for (let partition = 0; partition < gateways; partition += 1) {
        for (let gateway = 0; gateway < gateways; gateway += 1) {
          mail(100, 7); // it lives
          mail(100, 7); // and is answered
        }
      }
    }
    const { interest } = scalingOf(chat, COSTS, gateways);
    const about = (value: number) => [value * 0.97, value * 1.03] as const;
    for (const [found, [least, most]] of [
      [interest.brokersOutMBytes, about(counted.readBytes / seconds / 1e6)],
      [interest.brokersInMBytes, about(counted.writtenBytes / seconds / 1e6)],
      [interest.cpuShare, about(counted.us / seconds / gateways / 1e6)],
    ] as const) {
      expect(found).toBeGreaterThan(least);
      expect(found).toBeLessThan(most);
    }
  });

  it('costs something where nobody writes', () => {
    const { cpuShare, brokersInMBytes } = scalingOf({ ...CHAT, sendsPerSession: 0 }, COSTS, 100).interest;
    expect([cpuShare > 0, brokersInMBytes > 0]).toEqual([true, true]);
  });
});

describe('what gateways tell each other though nothing happens', () => {
  const limits = textOf('apps/ws-gateway/src/limits.ts');
  /** Of FEED_LIMITS, in s: no tool imports what an app is made of. */
  const limitOf = (name: string) =>
    Number(new RegExp(`^ {2}${name}: ([\\d_]+),$`, 'm').exec(limits)?.[1]?.replaceAll('_', '')) / 1_000;
  /** How often brokers look for what is too old, unless told otherwise, in s: `log.retention.check.interval.ms`. */
  const BROKERS_LOOK_S = 300;

  it('is as often as a gateway has it', () => {
    expect(KEEP_ALIVE).toMatchObject({ renewS: limitOf('renewMs'), announceS: limitOf('progressMs') });
  });

  it('is kept as long as brokers keep it, and of as many partitions as there are', () => {
    const { config } = PRIVATE_TOPICS['room-feed'];
    const keptMs = Number(config['retention.ms']) + Number(config['segment.ms']);
    expect(KEEP_ALIVE.keptS).toBe(keptMs / 1_000 + BROKERS_LOOK_S);
    expect(KEEP_ALIVE.partitions(1)).toBe(TOPICS['chat-messages'].partitions);
  });
});

it('records cost in small batches what bench mail has measured', () => {
  const [, measured = ''] = /<!-- mail: .*?-->(.*?)<!-- \/mail -->/s.exec(textOf('docs/performance.md')) ?? [];
  const medians = measured
    .split('\n')
    .filter((line) => /^\| \d/.test(line))
    .map((line) => line.split('|').map((cell) => Number.parseFloat(cell)));
  const ofSmall = Object.values(BATCHES).slice(1);
  expect(ofSmall.toReversed().map(({ judgeUs, forwardUs }) => [judgeUs, forwardUs])).toEqual(
    medians.slice(0, ofSmall.length).map((cells) => [cells[2], cells[5]]),
  );
});
