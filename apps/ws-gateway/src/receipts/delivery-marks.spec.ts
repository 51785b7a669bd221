import { asRoomId, asUserId, type UserId } from '@chat/dto';
import { beforeEach, describe, expect, it } from 'vitest';
import type { LiveSession } from '../broker/live-session.ts';
import type { Subscription } from '../broker/requests.ts';
import { Unacknowledged } from '../broker/unacknowledged.ts';
import { MARK_AGAIN_MS, MARK_FLUSH_MS, MARK_SLOTS, MARKS_PER_ROOM_AND_SECOND } from '../limits.ts';
import { DeliveryMarks } from './delivery-marks.ts';

const roomId = asRoomId(7);
const [ada, bob, carol] = [asUserId(1), asUserId(2), asUserId(3)];
const ACK = { isRefused: false };

let tail: number | undefined;
let now: number;
let pendingCount: number;
let marks: DeliveryMarks;

beforeEach(() => {
  tail = 9;
  now = 0;
  pendingCount = 0;
  marks = new DeliveryMarks({ findTail: () => tail, onPending: () => (pendingCount += 1) });
});

/** A subscription that is live from offset 10 on. */
function subscribe(userId: UserId, unacknowledged: Unacknowledged | null = null) {
  const receiver = { outboundBytes: 0, sendFramed: () => {}, sendSheddable: () => true, whenTaken: () => null };
  const session: LiveSession = {
    ...{ sessionId: 's', userId, version: '1.2', receiver },
    ...{ subscriptionTo: () => undefined, fail: () => {} },
  };
  const target = { kind: 'room', roomId } as const;
  const subscription: Subscription = {
    ...{ id: 's', headerId: 's', destination: '', target, unacknowledged, replay: { kind: 'none' } },
  };
  marks.opened(session, subscription, { roomId, unbrokenFrom: 10 });
  return { receiver, subscription };
}

function deliver(offset: number, senderId = ada): void {
  tail = offset;
  marks.changed(roomId, senderId, offset);
}

/** All that is told in a second, as user: stretch. */
function collect(): string[] {
  now += MARK_FLUSH_MS;
  const all = Array.from({ length: MARK_SLOTS }, (_, slot) => marks.collect(slot, now)).flat();
  return all.flatMap(({ groups }) =>
    groups.flatMap(({ upTo, userIds, unbrokenFrom }) =>
      userIds.map((userId, at) => `${userId}: ${unbrokenFrom[at]}-${upTo}`),
    ),
  );
}

/** So that what is told is told for the first time. */
function tellAgain(): void {
  now += MARK_AGAIN_MS;
  collect();
}

describe('marks of delivery', () => {
  it('rise for every subscriber with what the room has had, once for all that came since', () => {
    subscribe(bob);
    subscribe(carol);
    expect(collect()).toEqual([]);
    deliver(10);
    deliver(12);
    expect(collect()).toEqual(['2: 10-12', '3: 10-12']);
    expect(collect()).toEqual([]);
  });

  it('do not rise while anything waits for the client, and do once it is written', () => {
    const { receiver } = subscribe(bob);
    receiver.outboundBytes = 1;
    deliver(10);
    expect(collect()).toEqual([]);
    receiver.outboundBytes = 0;
    expect(collect()).toEqual(['2: 10-10']);
  });

  it('rise with ACK in the client modes, up to before the first that is not acknowledged', () => {
    const unacknowledged = new Unacknowledged('client-individual', 10);
    subscribe(bob, unacknowledged);
    for (const offset of [10, 11, 12]) {
      unacknowledged.add(String(offset), offset);
      deliver(offset);
    }
    unacknowledged.settle('11', ACK);
    expect(collect()).toEqual([]);
    unacknowledged.settle('10', ACK);
    expect(collect()).toEqual(['2: 10-11']);
    unacknowledged.settle('12', ACK);
    expect(collect()).toEqual(['2: 10-12']);
  });

  it('never pass a message that was refused by NACK', () => {
    const unacknowledged = new Unacknowledged('client', 10);
    subscribe(bob, unacknowledged);
    for (const offset of [10, 11]) unacknowledged.add(String(offset), offset);
    deliver(11);
    unacknowledged.settle('10', ACK);
    unacknowledged.settle('11', { isRefused: true });
    expect(collect()).toEqual(['2: 10-10']);
    tellAgain();
    unacknowledged.add('12', 12);
    deliver(12);
    unacknowledged.settle('12', ACK);
    expect(collect()).toEqual([]);
  });

  it('are told of a subscription that is gone, as far as it had come', () => {
    const { subscription } = subscribe(bob);
    deliver(10);
    marks.closed(subscription, roomId);
    deliver(11);
    expect(collect()).toEqual(['2: 10-10']);
    expect(marks.isPending).toBe(false);
  });

  it('are told again once, for the first may have come before the last of the subscription before it', () => {
    subscribe(bob);
    deliver(10);
    expect(collect()).toEqual(['2: 10-10']);
    expect(marks.isPending).toBe(true);
    now += MARK_AGAIN_MS - 2 * MARK_FLUSH_MS;
    expect(collect()).toEqual([]);
    expect(collect()).toEqual(['2: 10-10']);
    now += MARK_AGAIN_MS;
    expect(collect()).toEqual([]);
    expect(marks.isPending).toBe(false);
  });

  it('are not told of what a user wrote himself, but cover it', () => {
    subscribe(bob);
    subscribe(carol);
    deliver(10, bob);
    expect(collect()).toEqual(['3: 10-10']);
    expect(collect()).toEqual([]);
    deliver(11, ada);
    deliver(12, bob);
    expect(collect()).toEqual(['2: 10-12', '3: 10-12']);
    deliver(13, bob);
    expect(collect()).toEqual(['3: 10-13']);
    tellAgain();
    expect(marks.isPending).toBe(false);
  });

  it('are told of what came while nobody here listened, and was replayed, whoever wrote it', () => {
    const { subscription } = subscribe(bob);
    marks.closed(subscription, roomId);
    collect();
    deliver(12, bob);
    expect(marks.isPending).toBe(false);
    subscribe(bob);
    expect(collect()).toEqual(['2: 10-12']);
  });

  it('are collected in the turn of their room, and make themselves known when there were none', () => {
    subscribe(bob);
    expect(collect()).toEqual([]);
    expect(pendingCount).toBe(1);
    deliver(10);
    deliver(11);
    expect(pendingCount).toBe(2);
    const told = Array.from({ length: MARK_SLOTS }, (_, slot) => marks.collect(slot, now).length);
    expect(told.flatMap((count, slot) => (count > 0 ? [slot] : []))).toEqual([roomId % MARK_SLOTS]);
  });

  it('of a room with many subscribers are told less often, all of them in the end', () => {
    const count = 3 * MARKS_PER_ROOM_AND_SECOND;
    for (let n = 0; n < count; n += 1) subscribe(asUserId(100 + n));
    deliver(10);
    expect(collect()).toHaveLength(count);
    deliver(11);
    expect(collect()).toEqual([]);
    expect(collect()).toEqual([]);
    expect(collect()).toHaveLength(count);
  });
});
