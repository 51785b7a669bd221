import { asRoomId } from '@chat/dto';
import { describe, expect, it } from 'vitest';
import { PartitionRouter } from './partition-router.ts';
import type { Routed } from './stretch.ts';

const [one, two] = [asRoomId(1), asRoomId(2)];
const record = (offset: number, roomId = one): Routed => ({ roomId, offset, bytes: 10 });
const open = (limits: { maxRecords?: number; maxBytes?: number } = {}) =>
  new PartitionRouter<Routed>({ from: 100, maxRecords: 1_000, maxBytes: 1_000, ...limits });
const attachment = (version: number, next: number, rooms = [one]) => ({ version, next, rooms });

describe('a router of a partition', () => {
  it('sends each instance the records of its rooms, and the others nothing', () => {
    const router = open();
    router.attach('a', attachment(1, 100, [one]));
    router.attach('b', attachment(1, 100, [one, two]));
    router.attach('c', attachment(1, 100, []));
    const parcels = router.append([record(100), record(101, two), record(103)], 104);
    expect(parcels).toEqual([
      { holder: 'a', stretch: { from: 100, to: 104, version: 1, records: [record(100), record(103)], isCut: false } },
      {
        holder: 'b',
        stretch: {
          from: 100,
          to: 104,
          version: 1,
          records: [record(100), record(101, two), record(103)],
          isCut: false,
        },
      },
    ]);
    const progress = { to: 104, version: 1, records: [], isCut: false };
    expect(router.progress()).toEqual([
      { holder: 'a', stretch: { from: 104, ...progress } },
      { holder: 'b', stretch: { from: 104, ...progress } },
      { holder: 'c', stretch: { from: 100, ...progress } },
    ]);
  });

  it('gives who attaches what it lacks, and no more than that', () => {
    const router = open();
    router.append([record(100), record(101), record(102, two)], 103);
    expect(router.attach('a', attachment(1, 101))).toEqual([
      { holder: 'a', stretch: { from: 101, to: 103, version: 1, records: [record(101)], isCut: false } },
    ]);
  });

  it('lets who is further than the router wait for it', () => {
    const router = open();
    const [parcel] = router.attach('a', attachment(1, 105));
    expect(parcel?.stretch).toMatchObject({ from: 100, to: 100 });
  });

  it('says that it is cut where what an instance lacks is no longer kept, by count or by bytes', () => {
    for (const limits of [{ maxRecords: 2 }, { maxBytes: 25 }]) {
      const router = open(limits);
      router.append([record(100), record(101), record(102)], 103);
      const isCutFrom = (next: number) => router.attach(`from ${next}`, attachment(1, next))[0]?.stretch.isCut;
      expect([isCutFrom(100), isCutFrom(101)]).toEqual([true, false]);
    }
  });

  it('keeps its bounds for ever', () => {
    const router = open({ maxRecords: 5 });
    for (let offset = 100; offset < 10_000; offset += 1) router.append([record(offset)], offset + 1);
    expect(router.keptFrom).toBe(9_995);
    const [parcel] = router.attach('a', attachment(1, 9_990));
    expect(parcel?.stretch.records.map(({ offset }) => offset)).toEqual([9_995, 9_996, 9_997, 9_998, 9_999]);
  });

  it('takes an interest once, and a change only behind the one before it', () => {
    const router = open();
    expect(router.attach('a', attachment(3, 100))).toHaveLength(1);
    expect(router.attach('a', attachment(3, 100))).toEqual([]);
    expect(router.change('a', { version: 5, added: [two], removed: [] })).toEqual([]);
    expect(router.change('b', { version: 1, added: [two], removed: [] })).toEqual([]);
    expect(router.change('a', { version: 4, added: [two], removed: [one] })).toHaveLength(1);
    expect(router.append([record(100), record(101, two)], 102)[0]?.stretch.records).toEqual([record(101, two)]);
  });

  it('forgets who is gone', () => {
    const router = open();
    router.attach('a', attachment(1, 100));
    router.detach('a');
    expect([router.holderCount, router.append([record(100)], 101)]).toEqual([0, []]);
  });
});
