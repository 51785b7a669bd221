import { asRoomId, asUserId, isStorableJson } from '@chat/dto';
import { hostileMessageRecords } from '@chat/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeMessageRecord, messageRepeatKeysOf } from './message-record.ts';
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
