import { asRoomId, type RoomId } from '@chat/dto';
import { createLogger } from '@chat/service-kit';
import { describe, expect, it } from 'vitest';
import { FEED_LIMITS } from '../limits.ts';
import { FeedInbox } from './feed-inbox.ts';
import { FEED_FORMATS, encodeMail, type RoutingRequest } from './feed-mail.ts';
import { AttachmentParts } from './attachment-parts.ts';
import type { JudgedRecord, Stretch } from './stretch.ts';

const logger = createLogger('feed-spec', { level: 'silent', instanceId: 'spec' });
const [ROOM, OTHER] = [asRoomId(1), asRoomId(2)];
const SELF = { id: 'self', slot: 1 };
const ROUTER = { id: 'router', slot: 2, since: 1, reads: FEED_FORMATS };

/** An instance with one partition, whose log ends at 100; its mail, and a clock. */
function scene() {
  const sent: RoutingRequest[] = [];
  const failures: string[] = [];
  const forgotten: RoomId[] = [];
  const passed: JudgedRecord[] = [];
  const state = { now: 0, withinBatch: () => {} };
  const inbox = new FeedInbox({
    self: SELF,
    ranges: new Map([[0, { start: 0, end: 100 }]]),
    repeatWindow: 1_000,
    sink: {
      remember: () => {},
      consume: () => Promise.resolve(),
      consumeJudged: async (_, records, __, isHeld) => {
        await Promise.resolve();
        state.withinBatch();
        passed.push(...records.filter(({ roomId }) => isHeld(roomId)));
      },
      forget: (_, roomIds) => void forgotten.push(...roomIds),
    },
    send: (_, mail) => Promise.resolve(void sent.push(mail)),
    flushSoon: () => {},
    received: () => {},
    now: () => state.now,
    deafElsewhereMs: FEED_LIMITS.deafElsewhereMs,
    fail: (reason) => void failures.push(reason),
    logger,
  });
  const versionOf = (mail: RoutingRequest | undefined) => {
    if (mail?.kind === 'attachment') return mail.attachment.version;
    return mail?.kind === 'change' ? mail.change.version : 0;
  };
  const attachments = () => sent.filter(({ kind }) => kind === 'attachment').length;
  /** The router answers what it was told last. */
  const answer = (from: number, to: number, more: Partial<Stretch<JudgedRecord>> = {}) =>
    inbox.take(0, { from, to, version: versionOf(sent.at(-1)), records: [], barrier: to, isCut: false, ...more });
  /** Time goes on, tick by tick, with what else happens at each. */
  const pass = async (ms: number, meanwhile: (tick: number) => Promise<void> | void = () => {}) => {
    for (let tick = 0; tick * FEED_LIMITS.tickMs < ms; tick += 1) {
      state.now += FEED_LIMITS.tickMs;
      await meanwhile(tick);
      inbox.tick();
    }
  };
  return { inbox, sent, failures, forgotten, passed, state, attachments, answer, pass };
}

/** Of a room that is held, and covered. */
async function heldRoom() {
  const opened = scene();
  opened.inbox.learn(0, ROUTER);
  await opened.answer(100, 100);
  opened.inbox.hold(ROOM);
  opened.inbox.flush();
  await opened.answer(100, 100);
  return opened;
}

const record = (offset: number): JudgedRecord => ({
  ...{ roomId: ROOM, offset, first: null, prev: null },
  record: { key: null, value: null, headers: {}, offset, timestamp: 0 },
});

describe('the mail of an instance', () => {
  it('tells all that is held once, however often rooms come and go, as long as it is answered', async () => {
    const { inbox, attachments, answer, pass } = await heldRoom();
    await pass(60_000, async (tick) => {
      const roomId = asRoomId(100 + tick);
      inbox.hold(roomId);
      inbox.release(roomId);
      await answer(100, 100); // to what was told at the tick before
      inbox.learn(0, ROUTER); // which says each second that it routes the partition
    });
    expect(attachments()).toBe(1);
    expect(inbox.silence.ms).toBeLessThanOrEqual(FEED_LIMITS.tickMs); // since what was told last
  });

  it('tells all anew where something is not answered in time', async () => {
    const { inbox, attachments, pass } = await heldRoom();
    inbox.hold(OTHER);
    await pass(FEED_LIMITS.answerMs + FEED_LIMITS.tickMs);
    expect(attachments()).toBe(1);
    await pass(FEED_LIMITS.tickMs);
    expect(attachments()).toBe(2);
  });

  it('tells all anew less and less often while no answer comes, and as ever behind one', async () => {
    const { inbox, attachments, answer, pass } = await heldRoom();
    inbox.hold(OTHER);
    await pass(60_000);
    expect(attachments()).toBe(1 + 8); // after 2, 2, 4, and then each 8 s, and a tick each time
    await answer(100, 100);
    inbox.hold(asRoomId(3));
    await pass(FEED_LIMITS.answerMs + 2 * FEED_LIMITS.tickMs);
    expect(attachments()).toBe(1 + 9);
  });

  it('asks once for what is lacking, however much came behind it', async () => {
    const { attachments, answer, state, failures } = await heldRoom();
    for (let from = 110; from < 200; from += 1) await answer(from, from + 1);
    expect(attachments()).toBe(2);
    state.now += FEED_LIMITS.gapMs;
    await answer(200, 201);
    expect([attachments(), failures]).toEqual([3, []]);
    await answer(100, 201);
    await answer(210, 211); // that one was answered
    expect(attachments()).toBe(4);
  });

  it('is missed where nothing is answered: by who routes the partition first, and while the brokers answer', async () => {
    const endsAfterMs = async (router: string, until = Infinity) => {
      const { inbox, answer, state, failures } = scene();
      inbox.learn(0, { ...ROUTER, id: router });
      await answer(100, 100);
      inbox.hold(ROOM);
      for (; failures.length === 0 && state.now < 200_000; state.now += 5_000) {
        inbox.tick(); // what is told again is no answer
        inbox.learn(0, { ...ROUTER, id: router });
        if (state.now < until) inbox.brokersAnswered();
      }
      expect(inbox.silence).toEqual({ partition: 0, ms: state.now });
      return failures.length === 0 ? Infinity : state.now - 5_000;
    };
    expect(await endsAfterMs(SELF.id)).toBe(FEED_LIMITS.deafMs);
    expect(await endsAfterMs('another')).toBe(FEED_LIMITS.deafElsewhereMs);
    expect(await endsAfterMs(SELF.id, 20_000)).toBe(Infinity);
  });

  it('is missed where nobody says that he routes the partition', async () => {
    const { inbox, state } = await heldRoom();
    expect(inbox.silence.ms).toBe(0);
    state.now += FEED_LIMITS.silenceMs;
    expect(inbox.silence.ms).toBe(0);
    state.now += 1;
    expect(inbox.silence.ms).toBe(FEED_LIMITS.silenceMs + 1);
    inbox.learn(0, ROUTER);
    expect(inbox.silence.ms).toBe(0);
  });

  it('may be silent while somebody who has taken it over reads back what he needs', async () => {
    const { inbox, state, failures } = await heldRoom();
    const pass = (ms: number, meanwhile: () => void = () => {}) => {
      for (const until = state.now + ms; state.now < until; state.now += 5_000) {
        meanwhile();
        inbox.brokersAnswered();
      }
    };
    pass(200_000, () => inbox.learnReadingBack(0));
    expect(failures).toEqual([]);
    pass(10_000);
    expect(failures).not.toEqual([]);
  });

  it('is not missed before all partitions have been in force: the start has its own deadline', () => {
    const { inbox, state, failures } = scene();
    inbox.learn(0, ROUTER);
    for (; state.now < 200_000; state.now += 5_000) inbox.brokersAnswered();
    expect(failures).toEqual([]);
  });

  it('tells however many rooms in mails that Kafka takes, of which the router makes one again', async () => {
    const { inbox, sent, answer } = scene();
    inbox.learn(0, ROUTER);
    await answer(100, 100);
    sent.length = 0;
    const rooms = Array.from({ length: 300_000 }, (_, at) => asRoomId(at + 1));
    for (const roomId of rooms) inbox.hold(roomId);
    inbox.flush();
    expect(sent).toHaveLength(10);
    for (const mail of sent) expect(encodeMail(mail).length).toBeLessThan(FEED_LIMITS.mailBytes + 1_000);
    const parts = new AttachmentParts();
    const taken = sent.flatMap((mail) => parts.take(mail) ?? []);
    const told = taken.flatMap((mail) => (mail.kind === 'attachment' ? mail.attachment.rooms.join() : []));
    expect(told.length === 1 && told[0] === rooms.join()).toBe(true); // said like this, since there are many
    await answer(100, 100);
    expect([inbox.coveredFrom(asRoomId(1)), inbox.coveredFrom(asRoomId(300_000))]).toEqual([100, 100]);
  });

  it('goes to no router of a version that reads none of it', () => {
    const { inbox, attachments } = scene();
    inbox.learn(0, { ...ROUTER, reads: [99] });
    expect(attachments()).toBe(0);
    inbox.learn(0, { ...ROUTER, reads: [99, ...FEED_FORMATS] });
    expect(attachments()).toBe(1);
  });

  it('leaves a room alone that lapsed while its records were in hand', async () => {
    const { inbox, answer, state, passed, forgotten, pass } = await heldRoom();
    inbox.release(ROOM);
    inbox.hold(OTHER);
    inbox.flush();
    state.withinBatch = () => {
      state.now += FEED_LIMITS.lingerMs;
      inbox.release(OTHER);
      inbox.tick();
      state.now += FEED_LIMITS.lingerMs;
      inbox.tick();
    };
    await answer(100, 101, { records: [record(100)] });
    expect([passed, forgotten]).toEqual([[], [ROOM, OTHER]]);
    expect([inbox.coveredSince(ROOM), inbox.coveredSince(OTHER)]).toEqual([Infinity, Infinity]);
    state.withinBatch = () => {};
    inbox.hold(OTHER);
    await pass(FEED_LIMITS.tickMs);
    expect(inbox.whenCovered(OTHER, 1_000)).not.toBeNull();
    await answer(101, 101);
    expect(inbox.coveredSince(OTHER)).toBe(state.now);
  });
});
