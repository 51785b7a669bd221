import { asRoomId } from '@chat/dto';
import { headerBytes } from '@chat/kafka-contracts';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeMail, encodeMail, mailBytesOf, type FeedMail } from './feed-mail.ts';
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
      bytes: 0,
      record: { key: Buffer.from(String(verdict.roomId)), value, headers, offset, timestamp: offset },
    };
  });
const holder = fc.record({ id: fc.string(), slot: fc.nat() });
const rooms = fc.array(roomId, { maxLength: 20 });
const stretch = fc.record({ from: id, to: id, version: id, isCut: fc.boolean(), records: fc.array(record) });
const mail: fc.Arbitrary<FeedMail> = fc.oneof(
  fc.record({ kind: fc.constant('stretch' as const), holder: fc.string(), partition: fc.nat(), stretch }),
  fc.record({
    ...{ kind: fc.constant('attachment' as const), router: fc.string(), holder, partition: fc.nat() },
    attachment: fc.record({ version: id, next: id, rooms }),
  }),
  fc.record({
    ...{ kind: fc.constant('change' as const), router: fc.string(), holder, partition: fc.nat() },
    change: fc.record({ version: id, added: rooms, removed: rooms }),
  }),
  fc.record({ kind: fc.constant('routing' as const), router: holder, partitions: fc.array(fc.tuple(fc.nat(), id)) }),
);

/** As texts and numbers alone. */
function plain(read: FeedMail | null): unknown {
  if (read?.kind !== 'stretch') return read;
  const { records, ...rest } = read.stretch;
  const hex = (some: Uint8Array | null) => some && Buffer.from(some).toString('hex');
  const items = records.map(({ record: { key, value, offset, ...headers }, bytes: _, ...verdict }) => ({
    ...verdict,
    record: [hex(key), hex(value), offset, ...HEADERS.map((name) => hex(headerBytes(headers, name)))],
  }));
  return { ...read, stretch: { ...rest, items } };
}

describe('mail between instances', () => {
  it('is read as it was written', () => {
    fc.assert(
      fc.property(mail, (written) => {
        expect(plain(decodeMail(encodeMail(written)))).toEqual(plain(written));
      }),
    );
  });

  it('takes as many bytes a record as is said of it', () => {
    fc.assert(
      fc.property(record, (one) => {
        const empty = { from: 0, to: 0, version: 0, isCut: false, records: [] };
        const of = (records: JudgedRecord[]) =>
          encodeMail({ kind: 'stretch', holder: '', partition: 0, stretch: { ...empty, records } }).length;
        expect(of([one, one]) - of([one])).toBe(mailBytesOf(one));
      }),
    );
  });

  it('of another format, cut off anywhere, or no mail at all, is left alone', () => {
    fc.assert(
      fc.property(mail, fc.nat(), (written, at) => {
        const whole = encodeMail(written);
        const cut = decodeMail(whole.subarray(0, at % whole.length));
        expect(cut === null || cut.kind === 'attachment' || cut.kind === 'change').toBe(true);
      }),
    );
    expect([decodeMail(null), decodeMail(Buffer.from('{}')), decodeMail(Buffer.from([2, 0, 0, 0, 0]))]).toEqual([
      null,
      null,
      null,
    ]);
  });
});
