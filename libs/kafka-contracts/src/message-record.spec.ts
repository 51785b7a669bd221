import { asRoomId, asUserId, changeOf, isStorableJson } from '@chat/dto';
import { hostileMessageRecords } from '@chat/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeMessageRecord, messageRepeatIdsOf, messageRepeatKeysOf, readMessageRecord } from './message-record.ts';
import { partitionOf } from './partition.ts';
import type { RawRecord } from './record.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const message = (roomId: number, senderId: number) => ({ roomId: asRoomId(roomId), senderId: asUserId(senderId) });
const record = (roomId: number, headers: RawRecord['headers']): RawRecord => ({
  key: bytes(String(roomId)),
  value: null,
  headers,
});
const ids = fc.integer({ min: 1, max: 3 });
const texts = fc.constantFrom('a', 'a:1', '1:a', ':', '1');

describe('messageRepeatKeysOf', () => {
  it.each([
    ['its sender names itself', '1', '5:e', '1:5:k'],
    ['the header names somebody else', '2', '5:e', null],
    ['the header writes the sender in another way', '01', '5:e', null],
    ['no sender is named', undefined, '5:e', null],
  ])('where %s', (_, senderId, eventKey, clientKey) => {
    const headers = { ce_id: 'e', 'client-message-id': 'k', ...(senderId !== undefined && { 'sender-id': senderId }) };
    expect(messageRepeatKeysOf(record(5, headers), message(5, 1))).toEqual({
      eventId: 'e',
      eventKey,
      clientMessageId: clientKey === null ? null : 'k',
      clientKey,
    });
  });

  it('takes an empty id for none', () => {
    const empty = record(5, { ce_id: '', 'client-message-id': '', 'sender-id': '1' });
    expect(messageRepeatKeysOf(empty, message(5, 1))).toMatchObject({ eventKey: null, clientKey: null });
  });

  it('gives two records one key only for the same room, and the same event, or sender and client message id', () => {
    const made = fc.record({ roomId: ids, senderId: ids, ce_id: texts, key: texts });
    const keysOf = ({
      roomId,
      senderId,
      ce_id,
      key,
    }: {
      roomId: number;
      senderId: number;
      ce_id: string;
      key: string;
    }) =>
      messageRepeatKeysOf(
        record(roomId, { ce_id, 'client-message-id': key, 'sender-id': String(senderId) }),
        message(roomId, senderId),
      );
    fc.assert(
      fc.property(made, made, (one, other) => {
        const isSameRoom = one.roomId === other.roomId;
        const [first, second] = [keysOf(one), keysOf(other)];
        expect(first.eventKey === second.eventKey).toBe(isSameRoom && one.ce_id === other.ce_id);
        expect(first.clientKey === second.clientKey).toBe(
          isSameRoom && one.senderId === other.senderId && one.key === other.key,
        );
      }),
    );
  });
});

describe('decodeMessageRecord', () => {
  const isId = (id: number, least: number) => Number.isSafeInteger(id) && id >= least;

  it('gives a reason or a message that is storable, under its very key, on its very partition, whatever comes', () => {
    fc.assert(
      fc.property(hostileMessageRecords(), fc.nat(2), (given, partition) => {
        const decoded = decodeMessageRecord(given, partition, 3);
        if (!decoded.ok) return void expect(decoded.reason).not.toBe('');
        const { id, senderId, roomId, timestamp } = decoded.value;
        expect([isId(id, Number.MIN_SAFE_INTEGER), isId(senderId, 1), isId(roomId, 1)]).toEqual([true, true, true]);
        expect(Date.parse(timestamp)).not.toBeNaN();
        expect(isStorableJson(decoded.value)).toBe(true);
        expect(Buffer.from(given.key ?? []).toString('latin1')).toBe(String(roomId));
        expect(partition).toBe(partitionOf(String(roomId), 3));
        for (const key of Object.values(messageRepeatKeysOf(given, decoded.value))) expect(key).not.toBe('');
      }),
      { numRuns: 3_000 },
    );
  });

  it.each([
    ['EDIT', { content: 'new' }, null],
    ['EDIT', { content: '' }, 'content: must not be empty in a message of kind EDIT'],
    ['EDIT', { targetId: undefined }, 'targetId: a message of kind EDIT must name the one that it is about'],
    ['DELETE', { content: '' }, null],
    ['DELETE', { content: 'why' }, 'content: must be empty in a DELETE'],
    ['REACTION', { content: '👨‍👩‍👧‍👦' }, null],
    ['REACTION', { content: '👍', removed: true }, null],
    ['REACTION', { content: '👍'.repeat(32) }, null],
    ['REACTION', { content: '👍'.repeat(33) }, 'content: must have at most 32 code points in a REACTION'],
    ['SYSTEM', { content: '', targetId: undefined }, null],
    [undefined, { content: '', targetId: undefined }, null],
  ])('judges a message of kind %s with %j by the rules of its kind', (kind, fields, reason) => {
    const value = { id: 2, senderId: 1, roomId: 7, content: 'x', type: 'GROUP', timestamp: '2026-01-01T10:00:00Z' };
    const given = { ...record(7, {}), value: bytes(JSON.stringify({ ...value, kind, targetId: 1, ...fields })) };
    for (const judge of [decodeMessageRecord, readMessageRecord]) {
      const decoded = judge(given, 0, 1);
      expect(decoded.ok ? null : decoded.reason).toBe(reason);
    }
  });

  it('finds enough that counts among these records for the rule to mean something', () => {
    const sample = fc.sample(hostileMessageRecords(), { numRuns: 1_000, seed: 1 });
    const counting = sample.filter((given) => decodeMessageRecord(given, 0, 1).ok).length;
    expect(counting).toBeGreaterThan(300);
    expect(counting).toBeLessThan(900);
  });

  it('takes a byte order mark in a header for part of the text', () => {
    const marked = record(5, { ce_id: bytes('\uFEFFe') });
    expect(messageRepeatKeysOf(marked, message(5, 1)).eventId).toBe('\uFEFFe');
  });
});

describe('readMessageRecord', () => {
  /** A record of ours, and what others make of it. */
  const keyed = fc.record({
    key: fc.constantFrom('7', '7', '07', '+7', '7 ', '\uFEFF7', '8', '', null),
    room: fc.constantFrom('7', '7', '8', '9007199254740991', '9007199254740992', '07'),
    content: fc.oneof(fc.constant(''), fc.string({ unit: 'binary', maxLength: 5 }), fc.constant('x'.repeat(33))),
    more: fc.constantFrom(
      '',
      '',
      '',
      ',"kind":"SYSTEM"',
      ',"kind":"EDIT","targetId":9',
      ',"kind":"EDIT"',
      ',"kind":"DELETE","targetId":9',
      ',"kind":"REACTION","targetId":9,"removed":true',
      ',"kind":"REACTION","targetId":-9,"removed":false',
    ),
  });
  const made = keyed.map(({ key, room, content, more }): RawRecord => ({
    key: key === null ? null : bytes(key),
    value: bytes(
      `{"id":1,"senderId":2,"roomId":${room},"content":${JSON.stringify(content)},"type":"GROUP","timestamp":"2026-01-01T10:00:00Z"${more}}`,
    ),
    headers: {},
  }));

  it('judges as decodeMessageRecord does, and gives the same message', () => {
    fc.assert(
      fc.property(fc.oneof(made, hostileMessageRecords()), fc.nat(2), (given, partition) => {
        const [decoded, read] = [decodeMessageRecord(given, partition, 3), readMessageRecord(given, partition, 3)];
        if (!decoded.ok || !read.ok) return void expect(read).toEqual(decoded);
        const { id, senderId, roomId, content, kind = null, system = null } = decoded.value;
        const { bytes: source, from, to } = read.value.content;
        expect(read.value).toMatchObject({ id, senderId, roomId, kind, change: changeOf(decoded.value) });
        expect(read.value.notice).toEqual(kind === 'SYSTEM' ? system : null);
        expect(Buffer.from(source).toString('utf8', from, to)).toBe(JSON.stringify(content));
      }),
      { numRuns: 5_000 },
    );
  });
});

describe('messageRepeatIdsOf', () => {
  it('gives the ids as their headers have them, where they are text', () => {
    const text = (value: Uint8Array | null) => value && new TextDecoder('utf-8', { ignoreBOM: true }).decode(value);
    fc.assert(
      fc.property(hostileMessageRecords(), (given) => {
        const first = (name: string) => [given.headers?.[name]].flat()[0] ?? null;
        const isText = (value: Uint8Array | null) => value !== null && Buffer.from(text(value) ?? '').equals(value);
        const idIn = (name: string) => (isText(first(name)) ? text(first(name)) || null : null);
        const isOwn = first('sender-id') !== null && Buffer.from(first('sender-id') ?? []).toString('latin1') === '1';
        const ids = messageRepeatIdsOf(given, message(7, 1));
        expect([text(ids.eventId), text(ids.clientMessageId)]).toEqual([
          idIn('ce_id'),
          isOwn ? idIn('client-message-id') : null,
        ]);
      }),
      { numRuns: 3_000 },
    );
  });
});
