import { asMessageId, asRoomId, asUserId, type HistoryMessageDTO } from '@chat/dto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { columns } from './columns.ts';
import { describeMessage } from './describe-message.ts';
import type { Paint } from './output.ts';
import { printable } from './printable.ts';

const plain: Paint = (_, text) => text;
const text = {
  id: asMessageId(7),
  senderId: asUserId(1),
  roomId: asRoomId(2),
  content: 'Hello!',
  type: 'GROUP' as const,
  timestamp: '2025-04-29T15:23:00Z',
};

describe('text of others', () => {
  it('is shown as it is, emoji and all', () => {
    expect(printable('Grüße, 世界 👍🏽')).toBe('Grüße, 世界 👍🏽');
  });

  it.each([
    ['colours', '\u001b[31mred', '\\u001b[31mred'],
    ['a title of the window', '\u009d0;x\u0007', '\\u009d0;x\\u0007'],
    ['lines of its own', 'one\ntwo', 'one↵two'],
    ['a turned direction', 'a\u202eb', 'a\\u202eb'],
  ])('cannot make %s', (_, content, shown) => {
    expect(printable(content)).toBe(shown);
  });

  it('never has a control in it, whatever it is, and stays as it is when printed again', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (content) => {
        const shown = printable(content);
        expect(shown).not.toMatch(/\p{Cc}/u);
        expect(printable(shown)).toBe(shown);
      }),
    );
  });
});

describe('columns', () => {
  it('are as wide as their widest cell, counted in code points, and end with their text', () => {
    expect(
      columns([
        ['id', 'name', ''],
        ['1', '👍'],
        ['12345', 'x', 'y'],
      ]),
    ).toEqual(['id     name', '1      👍', '12345  x     y']);
  });

  it('are none of no rows', () => {
    expect(columns([])).toEqual([]);
  });
});

describe('a message', () => {
  it('is when, its id, who and what', () => {
    expect(describeMessage(text, plain)).toBe('2025-04-29 15:23:00  7  user 1: Hello!');
  });

  it.each([
    ['an edit', { kind: 'EDIT', targetId: asMessageId(6) }, '(edits 6) Hello!'],
    ['a deletion', { kind: 'DELETE', targetId: asMessageId(6), content: '' }, '(deletes 6)'],
    ['a reaction', { kind: 'REACTION', targetId: asMessageId(6), content: '👍' }, '(reacts to 6) 👍'],
    ['one taken back', { kind: 'REACTION', targetId: asMessageId(6), removed: true }, '(takes back from 6) Hello!'],
    ['a notice', { kind: 'SYSTEM' }, '* Hello!'],
    ['an edited one', { editedAt: text.timestamp }, 'Hello! (edited)'],
    ['a deleted one', { deletedAt: text.timestamp, content: '' }, '(deleted)'],
    ['one with reactions', { reactions: [{ content: '👍', count: 2, isOwn: false }] }, 'Hello!  [👍 2]'],
  ] satisfies [string, Partial<HistoryMessageDTO>, string][])('that is %s says so', (_, more, shown) => {
    expect(describeMessage({ ...text, ...more }, plain)).toBe(`2025-04-29 15:23:00  7  user 1: ${shown}`);
  });
});
