import { asRoomId, asUserId } from '@chat/dto';
import type { ChatError } from '@chat/service-kit';
import { FrameParser, headerOf, type StompFrame, type StompVersion } from '@chat/stomp';
import { describe, expect, it } from 'vitest';
import { deliver, fanOut } from './fan-out.ts';
import type { LiveSession } from './live-session.ts';
import { NO_REPLAY } from './replay-request.ts';
import type { Subscription } from './requests.ts';
import { SubscriptionRegistry } from './subscription-registry.ts';
import { Unacknowledged } from './unacknowledged.ts';

const room = asRoomId(7);
const message = { destination: '/topic/chat_rooms/7', messageId: '42', body: new TextEncoder().encode('{"id":42}') };

function listener(userId: number, version: StompVersion = '1.2', isSlow = false) {
  const frames: Buffer[] = [];
  const session: LiveSession = {
    sessionId: `s${userId}`,
    userId: asUserId(userId),
    version,
    receiver: {
      outboundBytes: 0,
      sendFramed: (frame) => void frames.push(frame),
      sendSheddable: (frame) => (isSlow ? false : (frames.push(frame), true)),
      whenTaken: () => null,
    },
    subscriptionTo: () => undefined,
    fail: () => {},
  };
  return { session, frames };
}

const subscription = (headerId: string | null): Subscription => ({
  id: headerId ?? 'none',
  headerId,
  destination: '/topic/chat_rooms/7',
  target: { kind: 'room', roomId: room },
  unacknowledged: null,
  replay: NO_REPLAY,
});

/** The STOMP frame inside an unmasked WebSocket text frame shorter than 64 KiB. */
function parse(frame: Buffer | undefined): StompFrame {
  if (frame === undefined) throw new Error('no frame');
  expect(frame[0]).toBe(0x81);
  const payload = frame.subarray(frame[1] === 126 ? 4 : 2);
  expect(payload.length).toBe(frame[1] === 126 ? frame.readUInt16BE(2) : frame[1]);
  const parser = new FrameParser();
  parser.setVersion('1.2');
  parser.push(new Uint8Array(payload));
  return parser.next() as StompFrame;
}

function subscribers(...listeners: Array<readonly [LiveSession, Subscription]>) {
  const registry = new SubscriptionRegistry();
  for (const [session, own] of listeners) registry.add(session, own);
  const groups = registry.ofRoom(room);
  if (groups === undefined) throw new Error('nobody listens');
  return { registry, groups };
}

describe('a message that awaits ACK', () => {
  const awaiting = (max: number) => ({ ...subscription('s'), unacknowledged: new Unacknowledged('client', max) });

  it('says in 1.2, and only there, by what an ACK names it', () => {
    const [old, young, plain] = [listener(1, '1.1'), listener(2), listener(3)];
    const own = awaiting(9);
    fanOut(
      subscribers([old.session, awaiting(9)], [young.session, own], [plain.session, subscription('s')]).groups,
      message,
    );
    expect([old, young, plain].map(({ frames }) => headerOf(parse(frames[0]), 'ack'))).toEqual([
      undefined,
      's:42',
      undefined,
    ]);
    expect(own.unacknowledged.count).toBe(1);
    deliver(young.session, own, { ...message, messageId: '43' });
    expect(headerOf(parse(young.frames[1]), 'ack')).toBe('s:43');
    expect(own.unacknowledged.count).toBe(2);
  });

  it('is too much for a client that acknowledges nothing', () => {
    const { session } = listener(1);
    const errors: ChatError[] = [];
    const { groups } = subscribers([{ ...session, fail: (error) => void errors.push(error) }, awaiting(1)]);
    fanOut(groups, message);
    expect(errors).toEqual([]);
    fanOut(groups, { ...message, messageId: '43' });
    expect(errors).toMatchObject([{ code: 'TOO_MANY_UNACKNOWLEDGED', message: expect.stringContaining('at most 1 ') }]);
  });
});

describe('fan-out', () => {
  it('builds one frame for all who use the same version and subscription id', () => {
    const [ada, ben, cleo] = [listener(1), listener(2), listener(3)];
    const { groups } = subscribers(
      [ada.session, subscription('0')],
      [ben.session, subscription('0')],
      [cleo.session, subscription('1')],
    );
    expect(fanOut(groups, message)).toBe(3);
    expect(ada.frames[0]).toBe(ben.frames[0]);
    expect(headerOf(parse(cleo.frames[0]), 'subscription')).toBe('1');
  });

  it('writes all headers and the body to the byte', () => {
    const ada = listener(1);
    const { groups } = subscribers([ada.session, subscription('0')]);
    fanOut(groups, { ...message, headers: [['client-message-id', 'a:b']] });
    expect(parse(ada.frames[0])).toEqual({
      command: 'MESSAGE',
      headers: [
        ['destination', '/topic/chat_rooms/7'],
        ['message-id', '42'],
        ['content-type', 'application/json'],
        ['client-message-id', 'a:b'],
        ['content-length', '9'],
        ['subscription', '0'],
      ],
      body: new Uint8Array(message.body),
    });
  });

  it('leaves the subscription header out for a 1.0 client that named none', () => {
    const old = listener(1, '1.0');
    const { groups } = subscribers([old.session, subscription(null)]);
    fanOut(groups, message);
    expect(headerOf(parse(old.frames[0]), 'subscription')).toBeUndefined();
  });

  it('reaches only whom it is for', () => {
    const [ada, ben] = [listener(1), listener(2)];
    const { groups } = subscribers([ada.session, subscription('0')], [ben.session, subscription('0')]);
    expect(fanOut(groups, message, { isFor: ({ userId }) => userId === 2 })).toBe(1);
    expect(ada.frames).toEqual([]);
  });

  it('counts only what a slow client was not spared', () => {
    const [slow, quick] = [listener(1, '1.2', true), listener(2)];
    const { groups } = subscribers([slow.session, subscription('0')], [quick.session, subscription('0')]);
    expect(fanOut(groups, { ...message, isSheddable: true })).toBe(1);
  });

  it('reaches nobody once the last subscription is gone', () => {
    const ada = listener(1);
    const own = subscription('0');
    const { registry } = subscribers([ada.session, own]);
    expect(registry.remove(ada.session, own)).toBe(true);
    expect(registry.remove(ada.session, own)).toBe(false);
    expect(registry.ofRoom(room)).toBeUndefined();
  });

  it('delivers a body over 64 KiB of WebSocket payload', () => {
    const ada = listener(1);
    deliver(ada.session, subscription('0'), { ...message, body: new Uint8Array(70_000).fill(0x20) });
    const frame = ada.frames[0];
    expect(frame?.[1]).toBe(127);
    expect(frame?.readBigUInt64BE(2)).toBe(BigInt((frame?.length ?? 0) - 10));
  });
});
