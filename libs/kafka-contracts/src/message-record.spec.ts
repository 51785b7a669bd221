import { asRoomId, asUserId } from '@chat/dto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { messageRepeatKeysOf } from './message-record.ts';
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
