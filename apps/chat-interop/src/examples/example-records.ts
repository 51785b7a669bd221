import type { MessageDTO } from '@chat/dto';
import { encodeRecord, type HeaderValue } from '@chat/kafka-contracts';

export const VERDICTS = ['valid', 'passed over', 'refused'] as const;
export type Verdict = (typeof VERDICTS)[number];

/** A record of `chat-messages` and what a reader by the JSON Schemas says of it. */
export interface ExampleRecord {
  readonly about: string;
  readonly key: string | null;
  readonly value: Uint8Array | string | null;
  readonly headers: Readonly<Record<string, HeaderValue>>;
  readonly expected: Verdict;
}

/** Each of these messages as the gateways write it, the same by a producer without headers, and what is wrong in one way each. */
export function exampleRecords(messages: Readonly<Record<string, MessageDTO>>): readonly ExampleRecord[] {
  const written = Object.entries(messages).map(([about, message]): ExampleRecord => {
    const headers = { 'sender-id': String(message.senderId), 'client-message-id': `c-${message.id}` };
    const metadata = { id: String(message.id), source: '/ws-gateway/1', time: message.timestamp, headers };
    return { about, ...encodeRecord('chat-messages', message.roomId, message, metadata), expected: 'valid' };
  });
  const [message] = Object.values(messages);
  if (message === undefined) throw new RangeError('there are no messages to begin with');
  const by = (about: string, fields: object, expected: Verdict, key: string | null = String(message.roomId)) => ({
    ...{ about, key, headers: {}, expected },
    value: JSON.stringify({ ...message, ...fields }),
  });
  return [
    ...written,
    by('without headers', {}, 'valid'),
    by('with a field of a later version', { addedLater: { a: 1 } }, 'valid'),
    by('with the longest reaction', { kind: 'REACTION', targetId: 1, content: '😀'.repeat(32) }, 'valid'),
    by('of a kind of a later version', { kind: 'POLL' }, 'passed over'),
    by('of a kind that is no name', { kind: 'poll' }, 'refused'),
    by('without a sender', { senderId: undefined }, 'refused'),
    by('with a text for an id', { roomId: '1' }, 'refused'),
    by('with an id that JavaScript rounds', { id: 2 ** 53 }, 'refused'),
    by('with a sender 0', { senderId: 0 }, 'refused'),
    by('with another type', { type: 'CHANNEL' }, 'refused'),
    by('of a day that never was', { timestamp: '2025-02-29T15:23:00Z' }, 'refused'),
    by('of another time zone', { timestamp: '2025-04-29T15:23:00+02:00' }, 'refused'),
    by('with U+0000', { content: 'a\u0000b' }, 'refused'),
    by('an EDIT of nothing', { kind: 'EDIT' }, 'refused'),
    by('a DELETE with content', { kind: 'DELETE', targetId: 1 }, 'refused'),
    by('a REACTION that is too long', { kind: 'REACTION', targetId: 1, content: '😀'.repeat(33) }, 'refused'),
    by('with the key of another room', {}, 'refused', '2'),
    by('with a key that is no room', {}, 'refused', '01'),
    by('without a key', {}, 'refused', null),
    { ...by('that is no JSON', {}, 'refused'), value: '{"id":' },
    { ...by('that is not UTF-8', {}, 'refused'), value: Uint8Array.of(0x22, 0xff, 0x22) },
    { ...by('without a value', {}, 'refused'), value: null },
  ];
}

/** What is wrong with the lines that a program printed of these records, which lie on one partition from offset 0 on. */
export function problemsIn(output: string, records: readonly ExampleRecord[]): readonly string[] {
  const lines = new Map(
    output.split('\n').flatMap((line) => (/^0:\d+ /.test(line) ? [[offsetOf(line), line] as const] : [])),
  );
  return records.flatMap(({ about, expected }, offset) => {
    const line = lines.get(offset);
    if (line === undefined) return [`the record ${about}: nothing was said of it`];
    return line.startsWith(`0:${offset} ${expected}`)
      ? []
      : [`the record ${about}: ${expected} was expected, it says ${line}`];
  });
}

function offsetOf(line: string): number {
  return Number(line.slice('0:'.length, line.indexOf(' ')));
}
