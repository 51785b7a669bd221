import { asMessageId, asRoomId, asUserId, type MessageDTO } from '@chat/dto';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { decodeMessageRecord, messageRepeatKeysOf } from './message-record.ts';
import { partitionOf } from './partition.ts';
import { decodeRecord, encodeRecord, type RawRecord } from './record.ts';
import { deadLetterTopicOf, TOPICS, type KeyOf, type ValueOf } from './topics.ts';

const PARTITIONS = 12;
const bytes = (text: string) => new TextEncoder().encode(text);

const message: MessageDTO = {
  id: asMessageId(948359823823823),
  senderId: asUserId(1),
  roomId: asRoomId(1),
  content: 'Hello!',
  type: 'GROUP',
  timestamp: '2025-04-29T15:23:00Z',
};

const raw = (value: unknown, key = '1'): RawRecord => ({ key: bytes(key), value: bytes(JSON.stringify(value)) });
const reasonOf = (record: RawRecord, partition = partitionOf('1', PARTITIONS)) => {
  const decoded = decodeMessageRecord(record, partition, PARTITIONS);
  return decoded.ok ? null : decoded.reason;
};

describe('a record of chat-messages', () => {
  it('is the JSON of the MessageDTO under the room id, with CloudEvents headers', () => {
    const record = encodeRecord('chat-messages', message.roomId, message, {
      id: '948359823823823',
      source: 'ws-gateway/1',
      time: message.timestamp,
      headers: { 'sender-id': '1', 'client-message-id': 'a' },
    });
    expect(record.key).toBe('1');
    expect(JSON.parse(new TextDecoder().decode(record.value))).toEqual(message);
    expect(record.headers).toMatchObject({
      ce_id: '948359823823823',
      ce_type: 'chat.chat-messages',
      'client-message-id': 'a',
    });
  });

  it('counts without any of our headers', () => {
    expect(reasonOf(raw(message))).toBeNull();
    expect(messageRepeatKeysOf(raw(message), message)).toMatchObject({ eventKey: null, clientKey: null });
  });

  it('counts with fields that a later version added', () => {
    expect(reasonOf(raw({ ...message, later: true }))).toBeNull();
  });

  it.each([
    ['the value is not JSON', { key: bytes('1'), value: bytes('{') }],
    ['the value is not UTF-8', { key: bytes('1'), value: new Uint8Array([0xff, 0xfe]) }],
    ['the record has no value', { key: bytes('1'), value: null }],
    ['the key is not the room id', raw(message, '2')],
    ['the key is not the room id', { ...raw(message), key: null }],
    ['a string holds U+0000 or a lone surrogate', raw({ ...message, content: 'a\u0000b' })],
    ['a string holds U+0000 or a lone surrogate', raw({ ...message, content: '\ud800' })],
  ] satisfies Array<[string, RawRecord]>)('does not count: %s', (reason, record) => {
    expect(reasonOf(record)).toBe(reason);
  });

  it('names the field of another shape', () => {
    expect(reasonOf(raw({ ...message, roomId: 'one' }))).toMatch(/^roomId: /);
  });

  it('does not count on a partition that is not the one of its key', () => {
    const other = (partitionOf('1', PARTITIONS) + 1) % PARTITIONS;
    expect(reasonOf(raw(message), other)).toBe(`the key belongs to partition ${partitionOf('1', PARTITIONS)}`);
  });

  it('tells repeats by sender, room and client message id', () => {
    const record: RawRecord = {
      ...raw(message),
      headers: { ce_id: bytes('7'), 'sender-id': '1', 'client-message-id': [bytes('x'), 'y'] },
    };
    expect(messageRepeatKeysOf(record, message)).toMatchObject({ eventId: '7', clientKey: '1:1:x' });
  });
});

describe('the table of topics', () => {
  it('gives every topic the type of its key and value', () => {
    expectTypeOf<ValueOf<'chat-messages'>>().toEqualTypeOf<MessageDTO>();
    expectTypeOf<KeyOf<'chat-messages'>>().toEqualTypeOf<MessageDTO['roomId']>();
    // @ts-expect-error a user id is no key of chat-messages
    const wrongKey: KeyOf<'chat-messages'> = message.senderId;
    // @ts-expect-error a message is no value of session-events
    const wrongValue: ValueOf<'session-events'> = message;
    expect([wrongKey, wrongValue]).toHaveLength(2);
  });

  it('names a dead-letter topic for each', () => {
    expect(deadLetterTopicOf('chat-messages')).toBe('chat-messages.dlq');
    expect(Object.keys(TOPICS)).toHaveLength(7);
  });

  it('bears a command of any depth, and refuses it', () => {
    const depth = 20_000;
    const payload = `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
    const text = `{"id":1,"target":"all","name":"a","payload":${payload},"createdAt":"2025-04-29T15:23:00Z"}`;
    expect(decodeRecord('command-messages', bytes(text))).toMatchObject({
      ok: false,
      reason: 'payload: must have at most 32 objects and arrays inside each other',
    });
  });

  it('reads a header without a value as none', () => {
    const empty = { ...raw(message), headers: { ce_id: null, 'sender-id': [null] } };
    expect(messageRepeatKeysOf(empty, message).eventId).toBeNull();
  });

  it('refuses a command for a target it does not know', () => {
    const decoded = decodeRecord(
      'command-messages',
      bytes(JSON.stringify({ id: 1, target: 'room:x', name: 'a', payload: {}, createdAt: '2025-04-29T15:23:00Z' })),
    );
    expect(decoded).toMatchObject({
      ok: false,
      reason: 'target: must be "all", "room:<id>", "user:<id>" or "app:<range of versions>"',
    });
  });
});
