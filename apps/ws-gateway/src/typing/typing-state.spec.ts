import { asRoomId, asUserId, TYPING_LIFE_MS } from '@chat/dto';
import { describe, expect, it } from 'vitest';
import { TypingState, type TypingEffect, type TypingLimits } from './typing-state.ts';

const [room, other] = [asRoomId(7), asRoomId(8)];
const [ada, ben, cleo] = [asUserId(1), asUserId(2), asUserId(3)];
const place = (userId: typeof ada, sessionId = `s${userId}`, roomId = room) => ({ roomId, userId, sessionId });

/** A state whose time the test moves, and what came of it. */
function scene({ limits = {}, isListened = true }: { limits?: Partial<TypingLimits>; isListened?: boolean } = {}) {
  const state = new TypingState({ maxRooms: 10, maxSessionsPerRoom: 1_000, ...limits });
  if (isListened) state.listen(room);
  const clock = { now: 0 };
  const effects: { at: number; effect: TypingEffect }[] = [];
  const note = (made: readonly TypingEffect[]) => effects.push(...made.map((effect) => ({ at: clock.now, effect })));
  return {
    state,
    say: (...who: Parameters<typeof place>) => note(state.say(place(...who), clock.now)),
    stop: (...who: Parameters<typeof place>) => note(state.stop(place(...who), clock.now)),
    hear: (lifeMs: number, ...who: Parameters<typeof place>) => note(state.hear(place(...who), lifeMs, clock.now)),
    clear: (userId: typeof ada) => note(state.clear(room, userId, clock.now)),
    hearCleared: (userId: typeof ada) => note(state.hearCleared(room, userId, clock.now)),
    end: (userId: typeof ada, sessionId = `s${userId}`) => note(state.end(userId, sessionId, clock.now)),
    /** As the timer does it. */
    passUntil: (endAt: number) => {
      for (clock.now += 100; clock.now <= endAt; clock.now += 100) note(state.advance(clock.now));
      clock.now = endAt;
    },
    /** What subscribers were told: when, and who types. */
    told: () =>
      effects.flatMap(({ at, effect }) => (effect.do === 'tell' ? [[at, ...effect.typing.userIds] as const] : [])),
    counts: () => effects.flatMap(({ effect }) => (effect.do === 'tell' ? [effect.typing.count] : [])),
    /** What the other instances were told: when, which session, for how much longer. */
    published: () =>
      effects.flatMap(({ at, effect }) =>
        effect.do === 'publish' ? [[at, effect.sessionId ?? `user ${effect.userId}`, effect.lifeMs] as const] : [],
      ),
  };
}

describe('a user who types', () => {
  it('is told of at once, and no longer types after 10 s without a word', () => {
    const { say, passUntil, told, state } = scene();
    say(ada);
    expect(told()).toEqual([[0, 1]]);
    passUntil(9_900);
    expect(told()).toHaveLength(1);
    passUntil(10_000);
    expect(told()).toEqual([[0, 1], [10_000]]);
    passUntil(10_500);
    expect(state.isEmpty).toBe(true);
  });

  it('goes on for 10 s from what was said last, and is not told of again', () => {
    const { say, passUntil, told } = scene();
    say(ada);
    passUntil(9_000);
    say(ada);
    passUntil(18_900);
    expect(told()).toEqual([[0, 1]]);
    passUntil(19_000);
    expect(told()).toEqual([[0, 1], [19_000]]);
  });

  it('types while either of two sessions does', () => {
    const { say, stop, passUntil, told } = scene();
    say(ada, 'phone');
    say(ada, 'laptop');
    stop(ada, 'phone');
    passUntil(2_000);
    expect(told()).toEqual([[0, 1]]);
    stop(ada, 'laptop');
    expect(told()).toEqual([[0, 1], [2_000]]);
  });

  it('types on no session once a message was sent, here and elsewhere', () => {
    const { say, hear, clear, passUntil, told, published } = scene();
    say(ada, 'phone');
    hear(TYPING_LIFE_MS, ada, 'elsewhere');
    passUntil(1_000);
    clear(ada);
    expect(told()).toEqual([[0, 1], [1_000]]);
    expect(published().at(-1)).toEqual([1_000, 'user 1', 0]);
  });

  it('types nowhere once the session is over', () => {
    const { state, say, end, passUntil, told, published } = scene();
    say(ada);
    say(ada, 's1', other);
    passUntil(1_000);
    end(ada);
    expect(told()).toEqual([[0, 1], [1_000]]);
    expect(published().slice(2)).toEqual([
      [1_000, 's1', 0],
      [1_000, 's1', 0],
    ]);
    expect(state.whoTypes(other)).toBeNull();
  });

  it('changes nothing by stopping what was not begun', () => {
    const { stop, clear, end, hearCleared, told, published, state } = scene();
    stop(ada);
    clear(ada);
    hearCleared(ada);
    end(ada);
    expect([told(), published(), state.isEmpty]).toEqual([[], [], true]);
  });
});

describe('subscribers of a room', () => {
  it('are told at most twice a second, the last state always', () => {
    const { say, stop, passUntil, told } = scene();
    say(ada);
    passUntil(100);
    say(ben);
    passUntil(200);
    say(cleo);
    passUntil(300);
    stop(ben);
    passUntil(3_000);
    expect(told()).toEqual([
      [0, 1],
      [500, 1, 3],
    ]);
  });

  it('are not told of what was over before they could be', () => {
    const { say, stop, passUntil, told } = scene();
    say(ada);
    passUntil(100);
    say(ben);
    stop(ben);
    passUntil(3_000);
    expect(told()).toEqual([[0, 1]]);
  });

  it('are told twice a second at most of one who begins and stops all the time', () => {
    const { say, stop, passUntil, told } = scene();
    for (let at = 0; at < 5_000; at += 100) {
      say(ada);
      stop(ada);
      passUntil(at + 100);
    }
    say(ada);
    passUntil(6_000);
    const instants = told().map(([at]) => at);
    for (const [index, at] of instants.entries()) {
      if (index > 0) expect(at - (instants[index - 1] ?? 0)).toBeGreaterThanOrEqual(500);
    }
    expect(told().at(-1)?.slice(1)).toEqual([1]);
  });

  it('get the ids of 50 users in ascending order, and how many type in all', () => {
    const { say, passUntil, told, counts } = scene();
    for (let id = 60; id >= 1; id -= 1) say(asUserId(id));
    passUntil(500);
    expect(told().at(-1)?.slice(1)).toEqual(Array.from({ length: 50 }, (_, at) => at + 1));
    expect(counts().at(-1)).toBe(60);
  });

  it('hear only changes after the first of them came', () => {
    const { state, say, passUntil, told } = scene({ isListened: false });
    say(ada);
    passUntil(1_000);
    state.listen(room);
    expect(state.whoTypes(room)).toEqual({ roomId: 7, userIds: [1], count: 1 });
    passUntil(2_000);
    say(ben);
    passUntil(3_000);
    expect(told()).toEqual([[2_000, 1, 2]]);
  });
});

describe('other instances', () => {
  it('are told of a session at once, then once in 3 s of what it said since, and of its end', () => {
    const { say, stop, passUntil, published } = scene({ isListened: false });
    say(ada);
    for (const at of [1_000, 2_000, 2_500]) {
      passUntil(at);
      say(ada);
    }
    passUntil(8_000);
    say(ada);
    passUntil(8_100);
    stop(ada);
    expect(published()).toEqual([
      [0, 's1', 10_000],
      [3_000, 's1', 9_500],
      [8_000, 's1', 10_000],
      [8_100, 's1', 0],
    ]);
  });

  it('are not told of what ends by itself, which they know', () => {
    const { say, passUntil, published } = scene({ isListened: false });
    say(ada);
    passUntil(20_000);
    expect(published()).toEqual([[0, 's1', 10_000]]);
  });

  it('are believed for as long as they said', () => {
    const { hear, passUntil, told, published } = scene();
    hear(10_000, ada);
    passUntil(1_000);
    hear(2_000, ada);
    passUntil(4_000);
    hear(10_000, ben);
    passUntil(5_000);
    hear(0, ben);
    expect(told()).toEqual([[0, 1], [3_000], [4_000, 2], [5_000]]);
    expect(published()).toEqual([]);
  });

  it('are believed that a user types on no session any more', () => {
    const { say, hear, hearCleared, passUntil, told, published } = scene();
    say(ada, 'here');
    hear(10_000, ada, 'elsewhere');
    passUntil(1_000);
    hearCleared(ada);
    expect(told()).toEqual([[0, 1], [1_000]]);
    expect(published()).toEqual([[0, 'here', 10_000]]);
  });

  it('are heard only where somebody listens, and forgotten with the last who does', () => {
    const { state, say, hear, passUntil } = scene();
    hear(10_000, ada);
    say(ben);
    state.unlisten(room);
    expect(state.whoTypes(room)).toEqual({ roomId: 7, userIds: [2], count: 1 });
    hear(10_000, cleo);
    expect(state.whoTypes(room)).toMatchObject({ userIds: [2] });
    passUntil(11_000);
    expect(state.isEmpty).toBe(true);
  });

  it('do not speak for a session that is here', () => {
    const { state, say, hear } = scene();
    say(ada);
    hear(0, ada);
    expect(state.whoTypes(room)).toMatchObject({ userIds: [1] });
  });
});

describe('what is remembered', () => {
  it('is bounded in the sessions of a room: one more is ignored, and nobody is told of it', () => {
    const { state, say, hear, passUntil, published } = scene({ limits: { maxSessionsPerRoom: 2 } });
    say(ada);
    hear(10_000, ben);
    say(cleo);
    hear(10_000, asUserId(4));
    passUntil(1_000);
    expect(state.whoTypes(room)).toEqual({ roomId: 7, userIds: [1, 2], count: 2 });
    expect(published()).toHaveLength(1);
  });

  it('is bounded in rooms, and free again for others', () => {
    const { state, say, stop, passUntil } = scene({ limits: { maxRooms: 1 } });
    say(ada);
    say(ada, 's1', other);
    expect(state.whoTypes(other)).toBeNull();
    stop(ada);
    passUntil(1_000);
    say(ada, 's1', other);
    expect(state.whoTypes(other)).toMatchObject({ count: 1 });
  });

  it('is nothing where nobody listens and nobody types', () => {
    const { state, say, stop } = scene({ isListened: false });
    say(ada);
    stop(ada);
    expect(state.isEmpty).toBe(true);
  });
});
