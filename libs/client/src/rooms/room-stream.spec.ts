import type { HistoryMessageDTO } from '@chat/dto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RoomStream, type StreamEffect, type StreamMessage, type StreamStart } from './room-stream.ts';

const limits = { heldMaxMessages: 5, rememberedIdsMaxCount: 100 };
const message = (id: number) => ({ id, senderId: 1, roomId: 7, content: `${id}`, type: 'GROUP', timestamp: '' }) as HistoryMessageDTO; // prettier-ignore
const live = (id: number, prev: number | null = id - 1): StreamMessage => ({
  id,
  prev,
  message: message(id),
  origin: { via: 'live', clientMessageId: null },
});
const replayed = (id: number, prev: number | null = id - 1): StreamMessage => ({
  ...live(id, prev),
  origin: { via: 'replayed', clientMessageId: null },
});
/** Effects in short: ids that are delivered, what is filled, what is told. */
const inShort = (effects: readonly StreamEffect[]) =>
  effects.map((effect) => {
    if (effect.do === 'deliver') return effect.message.id as number;
    return effect.do === 'fill' ? `fill after ${effect.after}` : `${effect.gap.missing} after ${effect.gap.after}`;
  });
const takeAll = (stream: RoomStream, messages: readonly StreamMessage[]) =>
  messages.flatMap((one) => inShort(stream.take(one)));

/** Live, with messages 1 to 3 delivered. */
function opened(start: StreamStart = { history: 3 }): RoomStream {
  const stream = new RoomStream(start, limits);
  stream.subscribe();
  takeAll(stream, [replayed(1, null), replayed(2), replayed(3)]);
  stream.settled(true);
  return stream;
}

describe('a room that is opened', () => {
  it('brings the history that was asked for, then what is live', () => {
    const stream = new RoomStream({ history: 2 }, limits);
    expect(stream.subscribe()).toEqual({ history: '2' });
    expect(takeAll(stream, [replayed(4), replayed(5), live(6)])).toEqual([4, 5, 6]);
    expect(stream.settled(true)).toEqual([]);
    expect(takeAll(stream, [live(7)])).toEqual([7]);
    expect([stream.phase, stream.lastMessageId]).toEqual(['live', 7]);
  });

  it('without a wish asks for the last text all the same, to have a place, and does not deliver it', () => {
    const stream = new RoomStream({}, limits);
    expect(stream.subscribe()).toEqual({ history: '1' });
    expect(takeAll(stream, [replayed(4), replayed(5)])).toEqual([]);
    stream.settled(true);
    stream.lost();
    expect(stream.subscribe()).toEqual({ since: '5' });
    expect(takeAll(stream, [replayed(6)])).toEqual([6]);
  });

  it('looks for its place anew where the session ended before it had it', () => {
    const stream = new RoomStream({}, limits);
    stream.subscribe();
    takeAll(stream, [replayed(4)]);
    stream.lost();
    expect(stream.subscribe()).toEqual({ history: '1' });
    expect(takeAll(stream, [replayed(4), replayed(5), live(6)])).toEqual([6]);
  });

  it('and was empty comes back to its beginning', () => {
    const stream = new RoomStream({}, limits);
    stream.subscribe();
    stream.settled(true);
    expect(stream.lastMessageId).toBeNull();
    stream.lost();
    expect(stream.subscribe()).toEqual({ since: '0' });
    expect(takeAll(stream, [replayed(1, null)])).toEqual([]); // until the RECEIPT says that nothing is missing before it
    expect(inShort(stream.settled(true))).toEqual([1]);
  });

  it('says so where the gateway cannot bring what was before', () => {
    const stream = new RoomStream({ history: 5 }, limits);
    stream.subscribe();
    expect(inShort(stream.settled(false))).toEqual(['messages after null']);
    expect(takeAll(stream, [live(9)])).toEqual([9]);
  });
});

describe('a room that comes back', () => {
  it('goes on behind the last message that was delivered', () => {
    const stream = opened();
    stream.lost();
    expect(takeAll(stream, [live(4)])).toEqual([]); // of a session that is gone
    expect(stream.subscribe()).toEqual({ since: '3' });
    expect(takeAll(stream, [replayed(4), replayed(5)])).toEqual([4, 5]);
    expect(stream.settled(true)).toEqual([]);
  });

  it('holds what does not follow until the RECEIPT says that nothing is missing', () => {
    const stream = opened();
    stream.lost();
    stream.subscribe();
    expect(takeAll(stream, [replayed(5, null), live(6)])).toEqual([]);
    expect(inShort(stream.settled(true))).toEqual([5, 6]);
  });

  it('reads the history where the gateway recovered nothing, up to what came live, each once and in order', () => {
    const stream = opened();
    stream.lost();
    stream.subscribe();
    takeAll(stream, [live(3), live(8), live(9)]); // 3 was seen
    expect(inShort(stream.settled(false))).toEqual(['fill after 3']);
    expect(stream.firstHeld).toEqual({ id: 8, isItem: true });
    const first = stream.filled([4, 5].map(message));
    expect([inShort(first.effects), first.isEnd]).toEqual([[4, 5], false]);
    const second = stream.filled([6, 7, 8, 9].map(message));
    expect([inShort(second.effects), second.isEnd]).toEqual([[6, 7], true]);
    expect(inShort(stream.fillEnded(null))).toEqual(['changes after 3', 8, 9]);
    expect(takeAll(stream, [live(10)])).toEqual([10]);
  });

  it('says which messages may be missing where the history cannot be read', () => {
    const stream = opened();
    stream.lost();
    stream.subscribe();
    takeAll(stream, [live(8)]);
    stream.settled(false);
    expect(inShort(stream.fillEnded('x'))).toEqual(['messages after 3', 8]);
  });

  it('begins where it was when the session ends while the history is read, and then says what was read', () => {
    const stream = opened();
    stream.lost();
    stream.subscribe();
    stream.settled(false);
    stream.filled([message(4)]);
    stream.lost();
    expect(stream.fillEnded(null)).toEqual([]);
    expect(stream.subscribe()).toEqual({ since: '4' });
    expect(inShort(stream.settled(true))).toEqual(['changes after 3']);
    stream.lost();
    stream.subscribe();
    expect(stream.settled(true)).toEqual([]); // told once
  });

  it('says nothing where nothing was read when the session ended: all of it comes again', () => {
    const stream = opened();
    stream.lost();
    stream.subscribe();
    stream.settled(false);
    stream.lost();
    stream.subscribe();
    expect(stream.settled(true)).toEqual([]);
  });

  it.each([{}, { history: 2 }])('and was live without a place says that messages may be missing: %o', (start) => {
    const stream = new RoomStream(start, limits);
    stream.subscribe();
    stream.settled(false);
    stream.lost();
    stream.subscribe();
    expect(takeAll(stream, [replayed(8), replayed(9)])).toEqual([]);
    expect(inShort(stream.settled(true))).toEqual(['messages after null', 8, 9]);
    expect(stream.subscribe()).toEqual({ since: '9' });
  });

  it('and was live without a place says nothing where there is nothing', () => {
    const stream = new RoomStream({}, limits);
    stream.subscribe();
    stream.settled(false);
    stream.lost();
    stream.subscribe();
    expect(stream.settled(true)).toEqual([]);
    expect(stream.subscribe()).toEqual({ since: '0' });
  });
});

describe('a room that is live', () => {
  it('sees by `prev` that a message is missing, and reads it', () => {
    const stream = opened();
    expect(takeAll(stream, [live(5)])).toEqual(['fill after 3']);
    expect(takeAll(stream, [live(6)])).toEqual([]);
    expect(inShort(stream.filled([4, 5, 6].map(message)).effects)).toEqual([4]);
    expect(inShort(stream.fillEnded(null))).toEqual(['changes after 3', 5, 6]);
  });

  it('reads the history up to what lies behind a change that waits', () => {
    const stream = opened();
    const edit = { ...live(8), message: { ...message(8), kind: 'EDIT' } as HistoryMessageDTO };
    takeAll(stream, [edit]);
    expect(stream.firstHeld).toEqual({ id: 8, isItem: false });
    const { effects, isEnd } = stream.filled([4, 7, 10].map(message), 10);
    expect([inShort(effects), isEnd]).toEqual([[4, 7], true]);
    expect(inShort(stream.fillEnded(null))).toEqual(['changes after 3', 8]);
  });

  it('sees a gap among those that wait for another one', () => {
    const stream = opened();
    expect(takeAll(stream, [live(5), live(8), live(9)])).toEqual(['fill after 3']);
    stream.filled([message(4)]);
    expect(inShort(stream.fillEnded(null))).toEqual(['changes after 3', 5, 'fill after 5']);
    stream.filled([6, 7, 8].map(message));
    expect(inShort(stream.fillEnded(null))).toEqual(['changes after 5', 8, 9]);
  });

  it('takes a message whose gateway does not know the one before it', () => {
    expect(takeAll(opened(), [live(9, null)])).toEqual([9]);
  });

  it('delivers nothing twice', () => {
    expect(takeAll(opened(), [live(3), live(4), live(4)])).toEqual([4]);
  });

  it('keeps the place of a message that cannot be read', () => {
    const stream = opened();
    expect(takeAll(stream, [{ ...live(4), message: null }, live(5)])).toEqual([5]);
  });

  it('ends the filling where more waits than may', () => {
    const stream = opened();
    const told = takeAll(
      stream,
      [5, 6, 7, 8, 9, 10].map((id) => live(id)),
    );
    expect(told).toEqual(['fill after 3', 'messages after 3', 5, 6, 7, 8, 9, 10]);
    expect(stream.phase).toBe('live');
  });
});

/** A log that grows, a gateway that may know `prev` or not, may recover or not, and lines that break anywhere. */
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('append' as const), count: fc.integer({ min: 1, max: 4 }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('cut' as const), count: fc.constant(0) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('connect' as const), count: fc.nat({ max: 6 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('unrecovered' as const), count: fc.nat({ max: 6 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('skip' as const), count: fc.constant(1) }) },
);

describe('over any cuts, replays that break off, gaps, and rows that are read', () => {
  it('every message is delivered once, in the order of the log', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), fc.boolean(), (steps, knowsPrev) => {
        const stream = new RoomStream({ since: 0 }, { heldMaxMessages: 1_000, rememberedIdsMaxCount: 10_000 });
        const delivered: number[] = [];
        let [end, isConnected] = [0, false];
        // ids do not ascend with the log
        const idAt = (place: number) => 1_000_000 - place * 7;
        const placeOf = (id: number) => (id === 0 ? 0 : (1_000_000 - id) / 7);
        const prevOf = (place: number) => (knowsPrev && place > 1 ? idAt(place - 1) : null);
        const perform = (effects: readonly StreamEffect[]): void => {
          for (const effect of effects) {
            if (effect.do === 'deliver') delivered.push(effect.message.id);
            if (effect.do === 'fill') {
              for (let from = placeOf(effect.after); from < end; from += 3) {
                const page = Array.from({ length: Math.min(3, end - from) }, (_, at) => message(idAt(from + at + 1)));
                const { effects: more, isEnd } = stream.filled(page);
                perform(more);
                if (isEnd) break;
              }
              perform(stream.fillEnded(null));
            }
          }
        };
        const connect = (isRecovered: boolean, breaksAfter: number) => {
          if (isConnected) stream.lost();
          const since = placeOf(Number(stream.subscribe()['since']));
          isConnected = true;
          const places = Array.from({ length: end - since }, (_, at) => since + at + 1);
          const shown = isRecovered ? places : places.slice(-2);
          for (const [at, place] of shown.entries()) {
            if (breaksAfter > 0 && at >= breaksAfter) {
              stream.lost();
              isConnected = false;
              return;
            }
            perform(stream.take(replayed(idAt(place), prevOf(place))));
          }
          perform(stream.settled(isRecovered));
        };
        for (const { do: what, count } of steps) {
          if (what === 'connect') connect(true, count);
          if (what === 'unrecovered') connect(end === 0, 0);
          if (what === 'cut' && isConnected) {
            stream.lost();
            isConnected = false;
          }
          if (what === 'append')
            for (let at = 0; at < count; at += 1) {
              end += 1;
              if (isConnected) perform(stream.take(live(idAt(end), prevOf(end))));
            }
          if (what === 'skip' && isConnected && knowsPrev) end += 1; // the gateway leaves one out
        }
        connect(true, 0);
        expect(delivered).toEqual(Array.from({ length: end }, (_, at) => idAt(at + 1)));
      }),
      { numRuns: 1_000 },
    );
  });
});
