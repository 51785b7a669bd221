import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ChatClientError } from '../error.ts';
import { DEFAULT_LIMITS } from '../limits.ts';
import { Outbox, type QueuedSend } from './outbox.ts';

const limits = { ...DEFAULT_LIMITS, queueMaxCount: 4, queueMaxBytes: 40 };
const send = (clientMessageId: string, { roomId = 7, byteLength = 10, dueAt = 60_000 } = {}): QueuedSend => ({
  clientMessageId,
  roomId,
  kind: 'TEXT',
  content: clientMessageId,
  targetId: null,
  at: 0,
  destination: `/app/chat.send/${roomId}`,
  body: '{}',
  byteLength,
  isPersisted: false,
  isResend: false,
  dueAt,
});
const refusal = (code: string, retryable: boolean) => new ChatClientError({ code, message: code, retryable });
const idsOf = (due: readonly { readonly send: QueuedSend }[]) => due.map((one) => one.send.clientMessageId);
const half = () => 0.5;

describe('the outbox', () => {
  it('sends one of each room at a time, in order', () => {
    const outbox = new Outbox(limits);
    const [a, b, c] = [send('a'), send('b'), send('c', { roomId: 8 })];
    for (const one of [a, b, c]) expect(outbox.add(one)).toBeNull();
    expect(idsOf(outbox.takeDue(0))).toEqual(['a', 'c']);
    expect(outbox.takeDue(0)).toEqual([]);
    outbox.remove(a);
    expect(idsOf(outbox.takeDue(0))).toEqual(['b']);
    expect(outbox.of(7)).toMatchObject([{ clientMessageId: 'b', state: 'sending' }]);
  });

  it('refuses what is over its bounds, and the same key twice', () => {
    const outbox = new Outbox(limits);
    for (const id of ['a', 'b', 'c']) outbox.add(send(id));
    expect(outbox.add(send('a'))).toMatchObject({ code: 'IDEMPOTENCY_CONFLICT' });
    expect(outbox.add(send('large', { byteLength: 11 }))).toMatchObject({ code: 'QUEUE_FULL', retryable: true });
    expect(outbox.add(send('d'))).toBeNull();
    expect(outbox.add(send('e', { byteLength: 0 }))).toMatchObject({ code: 'QUEUE_FULL' });
  });

  it('sends again, marked so, what was on its way when the connection was lost', () => {
    const outbox = new Outbox(limits);
    outbox.add(send('a'));
    outbox.add(send('b'));
    expect(outbox.takeDue(0)).toMatchObject([{ isResend: false }]);
    outbox.connectionLost();
    expect(outbox.takeDue(0)).toMatchObject([{ send: { clientMessageId: 'a' }, isResend: true }]);
  });

  it('tries again later what was refused for now, and what is behind it waits', () => {
    const outbox = new Outbox(limits);
    const a = send('a');
    outbox.add(a);
    outbox.add(send('b'));
    outbox.takeDue(0);
    expect(outbox.refused(a, refusal('RATE_LIMITED', true), 0, half)).toBe(true);
    expect(outbox.nextDueAt(true)).toBe(100);
    expect(outbox.takeDue(99)).toEqual([]);
    expect(idsOf(outbox.takeDue(100))).toEqual(['a']);
    expect(outbox.refused(a, refusal('NOT_A_MEMBER', false), 100, half)).toBe(false);
    expect(idsOf(outbox.takeDue(100))).toEqual(['b']);
  });

  it('gives up at the deadline, and says whether it may have been sent', () => {
    const outbox = new Outbox(limits);
    outbox.add(send('a', { dueAt: 100 }));
    outbox.add(send('b', { dueAt: 100 }));
    outbox.takeDue(0);
    expect(outbox.nextDueAt(false)).toBe(100);
    expect(outbox.takeOverdue(99)).toEqual([]);
    expect(outbox.takeOverdue(100)).toMatchObject([
      { error: { code: 'UNKNOWN', retryable: true, clientMessageId: 'a' } },
      { error: { code: 'NOT_SENT', retryable: true, clientMessageId: 'b' } },
    ]);
    expect(outbox.nextDueAt(true)).toBeNull();
  });

  it('says that one is not there where it was refused each time, and that nobody knows where a try had no outcome', () => {
    const outbox = new Outbox({ ...limits, queueMaxCount: 5 });
    const rooms = [1, 2, 3, 4, 5].map((roomId) => send(`${roomId}`, { roomId, byteLength: 1 }));
    const [refused, unknown, cut, ...others] = rooms as [QueuedSend, QueuedSend, QueuedSend, QueuedSend, QueuedSend]; // five
    outbox.add({ ...others[1], isResend: true });
    for (const one of [refused, unknown, cut, others[0]]) outbox.add(one);
    outbox.takeDue(0);
    outbox.refused(unknown, refusal('UNKNOWN', true), 0, half);
    for (const one of [refused, unknown, others[0]]) outbox.refused(one, refusal('RATE_LIMITED', true), 0, half);
    outbox.connectionLost();
    for (const { send: due } of outbox.takeDue(0))
      if (due !== others[0]) outbox.refused(due, refusal('OVERLOADED', true), 0, half);
    const outcomes = new Map(
      outbox.takeOverdue(60_000).map(({ send: { clientMessageId }, error }) => [clientMessageId, error]),
    );
    expect(outcomes.get('1')).toMatchObject({ code: 'NOT_SENT', cause: { code: 'OVERLOADED' }, clientMessageId: '1' });
    for (const id of ['2', '3', '4', '5']) expect(outcomes.get(id)?.code).toBe('UNKNOWN');
  });

  it('names the key in whatever it refuses or gives up', () => {
    const outbox = new Outbox({ ...limits, queueMaxCount: 1 });
    expect(outbox.add(send('long', { byteLength: limits.bodyMaxBytes + 1 }))).toMatchObject({
      code: 'BODY_TOO_LARGE',
      retryable: false,
      clientMessageId: 'long',
    });
    outbox.add(send('a'));
    expect(outbox.add(send('b'))).toMatchObject({ code: 'QUEUE_FULL', clientMessageId: 'b' });
    expect(outbox.takeAll(refusal('CLOSED', false))).toMatchObject([
      { error: { code: 'CLOSED', clientMessageId: 'a' } },
    ]);
  });

  it('keeps the order of a room and its bounds over any answers, refusals, cuts and deadlines', () => {
    const step = fc.constantFrom('add', 'answer', 'refuse', 'refuse for good', 'cut', 'wait', 'overdue');
    fc.assert(
      fc.property(fc.array(fc.tuple(step, fc.constantFrom(7, 8)), { maxLength: 200 }), (steps) => {
        const outbox = new Outbox({ ...limits, queueMaxBytes: 1_000 });
        const onTheWay = new Map<number, QueuedSend>();
        const firstTries: string[] = [];
        let [now, count] = [0, 0];
        for (const [what, roomId] of steps) {
          const sending = onTheWay.get(roomId);
          if (what === 'add')
            outbox.add(send(`${roomId}-${String((count += 1)).padStart(4, '0')}`, { roomId, dueAt: now + 20_000 }));
          if (what === 'wait') now += 1_000;
          if (what === 'cut') {
            onTheWay.clear();
            outbox.connectionLost();
          }
          if (what === 'overdue')
            for (const { send: over } of outbox.takeOverdue((now += 5_000)))
              if (onTheWay.get(over.roomId) === over) onTheWay.delete(over.roomId);
          if (sending !== undefined && (what === 'answer' || what.startsWith('refuse'))) {
            onTheWay.delete(roomId);
            if (what === 'answer') outbox.remove(sending);
            else outbox.refused(sending, refusal('X', what === 'refuse'), now, half);
          }
          for (const { send: due, isResend } of outbox.takeDue(now)) {
            expect(onTheWay.has(due.roomId)).toBe(false); // one at a time
            onTheWay.set(due.roomId, due);
            if (!isResend) firstTries.push(due.clientMessageId);
          }
          expect(outbox.of(7).length + outbox.of(8).length).toBeLessThanOrEqual(limits.queueMaxCount);
          for (const room of ['7', '8']) {
            const ofRoom = firstTries.filter((id) => id.startsWith(room));
            expect(ofRoom).toEqual([...new Set(ofRoom)].toSorted());
          }
        }
      }),
      { numRuns: 500 },
    );
  });
});
