import type { SentMessageReach, SentStretch } from '@chat/database';
import { asMessageId, asRoomId, asUserId, type MessageReceiptsDTO } from '@chat/dto';
import { ChatError, createLogger, createMetricsRegistry } from '@chat/service-kit';
import { FrameParser, headerOf, type StompFrame } from '@chat/stomp';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { LiveSession } from '../broker/live-session.ts';
import type { Subscription } from '../broker/requests.ts';
import { createGatewayMetrics } from '../metrics.ts';
import { MessageReceiptsConsumer } from '../outbound/message-receipts.ts';
import { ReceiptsTeller } from './receipts-teller.ts';

const [roomId, ann, bob] = [asRoomId(7), asUserId(1), asUserId(2)];

let rows: SentMessageReach[];
let asked: SentStretch[];
let isDown: boolean;
let teller: ReceiptsTeller;

beforeEach(() => {
  vi.useFakeTimers();
  rows = [];
  asked = [];
  isDown = false;
  teller = new ReceiptsTeller({
    rows: {
      listReach: async (stretches) => {
        if (isDown) throw new ChatError('UNAVAILABLE');
        asked.push(...stretches);
        return rows;
      },
    },
    hints: { mayHave: () => true, hasStored: () => false },
    metrics: createGatewayMetrics(createMetricsRegistry('test'), () => 0),
    logger: createLogger('test', { level: 'silent', instanceId: 'test' }),
    now: () => performance.now(),
  });
});
afterEach(async () => {
  await teller.stop();
  vi.useRealTimers();
});

/** A session that listens to its receipts, with what it is told. */
function listen(userId = ann, openRooms: readonly (typeof roomId)[] = []) {
  const told: MessageReceiptsDTO[] = [];
  const frames: StompFrame[] = [];
  const sendFramed = (frame: Buffer) => {
    const parser = new FrameParser();
    parser.setVersion('1.2');
    parser.push(frame.subarray(frame[1] === 126 ? 4 : 2));
    const parsed = parser.next() as StompFrame;
    frames.push(parsed);
    told.push(JSON.parse(Buffer.from(parsed.body).toString()) as MessageReceiptsDTO); // what is sent here
  };
  const session: LiveSession = {
    ...{ sessionId: 's', userId, version: '1.2' },
    receiver: { outboundBytes: 0, sendFramed, sendSheddable: () => true, whenTaken: () => null },
    ...{ subscriptionTo: () => undefined, fail: () => {} },
  };
  const target = { kind: 'receipts' } as const;
  const subscription: Subscription = {
    ...{ id: 'r', headerId: 'r', destination: '', target, unacknowledged: null, replay: { kind: 'none' } },
  };
  teller.subscribe(session, subscription, openRooms);
  const statuses = () =>
    told.flatMap(({ receipts }) => receipts.map(({ messageId, status }) => `${messageId} ${status}`));
  return { told, frames, statuses, leave: () => teller.unsubscribe(session, subscription) };
}

const send = (id = 42, userId = ann) =>
  teller.sent({ userId, roomId, messageId: asMessageId(id), clientMessageId: 'c-1', offset: 3 });
const reach = (deliveredCount: number, id = 42): SentMessageReach => ({
  ...{ roomId, userId: ann, messageId: asMessageId(id), clientMessageId: 'c-1', seq: id },
  ...{ recipientCount: 1, deliveredCount, readCount: 0 },
});
const later = (ms: number) => vi.advanceTimersByTimeAsync(ms);

describe('ReceiptsTeller', () => {
  it('tells all sessions of the sender, as MESSAGEs of their own with the documented body', async () => {
    const [phone, desk, other] = [listen(), listen(), listen(bob)];
    send();
    await later(200);
    rows = [reach(0)];
    await later(3_000);
    const [first, second] = phone.told;
    expect(first).toEqual({
      roomId,
      receipts: [{ messageId: 42, clientMessageId: 'c-1', status: 'SENT', deliveredCount: 0, readCount: 0 }],
    });
    expect(second?.receipts).toMatchObject([{ status: 'PERSISTED', recipientCount: 1 }]);
    expect(desk.told).toEqual(phone.told);
    expect(other.told).toEqual([]);
    const ids = phone.frames.map((frame) => headerOf(frame, 'message-id'));
    expect(new Set(ids).size).toBe(ids.length);
    expect(headerOf(phone.frames[0] as StompFrame, 'destination')).toBe('/user/queue/receipts');
  });

  it('hears of marks by the key of their record, and looks at the rows of rooms that are followed', async () => {
    const { statuses } = listen();
    const notifications = { isNotified: () => false, noteRead: () => {} };
    const consumer = new MessageReceiptsConsumer({
      teller,
      notifications,
      logger: createLogger('test', { level: 'silent', instanceId: 'test' }),
    });
    send();
    rows = [reach(0)];
    await later(60_000);
    rows = [reach(1)];
    asked = [];
    const record = (key: string | null) => ({ key: key === null ? null : Buffer.from(key, 'latin1'), value: null });
    consumer.consume([record('8'), record('x'), record('\xff'), record(null)]);
    await later(1_000);
    expect(asked).toEqual([]);
    consumer.consume([record('7')]);
    await later(2_000);
    expect(statuses()).toEqual(['42 SENT', '42 PERSISTED', '42 DELIVERED']);
  });

  it('asks for nothing and sleeps while nobody listens', async () => {
    send();
    teller.marked(roomId);
    teller.memberLeft(roomId, bob);
    teller.entered(ann, roomId);
    expect(vi.getTimerCount()).toBe(0);
    const { leave } = listen();
    send();
    leave();
    await later(1_000);
    expect(asked).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('tells who comes back the present state of the rooms that he has open, and a further device that of all', async () => {
    rows = [reach(1)];
    const phone = listen(ann, [roomId]);
    await later(2_000);
    expect(phone.statuses()).toEqual(['42 DELIVERED']);
    const desk = listen();
    await later(2_000);
    expect(desk.statuses()).toEqual(['42 DELIVERED']);
    teller.entered(ann, roomId);
    await later(2_000);
    expect(desk.statuses()).toEqual(['42 DELIVERED', '42 DELIVERED']);
  });

  it('goes on when the rows can be asked again', async () => {
    const { statuses } = listen();
    isDown = true;
    send();
    rows = [reach(1)];
    await later(10_000);
    expect(statuses()).toEqual(['42 SENT']);
    isDown = false;
    await later(2_000);
    expect(statuses()).toEqual(['42 SENT', '42 DELIVERED']);
  });
});
