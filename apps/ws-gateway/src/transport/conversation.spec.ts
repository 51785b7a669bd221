import { asUserId } from '@chat/dto';
import { ChatError, createLogger, createMetricsRegistry } from '@chat/service-kit';
import { createFrame, DEFAULT_FRAME_LIMITS, FrameParser, serializeFrame, type StompFrame } from '@chat/stomp';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { inOrder, type Dispatched } from '../broker/dispatched.ts';
import type { Gateway } from '../broker/gateway.ts';
import { ANSWER_DEADLINE_MS } from '../limits.ts';
import { createGatewayMetrics } from '../metrics.ts';
import { Conversation, type ConversationLink } from './conversation.ts';

const ada = { userId: asUserId(1), username: 'ada', expiresAt: 3_600_000, token: { id: 't-1', issuedAt: null } };
const logger = createLogger('test', { level: 'silent', instanceId: 'test' });

const LIMITS = {
  ...{ maxSubscriptions: 10, maxUnacknowledged: 10 },
  ...{ maxTransactions: 2, maxTransactionFrames: 3, maxTransactionBytes: 10_000 },
};

interface Scene {
  readonly authenticate?: Gateway['authenticate'];
  readonly dispatch?: Gateway['dispatch'];
  readonly subscribe?: Gateway['subscribe'];
  readonly commit?: (sends: readonly unknown[]) => ReturnType<Gateway['commit']>;
}

/** The code that a MESSAGE of the error queue carries. */
const errorCodeIn = (body: Uint8Array) => /"code":"([A-Z_]+)"/.exec(Buffer.from(body).toString())?.[1] ?? 'none';

/** A conversation between a test's bytes and a gateway that notes what it is asked for. */
function converse(scene: Scene = {}) {
  const calls: string[] = [];
  const sent: string[] = [];
  const told: string[] = [];
  const answers: string[] = [];
  const clock = { now: 0 };
  const noteSent = (payload: Uint8Array) => {
    const parser = new FrameParser();
    parser.push(payload);
    for (let event = parser.next(); event !== null; event = parser.next()) {
      sent.push(typeof event === 'string' ? event : event.command);
      if (typeof event !== 'string' && event.command === 'MESSAGE') told.push(errorCodeIn(event.body));
    }
  };
  const link: ConversationLink = {
    lastSentAt: 0,
    stalledSince: null,
    outboundBytes: 0,
    sendFramed: (frame) => noteSent(frame.subarray(frame[1] === 126 ? 4 : 2)),
    sendSheddable: () => true,
    whenTaken: () => null,
    ping: () => void calls.push('ping'),
    pauseReading: () => void calls.push('pause'),
    resumeReading: () => void calls.push('resume'),
    close: (reason) => void sent.push(`close ${reason}`),
    terminate: () => void sent.push('terminate'),
  };
  const gateway: Gateway = {
    authenticate: scene.authenticate ?? (() => Promise.resolve(ada)),
    abandon: () => void calls.push('abandon'),
    open: () => void calls.push('open'),
    subscribe: scene.subscribe ?? (() => inOrder(Promise.resolve({}))),
    hurry: () => {},
    unsubscribe: ({ sessionId }, { id }) => void calls.push(`unsubscribe ${sessionId}/${id}`),
    dispatch: (session, send, dueAt) => {
      calls.push(`dispatch ${send.destination}`);
      return scene.dispatch?.(session, send, dueAt) ?? { handedOver: null, outcome: Promise.resolve({}) };
    },
    commit: (_, sends) => {
      calls.push(`commit ${sends.length}`);
      return scene.commit?.(sends) ?? { handedOver: null, outcome: Promise.resolve(sends.map(() => ({}))) };
    },
    answered: (_, sends, outcomes) =>
      void answers.push(`${sends.length}: ${'code' in outcomes ? outcomes.code : 'accepted'}`),
    close: (_, end) => void calls.push(end),
  };
  const conversation = new Conversation({
    link,
    gateway,
    session: {
      sessionId: 's1',
      subProtocol: null,
      heartBeat: { sendMs: 10_000, wantMs: 10_000 },
      limits: LIMITS,
    },
    frameLimits: DEFAULT_FRAME_LIMITS,
    maxInFlightSends: 2,
    liveness: { connectTimeoutMs: 5_000, idleAfterMs: 75_000, stalledAfterMs: 10_000 },
    now: () => clock.now,
    metrics: createGatewayMetrics(createMetricsRegistry('test'), () => 0),
    logger,
  });
  const pass = async (ms: number) => {
    clock.now += ms;
    vi.advanceTimersByTime(ms);
    await settled();
  };
  const say = (...frames: StompFrame[]) =>
    conversation.receiveBytes(Buffer.concat(frames.map((frame) => serializeFrame(frame, '1.2'))));
  return { conversation, calls, sent, told, answers, clock, say, pass };
}

const BEGIN = createFrame('BEGIN', { transaction: 't' });
const COMMIT = createFrame('COMMIT', { transaction: 't', receipt: 'c' });
const inTransaction = (receipt: string) =>
  createFrame('SEND', { destination: '/app/chat.send/7', transaction: 't', receipt });

const CONNECT = createFrame('CONNECT', { 'accept-version': '1.2', Authorization: 'Bearer t' });
const send = (destination: string, receipt?: string) => createFrame('SEND', { destination, receipt });
const settled = () => new Promise((resolve) => setImmediate(resolve));

afterEach(() => void vi.useRealTimers());

describe('a conversation with transactions', () => {
  const ERRORS = createFrame('SUBSCRIBE', { id: 'e', destination: '/user/queue/errors' });

  it('hands the SENDs over at COMMIT, before what stands behind it, and answers when they are published', async () => {
    const committed = Promise.withResolvers<readonly Record<string, string>[]>();
    const { calls, sent, answers, say } = converse({
      commit: () => ({ handedOver: null, outcome: committed.promise }),
    });
    say(CONNECT, BEGIN, inTransaction('1'), inTransaction('2'), COMMIT, send('/app/heartbeat', 'h'));
    await settled();
    expect(calls.filter((call) => /commit|dispatch/.test(call))).toEqual(['commit 2', 'dispatch /app/heartbeat']);
    expect(sent).toEqual(['CONNECTED', 'RECEIPT']);
    committed.resolve([{}, {}]);
    await settled();
    expect(sent).toEqual(['CONNECTED', 'RECEIPT', 'RECEIPT', 'RECEIPT', 'RECEIPT']);
    expect(answers).toEqual(['2: accepted']);
  });

  it('holds what stands behind a COMMIT whose place is not fixed', async () => {
    const handedOver = Promise.withResolvers<void>();
    const { calls, say } = converse({
      commit: () => ({ handedOver: handedOver.promise, outcome: new Promise(() => {}) }),
    });
    say(CONNECT, BEGIN, inTransaction('1'), COMMIT, send('/app/heartbeat'));
    await settled();
    expect(calls).not.toContain('dispatch /app/heartbeat');
    handedOver.resolve();
    await settled();
    expect(calls).toContain('dispatch /app/heartbeat');
  });

  it('answers DISCONNECT behind a COMMIT, and each frame of one that fails or comes too late', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const { told, say, sent, pass } = converse({
      commit: () => ({ handedOver: null, outcome: new Promise(() => {}) }),
    });
    say(CONNECT, ERRORS, BEGIN, inTransaction('1'), COMMIT, createFrame('DISCONNECT', { receipt: 'd' }));
    await settled();
    expect(sent).toEqual(['CONNECTED']);
    await pass(ANSWER_DEADLINE_MS);
    expect(told).toEqual(['UNKNOWN', 'UNKNOWN']);
    expect(sent.slice(-2)).toEqual(['RECEIPT', 'close NORMAL']);
  });
});

describe('the clock over a conversation', () => {
  it('sends the first heart-beat in time, though it looks closer only now and then', async () => {
    const { conversation, clock, sent, say } = converse();
    say(createFrame('CONNECT', { 'accept-version': '1.2', Authorization: 'Bearer t', 'heart-beat': '0,10000' }));
    await settled();
    const sweepUntil = (until: number) => {
      for (; clock.now < until; clock.now += 250) conversation.sweep();
    };
    sweepUntil(9_500);
    expect(sent).toEqual(['CONNECTED']);
    sweepUntil(9_750);
    expect(sent).toEqual(['CONNECTED', 'heart-beat']);
  });
});

describe('a conversation', () => {
  it('holds what stands behind CONNECT in the same bytes until the caller is known', async () => {
    const { calls, sent, say } = converse();
    say(CONNECT, send('/app/heartbeat', 'r'));
    expect(calls).toEqual(['pause']);
    await settled();
    expect(calls).toEqual(['pause', 'open', 'resume', 'dispatch /app/heartbeat']);
    expect(sent).toEqual(['CONNECTED', 'RECEIPT']);
  });

  it('reads a frame that comes byte by byte', async () => {
    const { conversation, sent } = converse();
    for (const byte of serializeFrame(CONNECT, '1.2')) conversation.receiveBytes(Uint8Array.of(byte));
    await settled();
    expect(sent).toEqual(['CONNECTED']);
  });

  it('gives back the caller whose socket went away meanwhile, and opens nothing', async () => {
    const { conversation, calls, say } = converse();
    say(CONNECT);
    conversation.socketClosed();
    await settled();
    expect(calls).toEqual(['pause', 'abandon']);
  });

  it('gives back a caller whose CONNECT is refused after all', async () => {
    const { calls, sent, say } = converse();
    say(createFrame('CONNECT', { 'heart-beat': 'x' }));
    await settled();
    expect(calls).toContain('abandon');
    expect(sent).toEqual(['ERROR', 'close PROTOCOL']);
  });

  it('stops reading while it has as many SENDs in flight as it may have', async () => {
    const answers: PromiseWithResolvers<Record<string, string>>[] = [];
    const dispatch = (): Dispatched => {
      const answer = Promise.withResolvers<Record<string, string>>();
      answers.push(answer);
      return { handedOver: null, outcome: answer.promise };
    };
    const { calls, say } = converse({ dispatch });
    say(CONNECT);
    await settled();
    calls.length = 0;
    say(send('/app/chat.send/1'), send('/app/chat.send/2'));
    expect(calls).toEqual(['dispatch /app/chat.send/1', 'dispatch /app/chat.send/2', 'pause']);
    answers[0]?.resolve({});
    await settled();
    expect(calls.at(-1)).toBe('resume');
  });

  it('handles nothing behind a SEND that waits for the database', async () => {
    const handedOver = Promise.withResolvers<void>();
    let isFirst = true;
    const dispatch = (): Dispatched => {
      const waits = isFirst;
      isFirst = false;
      return { handedOver: waits ? handedOver.promise : null, outcome: Promise.resolve({}) };
    };
    const { calls, say } = converse({ dispatch });
    say(CONNECT, send('/app/chat.send/1'), send('/app/chat.send/2'));
    await settled();
    expect(calls.filter((call) => call.startsWith('dispatch'))).toEqual(['dispatch /app/chat.send/1']);
    handedOver.resolve();
    await settled();
    expect(calls.filter((call) => call.startsWith('dispatch'))).toHaveLength(2);
  });

  it('lets others have their turn while it works off many frames of one message', async () => {
    const { calls, say } = converse();
    say(CONNECT);
    await settled();
    calls.length = 0;
    say(...Array.from({ length: 1_000 }, (_, at) => send(`/app/chat.send/${at + 1}`)));
    const dispatched = () => calls.filter((call) => call.startsWith('dispatch'));
    expect(dispatched().length).toBeLessThanOrEqual(256);
    expect(calls.at(-1)).toBe('pause');
    for (let turn = 0; turn < 10 && dispatched().length < 1_000; turn += 1) await settled();
    expect(dispatched()).toEqual(Array.from({ length: 1_000 }, (_, at) => `dispatch /app/chat.send/${at + 1}`));
  });

  it('ends a subscription that became live after the session had ended', async () => {
    const live = Promise.withResolvers<Record<string, string>>();
    const { conversation, calls, say } = converse({ subscribe: () => inOrder(live.promise) });
    say(CONNECT);
    await settled();
    say(createFrame('SUBSCRIBE', { id: '0', destination: '/topic/commands' }));
    conversation.socketClosed();
    live.resolve({});
    await settled();
    expect(calls.slice(-2)).toEqual(['LOST', 'unsubscribe s1/0']);
  });

  it('ends closed by DISCONNECT and lost by everything else, once', async () => {
    const polite = converse();
    polite.say(CONNECT);
    await settled();
    polite.say(createFrame('DISCONNECT', { receipt: 'bye' }));
    polite.conversation.socketClosed();
    expect(polite.sent).toEqual(['CONNECTED', 'RECEIPT', 'close NORMAL']);
    expect(polite.calls.filter((call) => call === 'CLOSED' || call === 'LOST')).toEqual(['CLOSED']);

    const rude = converse();
    rude.say(CONNECT);
    await settled();
    rude.conversation.receiveBytes(Buffer.from('NONSENSE\0'));
    rude.conversation.socketClosed();
    expect(rude.sent).toEqual(['CONNECTED', 'ERROR', 'close PROTOCOL']);
    expect(rude.calls.filter((call) => call === 'CLOSED' || call === 'LOST')).toEqual(['LOST']);
  });

  it('answers what was sent before a DISCONNECT before it goes', async () => {
    const answer = Promise.withResolvers<Record<string, string>>();
    const { conversation, calls, sent, say } = converse({
      dispatch: () => ({ handedOver: null, outcome: answer.promise }),
    });
    say(CONNECT);
    await settled();
    say(send('/app/chat.send/1', 'r'), createFrame('DISCONNECT', { receipt: 'bye' }));
    expect(sent).toEqual(['CONNECTED']);
    answer.resolve({});
    await settled();
    expect(sent).toEqual(['CONNECTED', 'RECEIPT', 'RECEIPT', 'close NORMAL']);
    conversation.socketClosed();
    expect(calls).toContain('CLOSED');
  });

  it('is closed, not lost, when the socket goes right behind the DISCONNECT', async () => {
    const { conversation, calls, say } = converse({
      dispatch: () => ({ handedOver: null, outcome: new Promise(() => {}) }),
    });
    say(CONNECT);
    await settled();
    say(send('/app/chat.send/1', 'r'), createFrame('DISCONNECT', {}));
    conversation.socketClosed();
    expect(calls.at(-1)).toBe('CLOSED');
  });

  it('tells of an unexpected failure without its words', async () => {
    const { sent, say } = converse({
      dispatch: () => ({ handedOver: null, outcome: Promise.reject(new Error('secret')) }),
    });
    say(CONNECT);
    await settled();
    say(send('/app/chat.send/1', 'r'));
    await settled();
    expect(sent).toEqual(['CONNECTED', 'ERROR', 'close OVERLOADED']);
  });

  it('answers what is in flight before it closes for a restart', async () => {
    const answer = Promise.withResolvers<Record<string, string>>();
    const { conversation, sent, say } = converse({ dispatch: () => ({ handedOver: null, outcome: answer.promise }) });
    say(CONNECT);
    await settled();
    say(send('/app/chat.send/1', 'r'));
    const drained = conversation.drain(1_000);
    say(send('/app/chat.send/2', 'r2'));
    answer.resolve({ 'message-id': '1' });
    await drained;
    expect(sent).toEqual(['CONNECTED', 'RECEIPT', 'close RESTART']);
  });

  it('lets a DISCONNECT that waits for its SENDs have its own end in a restart', async () => {
    const answer = Promise.withResolvers<Record<string, string>>();
    const { conversation, sent, say } = converse({ dispatch: () => ({ handedOver: null, outcome: answer.promise }) });
    say(CONNECT);
    await settled();
    say(send('/app/chat.send/1', 'r'));
    say(createFrame('DISCONNECT', { receipt: 'bye' }));
    const drained = conversation.drain(1_000);
    answer.resolve({});
    await drained;
    expect(sent).toEqual(['CONNECTED', 'RECEIPT', 'RECEIPT', 'close NORMAL']);
  });

  describe('whose token expires', () => {
    const HOUR_MS = ada.expiresAt;
    /** Sweeps four times a second, while the client answers the pings. */
    const passUntil = ({ clock, conversation }: ReturnType<typeof converse>, until: number) => {
      for (; clock.now < until; clock.now += 250) {
        conversation.noteSignOfLife();
        conversation.sweep();
      }
    };
    const openAt = async (now: number) => {
      const opened = converse();
      opened.clock.now = now;
      opened.say(CONNECT);
      await settled();
      return opened;
    };

    it('is told and closed', async () => {
      const session = await openAt(HOUR_MS - 2_000);
      passUntil(session, HOUR_MS);
      expect(session.sent).toEqual(['CONNECTED']);
      passUntil(session, HOUR_MS + 250);
      expect(session.sent).toEqual(['CONNECTED', 'ERROR', 'close TOKEN_EXPIRED']);
      expect(session.calls.at(-1)).toBe('LOST');
    });

    it('lives as long as its newest token, be it shorter or longer than the one before', async () => {
      const session = await openAt(HOUR_MS - 2_000);
      session.conversation.renew({ ...ada, expiresAt: HOUR_MS + 4_000 });
      passUntil(session, HOUR_MS + 3_000);
      session.conversation.renew({ ...ada, expiresAt: HOUR_MS + 3_250 });
      passUntil(session, HOUR_MS + 3_250);
      expect(session.sent).toEqual(['CONNECTED']);
      passUntil(session, HOUR_MS + 3_500);
      expect(session.sent).toEqual(['CONNECTED', 'ERROR', 'close TOKEN_EXPIRED']);
    });

    it('is known by all of its tokens that have not expired, the newest last', async () => {
      const { conversation, clock } = await openAt(HOUR_MS - 2_000);
      const tokens = () => conversation.tokens.map(({ id }) => id);
      conversation.renew({ ...ada, expiresAt: HOUR_MS + 4_000, token: { id: 't-2', issuedAt: null } });
      expect(tokens()).toEqual(['t-1', 't-2']);
      clock.now = HOUR_MS;
      conversation.renew({ ...ada, expiresAt: HOUR_MS + 3_000, token: { id: 't-3', issuedAt: null } });
      expect(tokens()).toEqual(['t-2', 't-3']);
    });

    it('and that has said DISCONNECT has its own end', async () => {
      const answer = Promise.withResolvers<Record<string, string>>();
      const session = converse({ dispatch: () => ({ handedOver: null, outcome: answer.promise }) });
      session.clock.now = HOUR_MS - 250;
      session.say(CONNECT);
      await settled();
      session.say(send('/app/chat.send/1', 'r'), createFrame('DISCONNECT', { receipt: 'bye' }));
      passUntil(session, HOUR_MS + 500);
      answer.resolve({});
      await settled();
      expect(session.sent).toEqual(['CONNECTED', 'RECEIPT', 'RECEIPT', 'close NORMAL']);
    });
  });

  it('is lost when nothing comes from the client, which is asked first', async () => {
    const { conversation, calls, clock, sent, say } = converse();
    say(CONNECT);
    await settled();
    clock.now = 30_000;
    conversation.sweep();
    expect(calls).toContain('ping');
    clock.now = 75_000;
    conversation.sweep();
    expect(sent.at(-1)).toBe('terminate');
    expect(calls).toContain('LOST');
  });

  describe('of a tab in the background', () => {
    const MINUTE_MS = 60_000;

    /** Lets so much time pass, a second at a time as the sweep does, with something said every minute. */
    async function pass({ clock, conversation }: ReturnType<typeof converse>, ms: number, everyMinute: () => void) {
      for (const end = clock.now + ms; clock.now < end;) {
        clock.now += 1_000;
        if (clock.now % MINUTE_MS === 0) everyMinute();
        conversation.sweep();
        await settled();
      }
    }

    it('that pings once a minute lives on, and is lost 75 s after the last ping', async () => {
      const tab = converse();
      tab.say(CONNECT);
      await settled();
      await pass(tab, 30 * MINUTE_MS, () => tab.say(send('/app/heartbeat')));
      expect(tab.calls.filter((call) => call === 'dispatch /app/heartbeat')).toHaveLength(30);
      expect(tab.calls).not.toContain('LOST');
      await pass(tab, 74_000, () => {});
      expect(tab.calls).not.toContain('LOST');
      await pass(tab, 1_000, () => {});
      expect(tab.calls).toContain('LOST');
      expect(tab.sent.at(-1)).toBe('terminate');
    });

    it('that says nothing lives on as long as its browser answers the pings of the socket', async () => {
      const tab = converse();
      tab.say(CONNECT);
      await settled();
      let answered = 0;
      const answer = () => {
        const asked = tab.calls.filter((call) => call === 'ping').length;
        if (asked > answered) tab.conversation.noteSignOfLife();
        answered = asked;
      };
      for (let minute = 0; minute < 30; minute += 1) await pass(tab, MINUTE_MS, answer);
      expect(answered).toBeGreaterThan(0);
      expect(tab.calls).not.toContain('LOST');
    });
  });

  it('refuses a CONNECT whose token is bad', async () => {
    const { sent, say } = converse({ authenticate: () => Promise.reject(new ChatError('UNAUTHENTICATED')) });
    say(CONNECT);
    await settled();
    expect(sent).toEqual(['ERROR', 'close POLICY']);
  });
});

describe('while the database hangs', () => {
  const subscribe = (id: string, receipt?: string) =>
    createFrame('SUBSCRIBE', { id, destination: `/topic/chat_rooms/${id}`, receipt });
  const errorQueue = createFrame('SUBSCRIBE', { id: 'e', destination: '/user/queue/errors', receipt: 'e' });

  /** A connected session whose SUBSCRIBEs to rooms hang; what it asked for stands in `asked`. */
  async function hangingScene(scene: Scene = {}) {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const asked: PromiseWithResolvers<Record<string, string>>[] = [];
    const all = converse({
      subscribe: (_, { target }) => {
        if (target.kind !== 'room') return inOrder(Promise.resolve({}));
        const answer = Promise.withResolvers<Record<string, string>>();
        asked.push(answer);
        return inOrder(answer.promise);
      },
      ...scene,
    });
    all.say(CONNECT);
    await settled();
    all.say(errorQueue);
    await settled();
    all.sent.length = 0;
    all.calls.length = 0;
    return { ...all, asked };
  }

  it('refuses a SUBSCRIBE in time, and undoes it when it succeeds after all', async () => {
    const { asked, calls, sent, say, pass } = await hangingScene();
    say(subscribe('7', 'r'));
    await pass(ANSWER_DEADLINE_MS - 1);
    expect(sent).toEqual([]);
    await pass(1);
    expect(sent).toEqual(['MESSAGE']);
    expect(calls).not.toContain('unsubscribe s1/7');
    asked[0]?.resolve({});
    await settled();
    expect(calls).toContain('unsubscribe s1/7');
    expect(sent).toEqual(['MESSAGE']);
  });

  it('refuses the SUBSCRIBEs that came together in time, all of them', async () => {
    const { sent, say, pass } = await hangingScene();
    say(subscribe('1', 'r1'), subscribe('2', 'r2'));
    await pass(1_000);
    say(subscribe('3', 'r3'));
    await pass(3_800);
    for (let turn = 0; turn < 5 && sent.length < 2; turn += 1) await pass(0);
    expect(sent).toEqual(['MESSAGE', 'MESSAGE']);
    await pass(1_000);
    expect(sent).toEqual(['MESSAGE', 'MESSAGE', 'MESSAGE']);
  });

  it('answers behind it what memory knows, however late', async () => {
    const { sent, say, pass } = await hangingScene();
    say(subscribe('1'), createFrame('SUBSCRIBE', { id: 'c', destination: '/topic/commands', receipt: 'c' }));
    await pass(ANSWER_DEADLINE_MS);
    expect(sent).toEqual(['MESSAGE', 'RECEIPT']);
  });

  it('begins no SEND that waited so long that its answer would be late', async () => {
    const { calls, told, answers, say, pass } = await hangingScene();
    say(subscribe('1'), send('/app/chat.send/1', 'r'));
    await pass(ANSWER_DEADLINE_MS);
    expect(told).toEqual(['UNAVAILABLE', 'UNAVAILABLE']);
    expect(answers).toEqual(['1: UNAVAILABLE']); // for the story of the message
    expect(calls.filter((call) => call.startsWith('dispatch'))).toEqual([]);
  });

  it('says that an outcome is unknown when a SEND that had to wait is not answered in time', async () => {
    const accepted = Promise.withResolvers<Record<string, string>>();
    const { asked, sent, told, answers, say, pass } = await hangingScene({
      dispatch: () => ({ handedOver: null, outcome: accepted.promise }),
    });
    say(subscribe('1'), send('/app/chat.send/1', 'r'));
    await pass(2_000);
    asked[0]?.resolve({});
    await settled();
    await pass(ANSWER_DEADLINE_MS - 2_001);
    expect(sent).toEqual([]);
    await pass(1);
    accepted.resolve({ 'message-id': '1' });
    await settled();
    expect([told, answers]).toEqual([['UNKNOWN'], ['1: UNKNOWN']]);
  });

  it('says so too when Kafka hangs behind a slow look-up of the SEND itself', async () => {
    const lookedUp = Promise.withResolvers<void>();
    const { sent, told, say, pass } = await hangingScene({
      dispatch: () => ({ handedOver: lookedUp.promise, outcome: new Promise(() => {}) }),
    });
    say(send('/app/chat.send/1', 'r'));
    await pass(1_900);
    lookedUp.resolve();
    await pass(ANSWER_DEADLINE_MS - 1_901);
    expect(sent).toEqual([]);
    await pass(1);
    expect(told).toEqual(['UNKNOWN']);
  });

  it('does not take the silence of a client for loss while it is not read', async () => {
    const { asked, conversation, clock, sent, say } = await hangingScene();
    say(subscribe('1', 'r'));
    clock.now = 80_000;
    conversation.sweep();
    expect(sent).not.toContain('terminate');
    clock.now = 160_000;
    asked[0]?.resolve({});
    await settled();
    conversation.sweep();
    expect(sent).not.toContain('terminate');
    clock.now = 235_000;
    conversation.sweep();
    expect(sent.at(-1)).toBe('terminate');
  });
});
