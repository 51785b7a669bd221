import { asRoomId, asUserId, type RoomId } from '@chat/dto';
import { ChatError } from '@chat/service-kit';
import { describe, expect, it } from 'vitest';
import type { OpenSession } from '../broker/gateway.ts';
import type { ClientSend } from '../broker/requests.ts';
import { parseSendDestination } from '../broker/destinations.ts';
import type { Membership } from '../membership/membership-index.ts';
import { Heartbeat } from './heartbeat.ts';
import { Routes } from './routes.ts';
import { SendMessage } from './send-message.ts';
import { acceptTyping, type TypingOptions } from './typing.ts';

const [room, ada] = [asRoomId(7), asUserId(1)];
const membership: Membership = {
  ...{ roomId: room, userId: ada, role: 'MEMBER', version: 1, roomType: 'GROUP' },
  roomStatus: 'ACTIVE',
};
const session: OpenSession = {
  sessionId: 's1',
  userId: ada,
  caller: { userId: ada, username: 'ada', expiresAt: 1, token: { id: 't-1', issuedAt: null } },
  tokens: [],
  version: '1.2',
  receiver: { sendFramed: () => {}, sendSheddable: () => true, whenTaken: () => null, outboundBytes: 0 },
  subscriptions: new Map(),
  subscriptionTo: () => undefined,
  fail: () => {},
  renew: () => {},
  withdraw: () => {},
};

/** The routes of a gateway that knows one member, and what came to pass in its order. */
function routing(overrides: Partial<TypingOptions> = {}) {
  const passed: string[] = [];
  const options: TypingOptions = {
    peekMembership: () => membership,
    findMembership: () => Promise.reject(new ChatError('NOT_A_MEMBER')),
    isOpen: () => true,
    said: (_, roomId, isTyping) => void passed.push(`${isTyping ? 'types' : 'stops'} in ${roomId}`),
    ...overrides,
  };
  const sent = { handedOver: null, outcome: Promise.resolve({}) };
  const sendMessage = Object.assign(Object.create(SendMessage.prototype) as SendMessage, {
    accept: () => (passed.push('message'), sent),
    acceptTogether: () => (passed.push('messages'), { ...sent, outcome: Promise.resolve([]) }),
  });
  const routes = new Routes({
    sendMessage,
    heartbeat: new Heartbeat({ now: () => 0 }, () => {}),
    leaveRoom: () => Promise.resolve({}),
    markRead: () => Promise.resolve({}),
    refreshToken: () => Promise.resolve({}),
    acceptTyping: (who, request) => acceptTyping(who, request, options),
    typing: {
      cleared: (roomId: RoomId, userId) => void passed.push(`user ${userId} cleared in ${roomId}`),
      left: ({ sessionId }, roomId) => void passed.push(`${sessionId} left ${roomId}`),
    },
  });
  return { passed, routes, send: (to: string, body = '') => routes.dispatch(session, frame(to, body), 0) };
}

function frame(destination: string, body: string): ClientSend {
  const target = parseSendDestination(destination);
  if (target === null) throw new Error(`no destination ${destination}`);
  return { destination, target, receiptId: 'r', resend: undefined, body: new TextEncoder().encode(body) };
}

describe('a SEND to /app/chat.typing/{roomId}', () => {
  it.each([
    ['', 'types in 7'],
    ['{"isTyping":true}', 'types in 7'],
    ['{"isTyping":false,"later":1}', 'stops in 7'],
  ])('with the body %j says that its sender %s', async (body, expected) => {
    const { send, passed } = routing();
    const { handedOver, outcome } = send('/app/chat.typing/7', body);
    expect(handedOver).toBeNull();
    expect(passed).toEqual([expected]);
    expect(await outcome).toEqual({});
  });

  it.each([
    ['{"isTyping":', 'INVALID_JSON'],
    [' ', 'INVALID_JSON'],
    ['{}', 'INVALID_REQUEST'],
    ['true', 'INVALID_REQUEST'],
    ['{"isTyping":"yes"}', 'INVALID_REQUEST'],
  ])('is refused for the body %j with %s', async (body, code) => {
    const { send, passed } = routing();
    await expect(send('/app/chat.typing/7', body).outcome).rejects.toMatchObject({ code });
    expect(passed).toEqual([]);
  });

  it('is refused to who is no member', async () => {
    const { send, passed } = routing({ peekMembership: () => undefined });
    await expect(send('/app/chat.typing/7').outcome).rejects.toMatchObject({ code: 'NOT_A_MEMBER' });
    expect(passed).toEqual([]);
  });

  it('is refused in an archived room, as a message is', async () => {
    const { send, passed } = routing({ peekMembership: () => ({ ...membership, roomStatus: 'ARCHIVED' }) });
    await expect(send('/app/chat.typing/7').outcome).rejects.toMatchObject({ code: 'ROOM_ARCHIVED' });
    expect(passed).toEqual([]);
  });

  it('holds the frames behind it while the membership is looked up', async () => {
    const answer = Promise.withResolvers<Membership>();
    const { send, passed } = routing({ peekMembership: () => undefined, findMembership: () => answer.promise });
    const { handedOver } = send('/app/chat.typing/7');
    expect(handedOver).not.toBeNull();
    answer.resolve(membership);
    await handedOver;
    expect(passed).toEqual(['types in 7']);
  });

  it('says nothing of a session that ended while the membership was looked up', async () => {
    const { send, passed } = routing({
      peekMembership: () => undefined,
      findMembership: () => Promise.resolve(membership),
      isOpen: () => false,
    });
    await send('/app/chat.typing/7').outcome;
    expect(passed).toEqual([]);
  });
});

describe('what ends typing', () => {
  it('is a message of the user to the room, before it is handed over', () => {
    const { send, passed } = routing();
    send('/app/chat.send/7', '{"content":"hi"}');
    expect(passed).toEqual(['user 1 cleared in 7', 'message']);
  });

  it('is each message of a transaction', () => {
    const { routes, passed } = routing();
    const [target, other] = [
      { kind: 'send', roomId: room },
      { kind: 'send', roomId: asRoomId(8) },
    ] as const;
    const message = { ...frame('/app/chat.send/7', '{"content":"hi"}'), target };
    void routes.commit(session, [message, { ...message, target: other }], 0);
    expect(passed).toEqual(['user 1 cleared in 7', 'user 1 cleared in 8', 'messages']);
  });

  it('is the exit destination, for the session that left', () => {
    const { send, passed } = routing();
    send('/app/unsubscribe/chat_rooms/7');
    expect(passed).toEqual(['s1 left 7']);
  });
});
