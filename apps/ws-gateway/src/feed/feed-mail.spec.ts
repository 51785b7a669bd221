import { asRoomId } from '@chat/dto';
import { headerBytes, textOf } from '@chat/kafka-contracts';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeMail, encodeMail, mailBytesOf, writeRecords, type FeedMail } from './feed-mail.ts';
import type { JudgedRecord } from './stretch.ts';

const id = fc.maxSafeNat();
const roomId = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }).map(asRoomId);
const bytes = fc.option(fc.uint8Array({ maxLength: 40 }), { nil: undefined });
const HEADERS = ['ce_id', 'sender-id', 'client-message-id', 'traceparent'];
const record: fc.Arbitrary<JudgedRecord> = fc
  .record({
    ...{ offset: id, roomId, value: fc.uint8Array({ maxLength: 200 }), prev: fc.option(id.map(String)) },
    headers: fc.record({ ce_id: bytes, 'sender-id': bytes, 'client-message-id': bytes, traceparent: bytes }),
    first: fc.option(
      fc.record({ messageId: id.map(String), digest: fc.option(fc.integer()), isCertain: fc.boolean() }),
    ),
  })
  .map(({ offset, value, headers, ...verdict }) => {
    return {
      ...verdict,
      offset,
      record: { key: Buffer.from(String(verdict.roomId)), value, headers, offset, timestamp: offset },
    };
  });
const holder = fc.record({ id: fc.string(), slot: fc.nat() });
const rooms = fc.array(roomId, { maxLength: 20 });
const stretch = fc.record({
  from: id,
  to: id,
  version: id,
  barrier: id,
  isCut: fc.boolean(),
  records: fc.array(record),
});
const mail: fc.Arbitrary<FeedMail> = fc.oneof(
  fc.record({ kind: fc.constant('stretch' as const), holder: fc.string(), partition: fc.nat(), stretch }),
  fc.record({
    ...{ kind: fc.constant('attachment' as const), router: fc.string(), holder, partition: fc.nat() },
    ...{ attachment: fc.record({ version: id, next: id, rooms }), part: fc.nat(), parts: fc.nat() },
  }),
  fc.record({
    ...{ kind: fc.constant('change' as const), router: fc.string(), holder, partition: fc.nat() },
    change: fc.record({ version: id, added: rooms, removed: rooms }),
  }),
  fc.record({
    ...{ kind: fc.constant('routing' as const), router: holder, reads: fc.array(fc.nat()) },
    ...{ partitions: fc.array(fc.tuple(fc.nat(), id)), readingBack: fc.array(fc.nat()) },
  }),
);

/** As a router sends it. */
function encode(of: FeedMail): Buffer {
  if (of.kind !== 'stretch') return encodeMail(of);
  return encodeMail({ ...of, stretch: { ...of.stretch, records: writeRecords(of.stretch.records) } });
}

/** As texts and numbers alone. */
function plain(read: FeedMail | null): unknown {
  if (read?.kind !== 'stretch') return read;
  const { records, ...rest } = read.stretch;
  const hex = (some: Uint8Array | null) => some && Buffer.from(some).toString('hex');
  const items = records.map(({ record: { key, value, offset, ...headers }, ...verdict }) => ({
    ...verdict,
    record: [hex(key), hex(value), offset, ...HEADERS.map((name) => hex(headerBytes(headers, name)))],
  }));
  return { ...read, stretch: { ...rest, items } };
}

describe('mail between instances', () => {
  it('is read as it was written', () => {
    fc.assert(
      fc.property(mail, (written) => {
        expect(plain(decodeMail(encode(written)))).toEqual(plain(written));
      }),
    );
  });

  it('takes a header however long it is', () => {
    const long = 'x'.repeat(70_000);
    const headers = { ce_id: '1', 'client-message-id': long };
    const record = { key: null, value: Buffer.from('{}'), headers, offset: 7, timestamp: 0 };
    const judged = { roomId: asRoomId(1), offset: 7, first: null, prev: null, record };
    const stretch = { from: 7, to: 8, version: 1, barrier: 8, isCut: false, records: [judged] };
    const read = decodeMail(encode({ kind: 'stretch', holder: 'a', partition: 0, stretch }));
    const [found] = read?.kind === 'stretch' ? read.stretch.records : [];
    expect(found && textOf(headerBytes(found.record, 'client-message-id') ?? new Uint8Array())).toBe(long);
  });

  it('keeps records in bytes of their own', () => {
    const value = Buffer.from('as it was');
    const record = { key: null, value, headers: { ce_id: '1' }, offset: 7, timestamp: 0 };
    const written = writeRecords([{ roomId: asRoomId(1), offset: 7, first: null, prev: null, record }]);
    value.fill('x'); // what the fetch lay in is another's by now
    expect(Buffer.from(written[0]?.written ?? []).toString()).toContain('as it was');
    expect(written[0]?.written.buffer.byteLength).toBe(written[0]?.written.length);
  });

  it('takes as many bytes a record as is said of it', () => {
    fc.assert(
      fc.property(record, (one) => {
        const empty = { from: 0, to: 0, version: 0, barrier: 0, isCut: false, records: [] };
        const of = (records: JudgedRecord[]) =>
          encode({ kind: 'stretch', holder: '', partition: 0, stretch: { ...empty, records } }).length;
        expect(of([one, one]) - of([one])).toBe(mailBytesOf(one));
      }),
    );
  });

  it('of another format, cut off anywhere, or no mail at all, is left alone', () => {
    fc.assert(
      fc.property(mail, fc.nat(), (written, at) => {
        const whole = encode(written);
        expect(decodeMail(whole.subarray(0, at % whole.length))).toBeNull();
      }),
    );
    expect([decodeMail(null), decodeMail(Buffer.from('{}')), decodeMail(Buffer.from([1, 0, 0, 0, 0]))]).toEqual([
      null,
      null,
      null,
    ]);
  });

  it('of a later version is read where it only says more, and else left alone', () => {
    const router = { id: 'r', slot: 1, later: 1 };
    const routing = { kind: 'routing', router, reads: [2], partitions: [[3, 4, 5]], readingBack: [], later: {} };
    expect(decodeMail(withHead(routing))).toMatchObject({ kind: 'routing', partitions: [[3, 4, 5]] });
    for (const head of [
      { kind: 'later' },
      { kind: 'routing', router },
      { kind: 'toString' },
      { kind: 'stretch' },
      1,
      null,
    ]) {
      expect(decodeMail(withHead(head))).toBeNull();
    }
  });

  it('with any head is either left alone or has all that its kind has', () => {
    fc.assert(
      fc.property(
        mail,
        fc.dictionary(fc.constantFrom('kind', 'router', 'partitions', 'count', 'part'), fc.jsonValue()),
        (written, other) => {
          const whole = encode(written);
          const headLength = whole.readUInt32LE(1);
          const head = JSON.parse(whole.subarray(5, 5 + headLength).toString()) as object;
          const read = decodeMail(Buffer.concat([withHead({ ...head, ...other }), whole.subarray(5 + headLength)]));
          if (read?.kind === 'routing')
            for (const [partition, since] of read.partitions) expect([partition, since]).not.toContain(undefined);
          if (read?.kind === 'attachment') expect(read.attachment.rooms.length).toBeGreaterThanOrEqual(0);
          expect([null, 'stretch', 'attachment', 'change', 'routing']).toContain(read === null ? null : read.kind);
        },
      ),
    );
  });
});

/** A mail of this format with this head alone. */
function withHead(head: unknown): Buffer {
  const text = Buffer.from(JSON.stringify(head));
  const start = Buffer.from([2, 0, 0, 0, 0]);
  start.writeUInt32LE(text.length, 1);
  return Buffer.concat([start, text]);
}
