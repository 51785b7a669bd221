import { asRoomId, asUserId, type UserId } from '@chat/dto';
import { beforeEach, describe, expect, it } from 'vitest';
import type { LiveSession } from '../broker/live-session.ts';
import type { Subscription } from '../broker/requests.ts';
import { Unacknowledged } from '../broker/unacknowledged.ts';
import { MARK_AGAIN_MS } from '../limits.ts';
import { DeliveryMarks } from './delivery-marks.ts';

const roomId = asRoomId(7);
const [bob, carol] = [asUserId(2), asUserId(3)];
const ACK = { isRefused: false };

let tail: number | undefined;
let now: number;
let marks: DeliveryMarks;

beforeEach(() => {
  tail = 9;
  now = 0;
  marks = new DeliveryMarks({ findTail: () => tail });
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

function deliver(offset: number): void {
  tail = offset;
  marks.changed(roomId);
}

const collect = () => marks.collect(now).map(({ userId, upTo, unbrokenFrom }) => `${userId}: ${unbrokenFrom}-${upTo}`);

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
    now += MARK_AGAIN_MS - 1;
    expect(collect()).toEqual([]);
    now += 1;
    expect(collect()).toEqual(['2: 10-10']);
    now += MARK_AGAIN_MS;
    expect(collect()).toEqual([]);
    expect(marks.isPending).toBe(false);
  });
});
