import { asUserId } from '@chat/dto';
import { SharedRates, type ShareCounts } from '@chat/redis';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { messageRateOf, UserQuotas } from './user-quotas.ts';

const [ada, ben] = [asUserId(1), asUserId(2)];

const RATE = { perSecond: 1, burst: 20 };
const UNLIMITED = { perSecond: Infinity, take: () => 0 };

function quotas() {
  const clock = { now: 0 };
  const sends = { perSecond: 1, burst: 2 };
  const all = new UserQuotas({ maxSessions: 2, sends, messages: UNLIMITED, now: () => clock.now });
  return { all, clock };
}

/** Two instances that hear of each other ten times a second, of 1 message a second and 20 at once. */
function twoInstances() {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const totals = new Map<string | number, number>();
  const share: ShareCounts = async (counts, leftMs) =>
    counts.map(({ key, count }) => {
      totals.set(key, (totals.get(key) ?? 0) + count);
      return { total: totals.get(key) ?? 0, leftMs };
    });
  return Array.from({ length: 2 }, () => {
    const rates = new SharedRates({ share, now: () => Date.now() });
    onTestFinished(() => rates.stop());
    const messages = rates.limit('user-sends', messageRateOf(RATE));
    const instance = new UserQuotas({ maxSessions: 2, sends: RATE, messages, now: () => Date.now() });
    for (const userId of [ada, ben]) instance.enter(userId);
    return instance;
  }) as [UserQuotas, UserQuotas]; // two were made
}

describe('the quotas of a user', () => {
  it('are so many sessions, and again as many once they have ended', () => {
    const { all } = quotas();
    for (const userId of [ada, ada, ben]) all.enter(userId);
    expect(() => all.enter(ada)).toThrow('at most 2 sessions');
    all.leave(ada);
    all.enter(ada);
    expect(() => all.enter(ada)).toThrow(expect.objectContaining({ code: 'TOO_MANY_SESSIONS', retryable: true }));
  });

  it('are so many SENDs of all sessions together, and nobody else’s', () => {
    const { all, clock } = quotas();
    for (const userId of [ada, ada, ben]) all.enter(userId);
    expect(all.takeSends(ada, 2)).toBeNull();
    expect(all.takeSends(ada, 1)).toMatchObject({
      code: 'RATE_LIMITED',
      message: 'A user may send 1 frames a second to an instance, 2 of them at once.',
    });
    expect(all.takeSends(ben, 1)).toBeNull();
    clock.now = 1_000;
    expect(all.takeSends(ada, 1)).toBeNull();
  });

  it('are messages on all instances together, of which as many as one takes at once', async () => {
    const [here, there] = twoInstances();
    for (let count = 0; count < 10; count += 1) {
      expect([here.takeMessages(ada, 1), there.takeMessages(ada, 1)]).toEqual([null, null]);
    }
    await vi.advanceTimersByTimeAsync(200);
    const refusals = [here, there].map((instance) => instance.takeMessages(ada, 1));
    expect(refusals).toContainEqual(
      expect.objectContaining({
        code: 'RATE_LIMITED',
        message: 'A user may send 2 messages a second over all sessions; send again in 10 s.',
      }),
    );
    expect([here.takeSends(ada, 1), there.takeMessages(ben, 1)]).toEqual([null, null]);
  });

  it('are never as many messages as those of a larger transaction, which need not come again', () => {
    const { all } = quotas();
    all.enter(ada);
    expect(all.takeMessages(ada, 3)).toMatchObject({ code: 'TRANSACTION_TOO_LARGE', retryable: false });
    expect(all.takeMessages(ada, 2)).toBeNull();
  });

  it('are not new for who goes and comes again, until what was sent is made up for', () => {
    const { all, clock } = quotas();
    const comesAgain = () => (all.leave(ada), all.enter(ada));
    all.enter(ada);
    expect(all.takeSends(ada, 2)).toBeNull();
    comesAgain();
    expect(all.takeSends(ada, 1)).toMatchObject({ code: 'RATE_LIMITED' });
    clock.now = 1_000;
    comesAgain();
    expect([all.takeSends(ada, 1), all.takeSends(ada, 1)]).toMatchObject([null, { code: 'RATE_LIMITED' }]);
    all.leave(ada);
    clock.now = 3_000;
    all.enter(ben);
    all.leave(ben);
    all.enter(ada);
    expect(all.takeSends(ada, 2)).toBeNull();
  });

  it('are not those of a user who left', () => {
    const { all } = quotas();
    all.leave(ada);
    all.enter(ada);
    all.leave(ada);
    all.enter(ada);
    all.enter(ada);
    expect(() => all.enter(ada)).toThrow();
  });
});
