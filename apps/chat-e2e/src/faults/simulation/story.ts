import type { HistoryEvent, Untimed } from '../history/history-event.ts';

/** Between two events of the story, in ms. */
const STEP_MS = 10;

export const ROOM = 7;

const record = (offset: number, id: string, sender: number, key: string): Untimed => ({
  type: 'record',
  ...{ partition: 0, offset, room: ROOM, id, sender },
  ...{ eventKey: `${ROOM}:${id}`, clientKey: `${sender}:${ROOM}:${key}`, refusal: null },
  ...{ source: 'ws-gateway-1', sentAt: 0 },
});
const row = (seq: number, offset: number, id: string, sender: number, clientMessageId: string): Untimed => ({
  ...{ type: 'row', room: ROOM, epoch: 1, partition: 0, offset, seq, id, sender, clientMessageId },
});
const message = (subscription: number, id: string, prev: string | null, sender: number, key: string): Untimed => ({
  ...{ type: 'message', subscription, id, prev, clientMessageId: key, sender, replayed: false },
});
const usage = (instance: string, isAfter: boolean): Untimed => ({
  ...{ type: 'usage', instance, isAfter, memoryBytes: 50_000_000, handleCount: 40, connectionCount: 20 },
});

/**
 * A good history told by hand. Ann (1) and Ben (2) talk in one room; the gateway of Ann is killed before her third message
 * is answered; she comes back elsewhere with `since` and sends it again, and it lies in Kafka twice and is seen once.
 */
const LINES: readonly Untimed[] = [
  { type: 'run', startedAt: 0, seed: 1, clientCount: 2, roomCount: 1, ratePerSecond: 10 },
  { type: 'phase', name: 'calm' },
  usage('ws-gateway-2', false),
  { type: 'connecting', session: 1, client: 1, gateway: 'ws-gateway-1' },
  { type: 'connected', session: 1 },
  { type: 'subscribe', session: 1, subscription: 11, room: ROOM, since: null, receipt: 's11' },
  { type: 'receipt', session: 1, receipt: 's11', messageId: null },
  { type: 'subscribed', subscription: 11, recovered: null },
  { type: 'connecting', session: 2, client: 2, gateway: 'ws-gateway-2' },
  { type: 'connected', session: 2 },
  { type: 'subscribe', session: 2, subscription: 12, room: ROOM, since: null, receipt: 's12' },
  { type: 'receipt', session: 2, receipt: 's12', messageId: null },
  { type: 'subscribed', subscription: 12, recovered: null },
  { type: 'send', session: 1, room: ROOM, clientMessageId: 'a', receipt: 'r1', isResend: false },
  { type: 'send', session: 1, room: ROOM, clientMessageId: 'b', receipt: 'r2', isResend: false },
  message(11, '101', null, 1, 'a'),
  message(12, '101', null, 1, 'a'),
  { type: 'receipt', session: 1, receipt: 'r1', messageId: '101' },
  { type: 'receipt', session: 1, receipt: 'r2', messageId: '102' },
  message(11, '102', '101', 1, 'b'),
  message(12, '102', '101', 1, 'b'),
  { type: 'fault', fault: 1, name: 'F1', target: 'ws-gateway-1', freezes: ['ws-gateway-1'] },
  { type: 'send', session: 1, room: ROOM, clientMessageId: 'c', receipt: 'r3', isResend: false },
  { type: 'closed', session: 1, code: 1006 },
  message(12, '103', '102', 1, 'c'),
  { type: 'faultEnded', fault: 1 },
  { type: 'healed' },
  { type: 'connecting', session: 3, client: 1, gateway: 'ws-gateway-3' },
  { type: 'connected', session: 3 },
  { type: 'subscribe', session: 3, subscription: 13, room: ROOM, since: '102', receipt: 's13' },
  { ...message(13, '103', '102', 1, 'c'), replayed: true } as Untimed,
  { type: 'receipt', session: 3, receipt: 's13', messageId: null },
  { type: 'subscribed', subscription: 13, recovered: true },
  { type: 'send', session: 3, room: ROOM, clientMessageId: 'c', receipt: 'r4', isResend: true },
  { type: 'receipt', session: 3, receipt: 'r4', messageId: '103' },
  { type: 'send', session: 2, room: ROOM, clientMessageId: 'd', receipt: 'r5', isResend: false },
  { type: 'receipt', session: 2, receipt: 'r5', messageId: '104' },
  message(13, '104', '103', 2, 'd'),
  message(12, '104', '103', 2, 'd'),
  { type: 'ready', instance: 'ws-gateway-1', afterMs: 900 },
  { type: 'caughtUp', afterMs: 1_000 },
  { type: 'firstMessage', afterMs: 20 },
  { type: 'produced', room: ROOM, eventId: 'aborted', isCommitted: false },
  usage('ws-gateway-2', true),
  record(0, '101', 1, 'a'),
  record(1, '102', 1, 'b'),
  record(2, '103', 1, 'c'),
  record(3, '199', 1, 'c'),
  {
    ...{ type: 'record', partition: 0, offset: 4, room: null, id: null, sender: null },
    ...{ eventKey: null, clientKey: null, source: null, sentAt: null, refusal: 'the value is not JSON' },
  },
  record(6, '104', 2, 'd'),
  row(1, 0, '101', 1, 'a'),
  row(2, 1, '102', 1, 'b'),
  row(3, 2, '103', 1, 'c'),
  row(4, 6, '104', 2, 'd'),
];

/** All but the end came one after another; between the last message and the end there was a minute of quiet. */
export const STORY: readonly HistoryEvent[] = [
  ...LINES.map((line, index) => ({ at: index * STEP_MS, ...line }) as HistoryEvent), // spread over the members of a union
  { type: 'ended', at: 60_000 },
];
