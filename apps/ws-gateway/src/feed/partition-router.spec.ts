import { asRoomId } from '@chat/dto';
import { describe, expect, it } from 'vitest';
import { PartitionRouter, type Kept } from './partition-router.ts';

const [one, two] = [asRoomId(1), asRoomId(2)];
const record = (offset: number, roomId = one): Kept => ({ roomId, offset, bytes: 10 });
const limits = { maxRecords: 1_000, maxBytes: 1_000 };
const open = (given: Partial<typeof limits> = {}) => new PartitionRouter<Kept>({ from: 100, ...limits, ...given });
/** Records without a hole behind the last. */
const append = (router: PartitionRouter<Kept>, records: readonly Kept[]) => {
  const to = (records.at(-1)?.offset ?? 0) + 1;
  return router.append(records, to, to);
};
const allFrom = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => record(from + at));
const attachment = (version: number, next: number, rooms = [one]) => ({ version, next, rooms });

describe('a router of a partition', () => {
  it('sends each instance the records of its rooms, and the others nothing', () => {
    const router = open();
    router.attach('a', attachment(1, 100, [one]));
    router.attach('b', attachment(1, 100, [one, two]));
    router.attach('c', attachment(1, 100, []));
    const parcels = append(router, [record(100), record(101, two), record(103)]);
    const rest = { from: 100, to: 104, version: 1, barrier: 104, isCut: false };
    expect(parcels).toEqual([
      { holder: 'a', stretch: { ...rest, records: [record(100), record(103)] } },
      { holder: 'b', stretch: { ...rest, records: [record(100), record(101, two), record(103)] } },
    ]);
  });

  it('tells how far the log is who lacks an eighth of what is kept, by count or by bytes, and nobody else', () => {
    for (const given of [{ maxRecords: 40 }, { maxBytes: 400 }]) {
      const router = open(given);
      router.attach('listens', attachment(1, 100, [one]));
      router.attach('idle', attachment(1, 100, [two]));
      append(router, allFrom(100, 105));
      expect(router.progress()).toEqual([]);
      append(router, [record(105)]);
      const stretch = { from: 100, to: 106, version: 1, records: [], barrier: 106, isCut: false };
      expect(router.progress()).toEqual([{ holder: 'idle', stretch }]);
      expect(router.progress()).toEqual([]);
    }
  });

  it('tells the end of the log apart from the last record, where hidden ones follow', () => {
    const router = open();
    router.attach('a', attachment(1, 100));
    append(router, [record(100)]);
    router.append([], 103, 101);
    expect(router.change('a', { version: 2, added: [], removed: [] })).toEqual([
      { holder: 'a', stretch: { from: 101, to: 103, version: 2, records: [], barrier: 101, isCut: false } },
    ]);
  });

  it('gives who attaches what it lacks, and no more than that', () => {
    const router = open();
    append(router, [record(100), record(101), record(102, two)]);
    expect(router.attach('a', attachment(1, 101))).toEqual([
      {
        holder: 'a',
        stretch: { from: 101, to: 103, version: 1, records: [record(101)], barrier: 103, isCut: false },
      },
    ]);
  });

  it('sends nothing to who is further than it has come, and from there on what is new', () => {
    const router = open();
    expect(router.attach('a', attachment(1, 105))).toEqual([]);
    expect(append(router, allFrom(100, 104))).toEqual([]);
    expect([router.progress(), router.change('a', { version: 2, added: [two], removed: [] })]).toEqual([[], []]);
    expect(append(router, [record(104), record(105)])).toEqual([
      {
        holder: 'a',
        stretch: { from: 105, to: 106, version: 2, records: [record(105)], barrier: 106, isCut: false },
      },
    ]);
  });

  it('tells who was further that it has come there, though there is nothing for it', () => {
    const router = open();
    router.attach('a', attachment(1, 101));
    const stretch = { from: 101, to: 101, version: 1, records: [], barrier: 101, isCut: false };
    expect(append(router, [record(100)])).toEqual([{ holder: 'a', stretch }]);
  });

  it('shows a gap to who may have missed something, sends it no more records, and all that it lacks once it attaches', () => {
    const router = open();
    router.attach('a', attachment(1, 100));
    append(router, [record(100)]);
    router.miss('a');
    expect(append(router, [record(101)])).toEqual([]);
    expect(router.progress()).toMatchObject([{ holder: 'a', stretch: { from: 102, to: 102, records: [] } }]);
    expect(router.attach('a', attachment(2, 100))[0]?.stretch.records).toEqual([record(100), record(101)]);
    expect(router.progress()).toEqual([]);
    expect(append(router, [record(102)])).toHaveLength(1);
  });

  it('says that it is cut where what an instance lacks is no longer kept, by count or by bytes', () => {
    for (const given of [{ maxRecords: 2 }, { maxBytes: 25 }]) {
      const router = open(given);
      append(router, allFrom(100, 103));
      const isCutFrom = (next: number) => router.attach(`from ${next}`, attachment(1, next))[0]?.stretch.isCut;
      expect([isCutFrom(100), isCutFrom(101)]).toEqual([true, false]);
    }
  });

  it('keeps its bounds for ever', () => {
    const router = open({ maxRecords: 5 });
    for (let offset = 100; offset < 10_000; offset += 1) append(router, [record(offset)]);
    expect(router.keptFrom).toBe(9_995);
    const [parcel] = router.attach('a', attachment(1, 9_990));
    expect(parcel?.stretch.records.map(({ offset }) => offset)).toEqual([9_995, 9_996, 9_997, 9_998, 9_999]);
  });

  it('gives up what is beyond a bound that has become smaller', () => {
    const router = open();
    append(router, allFrom(100, 200));
    router.limit({ ...limits, maxBytes: 50 });
    expect(router.keptFrom).toBe(195);
  });

  it('takes an interest once, and a change only behind the one before it', () => {
    const router = open();
    expect(router.attach('a', attachment(3, 100))).toHaveLength(1);
    expect(router.attach('a', attachment(3, 100))).toEqual([]);
    expect(router.change('a', { version: 5, added: [two], removed: [] })).toEqual([]);
    expect(router.change('b', { version: 1, added: [two], removed: [] })).toEqual([]);
    expect(router.change('a', { version: 4, added: [two], removed: [one] })).toHaveLength(1);
    expect(append(router, [record(100), record(101, two)])[0]?.stretch.records).toEqual([record(101, two)]);
  });

  it('forgets who is gone', () => {
    const router = open();
    router.attach('a', attachment(1, 100));
    router.detach('a');
    expect([router.holderCount, append(router, [record(100)])]).toEqual([0, []]);
  });
});
