import type { HistoryMessageDTO } from '@chat/dto';
import { describe, expect, it } from 'vitest';
import { TIMELINE_MAX_COUNT, TimelineModel } from './timeline-model.ts';

const OWN = 1;
const message = (id: number, more: object = {}) =>
  ({ id, senderId: OWN, roomId: 7, content: `text ${id}`, type: 'GROUP', timestamp: `at ${id}`, ...more }) as HistoryMessageDTO; // prettier-ignore
const shown = (model: TimelineModel, id: number) => model.messages.find((one) => one.id === id);

function timeline(...messages: readonly HistoryMessageDTO[]): TimelineModel {
  const model = new TimelineModel(() => OWN);
  for (const one of messages) model.apply(one, null);
  return model;
}

describe('a timeline', () => {
  it('shows the last edit, of who wrote the text alone', () => {
    const model = timeline(
      message(1),
      message(2, { kind: 'EDIT', targetId: 1, content: 'better' }),
      message(3, { kind: 'EDIT', targetId: 1, content: 'best' }),
      message(4, { kind: 'EDIT', targetId: 1, content: 'of another', senderId: 9 }),
    );
    expect(model.messages).toHaveLength(1);
    expect(shown(model, 1)).toMatchObject({ content: 'best', editedAt: 'at 3' });
  });

  it('shows nothing behind a deletion', () => {
    const model = timeline(
      message(1),
      message(2, { kind: 'REACTION', targetId: 1, content: '👍' }),
      message(3, { kind: 'DELETE', targetId: 1, content: '', senderId: 9 }),
      message(4, { kind: 'EDIT', targetId: 1, content: 'too late' }),
      message(5, { kind: 'REACTION', targetId: 1, content: '👍' }),
    );
    expect(shown(model, 1)).toMatchObject({ content: '', deletedAt: 'at 3', reactions: [] });
  });

  it('counts who reacts once, and who takes it back not at all', () => {
    const react = (id: number, senderId: number, removed = false) =>
      message(id, { kind: 'REACTION', targetId: 1, content: '👍', senderId, ...(removed && { removed }) });
    const model = timeline(message(1), react(2, OWN), react(3, OWN), react(4, 9), react(5, 8, true));
    expect(shown(model, 1)?.reactions).toEqual([{ content: '👍', count: 2, isOwn: true }]);
    model.apply(react(6, OWN, true), null);
    expect(shown(model, 1)?.reactions).toEqual([{ content: '👍', count: 1, isOwn: false }]);
    model.apply(react(7, 9, true), null);
    expect(shown(model, 1)?.reactions).toEqual([]);
  });

  it('goes on counting from what the history counted', () => {
    const model = new TimelineModel(() => OWN);
    model.prepend([message(1, { reactions: [{ content: '👍', count: 3, isOwn: true }] })]);
    const react = (id: number, senderId: number, removed = false) =>
      model.apply(message(id, { kind: 'REACTION', targetId: 1, content: '👍', senderId, ...(removed && { removed }) }), null); // prettier-ignore
    react(2, OWN); // again
    expect(shown(model, 1)?.reactions[0]).toEqual({ content: '👍', count: 3, isOwn: true });
    react(3, 9);
    react(4, 8, true);
    react(5, OWN, true);
    expect(shown(model, 1)?.reactions[0]).toEqual({ content: '👍', count: 2, isOwn: false });
  });

  it('says of a change whether its message is shown, and passes over kinds of later versions', () => {
    const model = timeline(message(5));
    expect(model.apply(message(6, { kind: 'EDIT', targetId: 4 }), null)).toBe(true);
    expect(model.apply(message(7, { kind: 'PIN', targetId: 5 }), null)).toBe(false);
    expect(model.messages.map(({ id }) => id)).toEqual([5]);
  });

  it('puts older pages in front, and each message once', () => {
    const model = timeline(message(5), message(6));
    model.prepend([message(3), message(4), message(5, { content: 'as the history has it' })]);
    expect(model.messages.map(({ id }) => id)).toEqual([3, 4, 5, 6]);
    expect(shown(model, 5)?.content).toBe('text 5');
  });

  it('begins anew from the history after a gap, with what came behind it', () => {
    const model = timeline(message(5), message(6), message(8));
    model.replace([message(6, { content: 'edited' }), message(7)], model.messages.slice(2));
    expect(model.messages.map(({ content }) => content)).toEqual(['edited', 'text 7', 'text 8']);
  });

  it('lets the eldest go where there are too many', () => {
    const model = timeline(...Array.from({ length: TIMELINE_MAX_COUNT + 3 }, (_, at) => message(at + 1)));
    expect([model.messages.length, model.messages[0]?.id, model.isCut]).toEqual([TIMELINE_MAX_COUNT, 4, true]);
  });

  it('gives the same list until something changes', () => {
    const model = timeline(message(1));
    const before = model.messages;
    expect(model.messages).toBe(before);
    model.apply(message(2, { kind: 'EDIT', targetId: 9 }), null);
    expect(model.messages).toBe(before);
    model.apply(message(3), null);
    expect(model.messages).not.toBe(before);
  });
});
