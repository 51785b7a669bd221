import { asUserId } from '@chat/dto';
import { ChatError } from '@chat/service-kit';
import { createFrame, headerOf, StompProtocolError, type StompFrame, type StompVersion } from '@chat/stomp';
import { describe, expect, it } from 'vitest';
import type { Subscription } from '../broker/requests.ts';
import type { Commit, Effect } from './effects.ts';
import { Session, type SessionOptions } from './session.ts';

const ada = { userId: asUserId(1), username: 'ada', expiresAt: 1_000_000, token: { id: 't-1', issuedAt: null } };
const LIMITS = {
  ...{ maxSubscriptions: 3, maxUnacknowledged: 3 },
  ...{ maxTransactions: 2, maxTransactionFrames: 3, maxTransactionBytes: 2_000 },
};
const text = new TextDecoder();

const newSession = (change: Partial<SessionOptions> = {}) =>
  new Session({
    sessionId: 's1',
    subProtocol: null,
    heartBeat: { sendMs: 10_000, wantMs: 10_000 },
    limits: LIMITS,
    ...change,
  });

function connected(acceptVersion = '1.0,1.1,1.2'): Session {
  const session = newSession();
  session.receive(createFrame('CONNECT', { 'accept-version': acceptVersion, Authorization: 'Bearer t' }));
  session.authenticated(ada);
  return session;
}

function subscribed(session: Session, destination: string, id = 'e'): Subscription {
  const [effect] = session.receive(createFrame('SUBSCRIBE', { id, destination }));
  if (effect?.do !== 'subscribe') throw new Error('not subscribed');
  return effect.subscription;
}

/** Effects in short: what is done, and the frame where one is sent. */
const brief = (effects: readonly Effect[]) =>
  effects.map((effect) =>
    effect.do === 'send' ? effect.frame.command : effect.do === 'close' ? effect.reason : effect.do,
  );
const sent = (effects: readonly Effect[], command: string): StompFrame => {
  for (const effect of effects) if (effect.do === 'send' && effect.frame.command === command) return effect.frame;
  throw new Error(`no ${command} among ${brief(effects).join(', ')}`);
};

describe('a token that expires', () => {
  it('ends the session with a close of its own, and an ERROR that says why', () => {
    const session = connected();
    const effects = session.tokenExpired();
    expect(brief(effects)).toEqual(['ERROR', 'TOKEN_EXPIRED']);
    expect(headerOf(sent(effects, 'ERROR'), 'code')).toBe('TOKEN_EXPIRED');
    expect(session.tokenExpired()).toEqual([]);
  });
});

describe('CONNECT', () => {
  it.each(['CONNECT', 'STOMP'])('opens a session by %s', (command) => {
    const session = newSession();
    const asked = session.receive(
      createFrame(command, { 'accept-version': '1.1,1.2', Authorization: 'Bearer abc', 'heart-beat': '5000,20000' }),
    );
    expect(asked).toEqual([
      { do: 'set-version', version: '1.2' },
      { do: 'authenticate', token: 'abc' },
    ]);
    const effects = session.authenticated(ada);
    const frame = sent(effects, 'CONNECTED');
    expect(Object.fromEntries(frame.headers)).toMatchObject({
      version: '1.2',
      'heart-beat': '10000,10000',
      session: 's1',
    });
    expect(effects).toContainEqual({
      do: 'open',
      caller: ada,
      heartBeat: { sendEveryMs: 20_000, expectEveryMs: 10_000 },
    });
  });

  it('speaks 1.0 with a client that names no version', () => {
    const [effect] = newSession().receive(createFrame('CONNECT', {}));
    expect(effect).toEqual({ do: 'set-version', version: '1.0' });
  });

  it.each<[string, StompVersion | null, string]>([
    ['2.0', null, '1.0,1.1,1.2'],
    ['1.1', '1.2', '1.2'],
  ])('tells its versions to who accepts %s over sub-protocol %s', (accepted, subProtocol, offered) => {
    const effects = newSession({ subProtocol }).receive(createFrame('CONNECT', { 'accept-version': accepted }));
    expect(brief(effects)).toEqual(['ERROR', 'PROTOCOL']);
    expect(headerOf(sent(effects, 'ERROR'), 'version')).toBe(offered);
  });

  it('must be the first frame', () => {
    const effects = newSession().receive(createFrame('SEND', { destination: '/app/heartbeat', receipt: 'r' }));
    expect(brief(effects)).toEqual(['ERROR', 'PROTOCOL']);
    expect(headerOf(sent(effects, 'ERROR'), 'receipt-id')).toBe('r');
  });

  it('must not come twice', () => {
    expect(brief(connected().receive(createFrame('CONNECT', {})))).toEqual(['ERROR', 'PROTOCOL']);
  });

  it('must come in time', () => {
    expect(brief(newSession().connectOverdue())).toEqual(['ERROR', 'PROTOCOL']);
    expect(connected().connectOverdue()).toEqual([]);
  });

  it('that we cannot check in time is refused with an overload close, and says that it is not the client', () => {
    const session = newSession();
    session.receive(createFrame('CONNECT', { receipt: 'r' }));
    const effects = session.connectOverdue();
    expect(brief(effects)).toEqual(['ERROR', 'OVERLOADED']);
    expect(Object.fromEntries(sent(effects, 'ERROR').headers)).toMatchObject({
      code: 'UNAVAILABLE',
      'receipt-id': 'r',
      message: 'This CONNECT could not be checked in time.',
    });
  });

  it('is refused with a policy close for a bad token, with an overload close while the service is away', () => {
    const refuse = (code: 'UNAUTHENTICATED' | 'UNAVAILABLE') => {
      const session = newSession();
      session.receive(createFrame('CONNECT', {}));
      return brief(session.refused(new ChatError(code)));
    };
    expect(refuse('UNAUTHENTICATED')).toEqual(['ERROR', 'POLICY']);
    expect(refuse('UNAVAILABLE')).toEqual(['ERROR', 'OVERLOADED']);
  });

  it('is refused with a malformed heart-beat header', () => {
    const session = newSession();
    session.receive(createFrame('CONNECT', { 'heart-beat': '1,x' }));
    expect(brief(session.authenticated(ada))).toEqual(['ERROR', 'PROTOCOL']);
  });
});

describe('SUBSCRIBE', () => {
  it('answers a receipt only when it is live', () => {
    const session = connected();
    const effects = session.receive(
      createFrame('SUBSCRIBE', { id: '0', destination: '/topic/chat_rooms/7', receipt: 'r' }),
    );
    expect(brief(effects)).toEqual(['subscribe']);
    expect(headerOf(sent(session.subscribed('r', { recovered: 'true' }), 'RECEIPT'), 'receipt-id')).toBe('r');
  });

  it.each([
    ['no destination', { id: '1' }],
    ['no id', { destination: '/topic/commands' }],
    ['an unknown destination', { id: '1', destination: '/topic/rooms/7' }],
    ['an unknown ack mode', { id: '1', destination: '/topic/commands', ack: 'maybe' }],
    ['an id in use', { id: 'e', destination: '/topic/commands' }],
  ])('is a protocol fault with %s', (_, headers) => {
    const session = connected();
    subscribed(session, '/user/queue/errors');
    const effects = session.receive(createFrame('SUBSCRIBE', headers));
    expect(brief(effects)).toEqual(['ERROR', 'PROTOCOL']);
  });

  it('may leave the id out in 1.0, and ends by its destination', () => {
    const session = connected('1.0');
    const [effect] = session.receive(createFrame('SUBSCRIBE', { destination: '/topic/commands' }));
    expect(effect).toMatchObject({ do: 'subscribe', subscription: { headerId: null } });
    expect(brief(session.receive(createFrame('UNSUBSCRIBE', { destination: '/topic/commands' })))).toEqual([
      'unsubscribe',
    ]);
  });

  it('to presence may ask for everybody who is online, and for nothing else', () => {
    const session = connected();
    subscribed(session, '/user/queue/errors');
    const subscribe = (id: string, users: string) =>
      session.receive(createFrame('SUBSCRIBE', { id, users, destination: '/topic/chat_rooms/7/presence' }));
    expect(subscribe('0', 'all')).toMatchObject([{ do: 'subscribe', subscription: { wantsAllUsers: true } }]);
    expect(brief(subscribe('1', 'some'))).toEqual(['report']);
    expect(session.subscriptions.has('1')).toBe(false);
  });

  it('refused is told on the error queue, where the session listens to it', () => {
    const session = connected();
    subscribed(session, '/user/queue/errors');
    const room = subscribed(session, '/topic/chat_rooms/7', '0');
    expect(brief(session.subscribeRefused(room, new ChatError('NOT_A_MEMBER'), 'r'))).toEqual(['report']);
    expect(session.subscriptions.has('0')).toBe(false);
  });

  it('refused is an ERROR and a close for who would not hear of it', () => {
    const session = connected();
    const room = subscribed(session, '/topic/chat_rooms/7', '0');
    expect(brief(session.subscribeRefused(room, new ChatError('NOT_A_MEMBER'), undefined))).toEqual([
      'ERROR',
      'POLICY',
    ]);
  });

  it('refused for now is an overload close, so that the client comes back', () => {
    const session = connected();
    const room = subscribed(session, '/topic/chat_rooms/7', '0');
    expect(brief(session.subscribeRefused(room, new ChatError('UNAVAILABLE'), 'r'))).toEqual(['ERROR', 'OVERLOADED']);
  });

  it('is refused over the limit, which the refusal names', () => {
    const session = connected();
    for (const id of ['1', '2', '3']) subscribed(session, id === '1' ? '/user/queue/errors' : '/topic/commands', id);
    const [effect] = session.receive(createFrame('SUBSCRIBE', { id: '4', destination: '/topic/commands' }));
    expect(effect).toMatchObject({ do: 'report', error: { code: 'TOO_MANY_SUBSCRIPTIONS' } });
    expect(effect?.do === 'report' && effect.error.message).toContain('at most 3 subscriptions');
  });
});

describe('UNSUBSCRIBE', () => {
  it('of an unknown id is a protocol fault', () => {
    expect(brief(connected().receive(createFrame('UNSUBSCRIBE', { id: '9' })))).toEqual(['ERROR', 'PROTOCOL']);
  });

  it('is receipted', () => {
    const session = connected();
    subscribed(session, '/topic/commands', '1');
    expect(brief(session.receive(createFrame('UNSUBSCRIBE', { id: '1', receipt: 'r' })))).toEqual([
      'unsubscribe',
      'RECEIPT',
    ]);
  });
});

describe('UNSUBSCRIBE of 1.0 by destination', () => {
  it('ends all subscriptions to it, those with an id as well', () => {
    const session = connected('1.0');
    const ended = [subscribed(session, '/topic/commands', '1'), subscribed(session, '/topic/commands', '2')];
    subscribed(session, '/user/queue/errors', '3');
    const effects = session.receive(createFrame('UNSUBSCRIBE', { destination: '/topic/commands', receipt: 'r' }));
    expect(effects.slice(0, 2)).toEqual(ended.map((subscription) => ({ do: 'unsubscribe', subscription })));
    expect(brief(effects)).toEqual(['unsubscribe', 'unsubscribe', 'RECEIPT']);
    expect([...session.subscriptions.keys()]).toEqual(['3']);
  });

  it('ends one alone where it has an id', () => {
    const session = connected('1.0');
    for (const id of ['1', '2']) subscribed(session, '/topic/commands', id);
    session.receive(createFrame('UNSUBSCRIBE', { id: '1', destination: '/topic/commands' }));
    expect([...session.subscriptions.keys()]).toEqual(['2']);
  });

  it('is unknown to later versions', () => {
    const session = connected('1.1');
    subscribed(session, '/topic/commands', '1');
    const effects = session.receive(createFrame('UNSUBSCRIBE', { destination: '/topic/commands' }));
    expect(brief(effects)).toEqual(['ERROR', 'PROTOCOL']);
  });
});

describe('SEND', () => {
  const send = (session: Session, headers: Record<string, string> = {}) =>
    session.receive(createFrame('SEND', { destination: '/app/chat.send/7', ...headers }, '{"content":"hi"}'));
  const origin = { destination: '/app/chat.send/7', receiptId: 'r' };

  it('goes to its handler, and is receipted with what the handler answers', () => {
    const session = connected();
    const [effect] = send(session, { receipt: 'r', 'client-message-id': 'c' });
    expect(effect).toMatchObject({
      do: 'dispatch',
      send: { target: { kind: 'send', roomId: 7 }, receiptId: 'r', clientMessageId: 'c' },
    });
    const receipt = sent(session.accepted(origin, { 'message-id': '42' }), 'RECEIPT');
    expect(receipt.headers).toEqual([
      ['receipt-id', 'r'],
      ['message-id', '42'],
    ]);
  });

  it('to no or an unknown destination is a protocol fault', () => {
    expect(brief(connected().receive(createFrame('SEND', {})))).toEqual(['ERROR', 'PROTOCOL']);
    expect(brief(send(connected(), { destination: '/app/chat.send/7' }))).toEqual(['dispatch']);
    expect(brief(connected().receive(createFrame('SEND', { destination: '/app/none' })))).toEqual([
      'ERROR',
      'PROTOCOL',
    ]);
  });

  it('refused never gets a RECEIPT: the error queue, else ERROR where one was asked for, else nothing', () => {
    const error = new ChatError('ROOM_ARCHIVED');
    const listening = connected();
    subscribed(listening, '/user/queue/errors');
    expect(brief(listening.failed(origin, error))).toEqual(['report']);
    expect(listening.isConnected).toBe(true);

    const deaf = connected();
    expect(brief(deaf.failed({ ...origin, receiptId: undefined }, error))).toEqual(['drop']);
    expect(brief(deaf.failed(origin, error))).toEqual(['ERROR', 'POLICY']);
  });

  it('in a transaction that was not begun is a protocol fault', () => {
    expect(brief(send(connected(), { transaction: 't' }))).toEqual(['ERROR', 'PROTOCOL']);
  });
});

describe('ACK and NACK', () => {
  /** A session with a subscription to which messages 1, 2 and 3 were delivered. */
  function delivered(version: StompVersion, ack: string) {
    const session = connected(version);
    const [effect] = session.receive(createFrame('SUBSCRIBE', { id: 's', destination: '/topic/chat_rooms/7', ack }));
    if (effect?.do !== 'subscribe') throw new Error('not subscribed');
    const { unacknowledged } = effect.subscription;
    for (const offset of [1, 2, 3]) unacknowledged?.add(String(offset), offset);
    return { session, left: () => unacknowledged?.count };
  }
  const byVersion: ReadonlyArray<[StompVersion, Record<string, string>]> = [
    ['1.0', { 'message-id': '2' }],
    ['1.0', { 'message-id': '2', subscription: 's' }],
    ['1.1', { 'message-id': '2', subscription: 's' }],
    ['1.2', { id: 's:2' }],
  ];

  it.each(byVersion)('of %s answer for all up to the message in mode client, and are receipted', (version, headers) => {
    const { session, left } = delivered(version, 'client');
    expect(brief(session.receive(createFrame('ACK', { ...headers, receipt: 'r' })))).toEqual(['RECEIPT']);
    expect(left()).toBe(1);
  });

  it.each(byVersion)('of %s answer for the message alone in mode client-individual', (version, headers) => {
    const { session, left } = delivered(version, 'client-individual');
    expect(session.receive(createFrame('NACK', headers))).toEqual([]);
    expect(left()).toBe(2);
  });

  it('of another subscription, of one that has ended, or of what is acknowledged already change nothing', () => {
    const { session, left } = delivered('1.2', 'client');
    for (const id of ['other:2', 's:9']) session.receive(createFrame('ACK', { id }));
    expect(left()).toBe(3);
    session.receive(createFrame('UNSUBSCRIBE', { id: 's' }));
    expect(brief(session.receive(createFrame('ACK', { id: 's:2', receipt: 'r' })))).toEqual(['RECEIPT']);
  });

  it.each<[StompVersion, Record<string, string>]>([
    ['1.0', {}],
    ['1.1', { 'message-id': '2' }],
    ['1.1', { subscription: 's' }],
    ['1.2', { 'message-id': '2', subscription: 's' }],
    ['1.2', { id: 'made up' }],
  ])('of %s without what they must name are faults: %j', (version, headers) => {
    expect(brief(connected(version).receive(createFrame('ACK', headers)))).toEqual(['ERROR', 'PROTOCOL']);
  });

  it('are not awaited in mode auto, nor in one that there is not', () => {
    expect(subscribed(connected(), '/topic/commands').unacknowledged).toBeNull();
    const frame = createFrame('SUBSCRIBE', { id: 's', destination: '/topic/commands', ack: 'never' });
    expect(brief(connected().receive(frame))).toEqual(['ERROR', 'PROTOCOL']);
  });
});

describe('a transaction', () => {
  const TRANSACTION = { transaction: 't' };
  const send = (headers: Record<string, string> = {}, body = '{"content":"hi"}') =>
    createFrame('SEND', { destination: '/app/chat.send/7', ...TRANSACTION, ...headers }, body);
  const frame = (command: string, receipt?: string) => createFrame(command, { ...TRANSACTION, receipt });

  function begun(): Session {
    const session = connected();
    session.receive(frame('BEGIN'));
    return session;
  }

  function commitOf(effects: readonly Effect[]): Commit {
    const [effect] = effects;
    if (effect?.do !== 'commit') throw new Error(`no commit among ${brief(effects).join(', ')}`);
    return effect.commit;
  }

  const receiptsIn = (effects: readonly Effect[]) =>
    effects.flatMap((effect) => (effect.do === 'send' ? [Object.fromEntries(effect.frame.headers)] : []));

  it('publishes its SENDs at COMMIT, and answers all of its frames in their order', () => {
    const session = connected();
    expect(brief(session.receive(frame('BEGIN', 'b')))).toEqual(['RECEIPT']);
    expect(session.receive(send({ receipt: '1' }))).toEqual([]);
    expect(session.receive(send({ 'client-message-id': 'c' }))).toEqual([]);
    const commit = commitOf(session.receive(frame('COMMIT', 'r')));
    expect(commit.sends.map(({ clientMessageId }) => clientMessageId)).toEqual([undefined, 'c']);
    expect(receiptsIn(session.committed(commit, [{ 'message-id': '42' }, { 'message-id': '43' }]))).toEqual([
      { 'receipt-id': '1', 'message-id': '42' },
      { 'receipt-id': 'r' },
    ]);
  });

  it('comes to nothing at ABORT, which every frame of it is told', () => {
    const session = begun();
    session.receive(send({ receipt: '1' }));
    expect(receiptsIn(session.receive(frame('ABORT', 'r')))).toEqual([
      { 'receipt-id': '1', aborted: 'true' },
      { 'receipt-id': 'r' },
    ]);
    expect(brief(session.receive(frame('COMMIT')))).toEqual(['ERROR', 'PROTOCOL']);
  });

  it('comes to nothing at DISCONNECT', () => {
    const session = begun();
    session.receive(send({ receipt: '1' }));
    expect(brief(session.receive(createFrame('DISCONNECT', {})))).toEqual(['RECEIPT', 'finish']);
  });

  it('acknowledges at COMMIT and not before', () => {
    const session = connected();
    const [effect] = session.receive(
      createFrame('SUBSCRIBE', { id: 's', destination: '/topic/chat_rooms/7', ack: 'client' }),
    );
    if (effect?.do !== 'subscribe') throw new Error('not subscribed');
    const { unacknowledged } = effect.subscription;
    unacknowledged?.add('1', 1);
    session.receive(frame('BEGIN'));
    session.receive(createFrame('ACK', { id: 's:1', ...TRANSACTION }));
    expect(unacknowledged?.count).toBe(1);
    expect(brief(session.receive(frame('COMMIT', 'r')))).toEqual(['RECEIPT']);
    expect(unacknowledged?.count).toBe(0);
  });

  it('that is not published tells all of its frames so', () => {
    const session = begun();
    subscribed(session, '/user/queue/errors');
    session.receive(send({ receipt: '1' }));
    const commit = commitOf(session.receive(frame('COMMIT', 'r')));
    expect(brief(session.commitFailed(commit, new ChatError('UNAVAILABLE')))).toEqual(['report', 'report']);
    const deaf = begun();
    deaf.receive(send({ receipt: '1' }));
    const effects = deaf.commitFailed(commitOf(deaf.receive(frame('COMMIT', 'r'))), new ChatError('UNAVAILABLE'));
    expect(brief(effects)).toEqual(['ERROR', 'OVERLOADED']);
    expect(headerOf(sent(effects, 'ERROR'), 'receipt-id')).toBe('r');
  });

  it.each<[string, StompFrame[]]>([
    ['TRANSACTION_TOO_LARGE', [send(), send(), send(), send({ receipt: '4' })]],
    ['TRANSACTION_TOO_LARGE', [send({ receipt: '1' }, 'x'.repeat(2_000))]],
    ['INVALID_REQUEST', [send({ destination: '/app/heartbeat', receipt: '1' })]],
  ])('with a frame that is refused with %s cannot be committed', (code, frames) => {
    const session = begun();
    subscribed(session, '/user/queue/errors');
    const refused = frames.flatMap((each) => session.receive(each));
    expect(refused).toMatchObject([{ do: 'report', error: { code } }]);
    const committed = session.receive(frame('COMMIT', 'r'));
    expect(committed.at(0)).toMatchObject({ do: 'report', error: { code }, origin: { receiptId: 'r' } });
  });

  it.each([
    ['BEGIN without a name', createFrame('BEGIN', {})],
    ['BEGIN of one that is open', frame('BEGIN')],
    ['COMMIT of one that is not', createFrame('COMMIT', { transaction: 'u' })],
    ['ABORT of one that is not', createFrame('ABORT', { transaction: 'u' })],
    ['a SEND into one that is not', send({ transaction: 'u' })],
    ['an ACK into one that is not', createFrame('ACK', { id: 's:1', transaction: 'u' })],
  ])('ends the session where there is a %s', (_, bad) => {
    expect(brief(begun().receive(bad))).toEqual(['ERROR', 'PROTOCOL']);
  });

  it('is one of so many that are open at the same time', () => {
    const session = begun();
    session.receive(createFrame('BEGIN', { transaction: 'u' }));
    const effects = session.receive(createFrame('BEGIN', { transaction: 'v', receipt: 'r' }));
    expect(brief(effects)).toEqual(['ERROR', 'POLICY']);
    expect(Object.fromEntries(sent(effects, 'ERROR').headers)).toMatchObject({
      ...{ code: 'TOO_MANY_TRANSACTIONS', 'receipt-id': 'r' },
      message: 'A session may have at most 2 open transactions.',
    });
  });
});

describe('the end of a session', () => {
  it('by DISCONNECT is receipted before the close, when what is in flight is answered', () => {
    const session = connected();
    expect(brief(session.receive(createFrame('DISCONNECT', { receipt: 'r' })))).toEqual(['finish']);
    expect(brief(session.accepted({ destination: '/app/chat.send/7', receiptId: 'earlier' }))).toEqual(['RECEIPT']);
    expect(session.receive(createFrame('SEND', { destination: '/app/heartbeat' }))).toEqual([]);
    expect(brief(session.finished())).toEqual(['end', 'RECEIPT', 'NORMAL']);
    expect(session.finished()).toEqual([]);
  });

  it('by a fault leaves everything behind it unprocessed', () => {
    const session = connected();
    session.receive(createFrame('NONSENSE', {}));
    expect(session.receive(createFrame('SEND', { destination: '/app/heartbeat', receipt: 'r' }))).toEqual([]);
    expect(session.accepted({ destination: '/app/heartbeat', receiptId: 'r' })).toEqual([]);
  });

  it('by bytes that are no frame carries the receipt id where it was read', () => {
    const effects = connected().broken(new StompProtocolError('FRAME_TOO_LARGE', 'at most 65536 bytes', 'r'));
    expect(brief(effects)).toEqual(['ERROR', 'TOO_BIG']);
    const error = sent(effects, 'ERROR');
    expect(headerOf(error, 'receipt-id')).toBe('r');
    expect(headerOf(error, 'content-type')).toBe('text/plain');
    expect(text.decode(error.body)).toBe('at most 65536 bytes');
  });
});

describe('a subscription that is taken away', () => {
  it('is told on the error queue and is gone', () => {
    const session = connected();
    subscribed(session, '/user/queue/errors');
    const room = subscribed(session, '/topic/chat_rooms/7', '0');
    expect(brief(session.withdraw(room, new ChatError('NOT_A_MEMBER')))).toEqual(['unsubscribe', 'report']);
    expect(session.withdraw(room, new ChatError('NOT_A_MEMBER'))).toEqual([]);
  });

  it('takes an UNSUBSCRIBE of what was withdrawn, which the client may not have known, for no fault, once', () => {
    const session = connected();
    const unsubscribe = () => brief(session.receive(createFrame('UNSUBSCRIBE', { id: '0', receipt: 'r' })));
    session.withdraw(subscribed(session, '/topic/chat_rooms/7', '0'), new ChatError('NOT_A_MEMBER'));
    expect(unsubscribe()).toEqual(['RECEIPT']);
    subscribed(session, '/topic/chat_rooms/7', '0');
    expect(unsubscribe()).toEqual(['unsubscribe', 'RECEIPT']);
    expect(unsubscribe()).toContain('ERROR');
  });

  it('ends a subscription that is withdrawn behind a DISCONNECT, and answers a SUBSCRIBE that was before it', () => {
    const session = connected();
    const room = subscribed(session, '/topic/chat_rooms/7', '0');
    session.receive(createFrame('DISCONNECT', { receipt: 'bye' }));
    expect(brief(session.subscribed('s', {}))).toEqual(['RECEIPT']);
    expect(brief(session.withdraw(room, new ChatError('NOT_A_MEMBER')))).toEqual(['unsubscribe']);
  });
});
