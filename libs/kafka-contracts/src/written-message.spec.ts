import { changeOf, isStorableText, MessageDTOSchema } from '@chat/dto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { changeFaultOf } from './change-rules.ts';
import { decodeRecord } from './record.ts';
import { readWrittenMessage } from './written-message.ts';

const id = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });
const content = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.string({
    unit: fc.constantFrom('a', '"', '\\', '\n', '\u0001', '\u001f', '\u007f', '\u2028', '\uFEFF', 'ß', '👋'),
  }),
);
const instant = fc
  .date({ min: new Date('0000-01-01T00:00:00Z'), max: new Date('9999-12-31T23:59:59.999Z'), noInvalidDate: true })
  .map((date) => date.toISOString());
/** As a gateway makes it: the order of the fields counts. */
const message = fc
  .tuple(id, id, id, content, fc.constantFrom('GROUP', 'DIRECT'), instant)
  .map(([id, senderId, roomId, content, type, timestamp]) => ({ id, senderId, roomId, content, type, timestamp }));
/** The same of what changes another message; now and then against the rules of its kind. */
const change = fc
  .tuple(message, fc.constantFrom('EDIT', 'DELETE', 'REACTION'), id, fc.boolean())
  .map(([message, kind, targetId, isRemoval]) => ({
    ...message,
    content: kind === 'DELETE' && message.content.length % 4 !== 0 ? '' : message.content,
    kind,
    targetId,
    ...(kind === 'REACTION' && isRemoval && { removed: true }),
  }));

const contentOf = (head: NonNullable<ReturnType<typeof readWrittenMessage>>) =>
  Buffer.from(head.content.bytes).toString('utf8', head.content.from, head.content.to);

/** What is read must be what the schema says; whether something was read. */
function agrees(value: Uint8Array): boolean {
  const head = readWrittenMessage(value);
  if (head === null) return false;
  const decoded = decodeRecord('chat-messages', value);
  if (!decoded.ok) throw new Error(decoded.reason);
  expect(decoded.value).toMatchObject({ id: head.id, senderId: head.senderId, roomId: head.roomId });
  expect(changeFaultOf(decoded.value)).toBeNull();
  expect([head.kind, head.change]).toEqual([decoded.value.kind ?? null, changeOf(decoded.value)]);
  const text = decoded.value.content;
  expect(isStorableText(text)).toBe(true);
  expect(contentOf(head)).toBe(JSON.stringify(text));
  return true;
}

const plain = {
  id: 1,
  senderId: 2,
  roomId: 3,
  content: 'Hello\t"\u0001"',
  type: 'GROUP',
  timestamp: '2024-02-29T15:23:00.123Z',
};
const plainText = JSON.stringify(plain);
const reads = (text: string) => agrees(Buffer.from(text));
const readsWith = (change: object) => reads(JSON.stringify({ ...plain, ...change }));

describe('a message as our gateways write it', () => {
  it('is read, whatever its content, as the schema reads it; but for what is not storable', () => {
    fc.assert(
      fc.property(message, (given) => {
        expect(agrees(Buffer.from(JSON.stringify(given)))).toBe(isStorableText(given.content));
      }),
      { numRuns: 3_000 },
    );
  });

  it('is read too where it changes another one by the rules of its kind; but for long reactions, which JSON may tell', () => {
    let readCount = 0;
    fc.assert(
      fc.property(change, (given) => {
        const isRead = agrees(Buffer.from(JSON.stringify(given)));
        const isChange = isStorableText(given.content) && changeFaultOf(MessageDTOSchema.parse(given)) === null;
        const isShort = given.kind !== 'REACTION' || JSON.stringify(given.content).length <= 10;
        if (!isChange || isShort) expect(isRead).toBe(isChange);
        if (isRead) readCount += 1;
      }),
      { numRuns: 3_000 },
    );
    expect(readCount).toBeGreaterThan(1_500);
  });

  it('is read on every day that the schema knows, and on no other', () => {
    for (const year of ['0000', '1900', '2000', '2023', '2024', '2100', '9999']) {
      for (let month = 0; month <= 13; month += 1) {
        for (let day = 0; day <= 32; day += 1) {
          const date = `${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
          const changed = { ...plain, timestamp: `${date}T00:00:00.000Z` };
          expect([date, readsWith(changed)]).toEqual([date, MessageDTOSchema.safeParse(changed).success]);
        }
      }
    }
  });

  it.each(['24:00:00Z', '23:60:00Z', '23:59:60Z', '23:59Z', '23:59:59.Z', '23:59:59', '23:59:59+00:00', '2a:59:59Z'])(
    'is not read at %s',
    (time) => expect(readsWith({ timestamp: `2025-04-29T${time}` })).toBe(false),
  );

  it.each([
    ['another order of fields', '{"senderId":2,"id":1,'],
    ['spaces', '{ "id":1,"senderId":2,'],
    ['a byte order mark', '\uFEFF{"id":1,"senderId":2,'],
    ['0 for an id', '{"id":0,"senderId":2,'],
    ['a sign', '{"id":-1,"senderId":2,'],
    ['a leading zero', '{"id":01,"senderId":2,'],
    ['a fraction', '{"id":1.0,"senderId":2,'],
    ['an exponent', '{"id":1e0,"senderId":2,'],
    ['a number that JavaScript rounds', '{"id":9007199254740992,"senderId":2,'],
    ['no number', '{"id":,"senderId":2,'],
    ['a text for a number', '{"id":"1","senderId":2,'],
  ])('is not read with %s', (_, begin) => {
    expect(reads(plainText.replace('{"id":1,"senderId":2,', begin))).toBe(false);
  });

  it.each([
    '\\/',
    '\\u0000',
    '\\u0008',
    '\\u000A',
    '\\u001F',
    '\\u0041',
    '\\ud83d\\udc4b',
    '\\ud800',
    '\\x',
    '\t',
    '"',
  ])('is not read with %j in its content', (written) => expect(reads(plainText.replace('Hello', written))).toBe(false));

  it.each([[[0xff]], [[0xc0, 0x80]], [[0xed, 0xa0, 0x80]], [[0xe2, 0x82]], [[0xf5, 0x80, 0x80, 0x80]]])(
    'is not read with the bytes %j in its content, which are not UTF-8',
    (bytes) => {
      const [before, after] = plainText.split('Hello');
      expect(agrees(Buffer.concat([Buffer.from(before ?? ''), Buffer.from(bytes), Buffer.from(after ?? '')]))).toBe(
        false,
      );
    },
  );

  it.each([
    { kind: 'EDIT' },
    { kind: 'SYSTEM' },
    { kind: 'EDIT', targetId: 0 },
    { kind: 'EDIT', targetId: -1 },
    { kind: 'EDIT', targetId: 1, removed: true },
    { kind: 'REACTION', targetId: 1, removed: false },
    { kind: 'EDIT', targetId: 1, later: true },
    { targetId: 1, kind: 'EDIT' },
    { later: true },
    { type: 'group' },
    { type: undefined },
  ])('is not read with %j', (change) => expect(readsWith(change)).toBe(false));

  it.each([
    [{ kind: 'EDIT', targetId: 9 }, true],
    [{ kind: 'DELETE', targetId: 9 }, false],
    [{ kind: 'DELETE', targetId: 9, content: '' }, true],
    [{ kind: 'EDIT', targetId: 9, content: '' }, false],
    [{ kind: 'REACTION', targetId: 9, content: '👍', removed: true }, true],
    [{ kind: 'REACTION', targetId: 9, content: '' }, false],
    [{ kind: 'REACTION', targetId: 9, content: 'x'.repeat(32) }, true],
    [{ kind: 'REACTION', targetId: 9, content: 'x'.repeat(33) }, false],
  ])('is read with %j: %s', (change, isRead) => expect(readsWith(change)).toBe(isRead));

  it('is not read where it is cut short or something follows', () => {
    for (let end = 0; end < plainText.length; end += 1) expect(reads(plainText.slice(0, end))).toBe(false);
    expect(reads(plainText)).toBe(true);
    expect(reads(`${plainText}\n`)).toBe(false);
    expect(reads(`${plainText}}`)).toBe(false);
  });

  it('is read as the schema reads it or not at all after any of its bytes changed', () => {
    const splice = fc.record({
      at: fc.nat(),
      removed: fc.nat({ max: 2 }),
      added: fc.oneof(
        fc.uint8Array({ maxLength: 2 }),
        fc.constantFrom(...['0', '9', '.', '-', '\\', '"', '\\u0001', '\\u0000', 'Z', ',', '}', 'é']).map(Buffer.from),
      ),
    });
    let readCount = 0;
    fc.assert(
      fc.property(fc.oneof(message, change), fc.array(splice, { minLength: 1, maxLength: 2 }), (given, changes) => {
        let value = Buffer.from(JSON.stringify(given));
        for (const { at, removed, added } of changes) {
          const from = at % value.length;
          value = Buffer.concat([value.subarray(0, from), added, value.subarray(from + removed)]);
        }
        if (agrees(value)) readCount += 1;
      }),
      { numRuns: 10_000 },
    );
    expect(readCount).toBeGreaterThan(500); // of changes within content and numbers
  });
});
