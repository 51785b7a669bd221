import type { HistoryMessageDTO } from '@chat/dto';
import { describe, expect, it } from 'vitest';
import type { ChatClient, Discontinuity, HistoryPage, OpenRoomOptions } from '../api.ts';
import { clientError, type ChatClientError } from '../error.ts';
import { openTimeline } from './timeline.ts';
import { TIMELINE_MAX_COUNT } from './timeline-model.ts';

const message = (id: number, more: object = {}) =>
  ({ id, senderId: 1, roomId: 7, content: `text ${id}`, type: 'GROUP', timestamp: '', ...more }) as HistoryMessageDTO;
const pageOf = (ids: readonly number[], hasMore = true): HistoryPage => ({
  items: ids.map((id) => message(id)),
  hasMore,
});
const settle = () => new Promise((resolve) => setTimeout(resolve, 0));

/** A timeline whose room and REST API a spec plays. */
function scene() {
  const readings: { readonly before?: number; answer(page: HistoryPage): void; fail(error: ChatClientError): void }[] =
    [];
  let room: OpenRoomOptions = { onMessage: () => {} };
  const client = {
    userId: 1,
    room: () => ({
      open: (options: OpenRoomOptions) => {
        room = options;
        return { state: { get: () => ({ name: 'live' }), subscribe: () => () => {} }, close: () => {} };
      },
    }),
    rest: {
      listMessages: (_: number, { before }: { readonly before?: number }) =>
        new Promise<HistoryPage>((answer, fail) =>
          readings.push({ ...(before !== undefined && { before }), answer, fail }),
        ),
    },
  };
  const timeline = openTimeline(client as unknown as ChatClient, 7); // as much of it as a timeline uses
  const deliver = (...messages: readonly HistoryMessageDTO[]) =>
    messages.forEach((one) => room.onMessage(one, { via: 'live', clientMessageId: `key ${one.id}` }));
  const miss = (after: number | null, missing: Discontinuity['missing'] = 'messages') =>
    room.onDiscontinuity?.({ roomId: 7, after, missing, filledCount: 0, reason: '' });
  const reading = (at: number) => {
    const one = readings[at];
    if (one === undefined) throw new Error(`there is no reading ${at}`);
    return one;
  };
  const ids = () => timeline.get().messages.map(({ id }) => id);
  return { timeline, deliver, miss, reading, readings, ids };
}

describe('a timeline that missed messages', () => {
  it('shows the newest page alone where nothing that was shown is in it, with what came since', async () => {
    const { deliver, miss, reading, ids } = scene();
    deliver(message(1), message(2), message(3));
    miss(3);
    deliver(message(12)); // whose row is not there yet
    reading(0).answer(pageOf([10, 11]));
    await settle();
    expect(ids()).toEqual([10, 11, 12]);
  });

  it('keeps what is behind the newest that the rows have', async () => {
    const { deliver, miss, reading, ids } = scene();
    deliver(message(1), message(2), message(3));
    miss(3, 'changes');
    reading(0).answer(pageOf([1, 2]));
    await settle();
    expect(ids()).toEqual([1, 2, 3]);
  });

  it('reads the newest page where the gateway brought nothing at the beginning', async () => {
    const { miss, reading, timeline, ids } = scene();
    miss(null);
    reading(0).answer(pageOf([1, 2], false));
    await settle();
    expect([ids(), timeline.get().hasOlder]).toEqual([[1, 2], false]);
  });

  it('shows the page of the last gap, whichever is answered last', async () => {
    const { deliver, miss, reading, timeline } = scene();
    deliver(message(1));
    miss(1, 'changes');
    miss(1, 'changes');
    reading(1).answer({ items: [message(1, { content: 'new' })], hasMore: false });
    reading(0).answer(pageOf([1]));
    await settle();
    expect(timeline.get().messages[0]?.content).toBe('new');
  });

  it('goes on knowing the keys of what it shows', async () => {
    const { deliver, miss, reading, timeline } = scene();
    deliver(message(1));
    miss(1, 'changes');
    reading(0).answer(pageOf([1]));
    await settle();
    expect(timeline.get().messages).toMatchObject([{ id: 1, clientMessageId: 'key 1' }]);
  });
});

describe('an older page', () => {
  it('is read again where what it changes came meanwhile, though a gap is read as well', async () => {
    const { deliver, miss, reading, readings, timeline } = scene();
    deliver(message(5));
    void timeline.loadOlder();
    miss(5, 'changes');
    deliver(message(6, { kind: 'EDIT', targetId: 4 }));
    reading(0).answer(pageOf([3, 4]));
    reading(1).answer(pageOf([3, 4, 5]));
    await settle();
    expect(readings).toHaveLength(4);
  });

  it('goes where the first message is another one by then: it would leave a hole', async () => {
    const { deliver, reading, timeline, ids } = scene();
    deliver(message(5));
    const loaded = timeline.loadOlder();
    deliver(...Array.from({ length: TIMELINE_MAX_COUNT }, (_, at) => message(6 + at)));
    reading(0).answer(pageOf([3, 4], false));
    await loaded;
    expect([ids()[0], timeline.get().hasOlder]).toEqual([6, true]);
  });

  it('that cannot be read rejects, and the state has the error until the next try', async () => {
    const { reading, timeline } = scene();
    const failed = timeline.loadOlder();
    reading(0).fail(clientError('CONNECTION_LOST'));
    await expect(failed).rejects.toMatchObject({ code: 'CONNECTION_LOST' });
    expect(timeline.get()).toMatchObject({ isLoadingOlder: false, olderError: { code: 'CONNECTION_LOST' } });
    const again = timeline.loadOlder();
    expect(timeline.get().olderError).toBeNull();
    reading(1).answer(pageOf([1]));
    await again;
  });
});
