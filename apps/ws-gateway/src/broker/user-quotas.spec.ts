import { asUserId } from '@chat/dto';
import { describe, expect, it } from 'vitest';
import { UserQuotas } from './user-quotas.ts';

const [ada, ben] = [asUserId(1), asUserId(2)];

function quotas() {
  const clock = { now: 0 };
  const all = new UserQuotas({ maxSessions: 2, sends: { perSecond: 1, burst: 2 }, now: () => clock.now });
  return { all, clock };
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
