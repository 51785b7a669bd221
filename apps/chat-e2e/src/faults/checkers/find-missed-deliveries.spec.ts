import { describe, expect, it } from 'vitest';
import { RECOVERY_MS } from '../history/calm.ts';
import { changed, is, without } from '../history/edits.ts';
import type { HistoryEvent } from '../history/history-event.ts';
import { recordedRun } from '../history/recorded-run.ts';
import { STORY } from '../simulation/story.ts';
import { DELIVERY_DEADLINE_MS, findMissedDeliveries } from './find-missed-deliveries.ts';

const missedIn = (events: readonly HistoryEvent[]) => findMissedDeliveries(recordedRun(events));
const message = (subscription: number, id: string) => is('message', { subscription, id });
const closedAt = (at: number) => {
  const end = { type: 'closed', at, session: 2, code: 1012 } as const;
  return [...STORY.filter((event) => event.at < at), end, ...STORY.filter((event) => event.at >= at)];
};

describe('a missed delivery', () => {
  it('is none where everything came, in two parts or one', () => {
    expect(missedIn(STORY)).toEqual([]);
  });

  it('is a message between two that came, on one subscription or over a reconnect', () => {
    expect(missedIn(without(STORY, message(12, '103')))).toEqual([
      'client 2 did not get message 103 of room 7: between 102 and 104',
    ]);
    expect(missedIn(without(STORY, message(13, '103')))).toEqual([
      'client 1 did not get message 103 of room 7: between 102 and 104',
    ]);
  });

  it('is none that the subscription said it could not recover', () => {
    const skipped = without(STORY, message(13, '103'));
    expect(missedIn(changed(skipped, is('subscribed', { subscription: 13 }), () => ({ recovered: false })))).toEqual(
      [],
    );
  });

  it('is one behind the last that came, on a subscription that was open when all was quiet', () => {
    const bad = without(STORY, message(13, '104'));
    expect(missedIn(bad)).toContain('client 1 did not get message 104 of room 7: behind 103, the last it got');
    expect(missedIn(without(bad, message(13, '103')))).toContain(
      'client 1 did not get message 103 of room 7: behind 102, the last it got',
    );
  });

  it('is one sent after a SUBSCRIBE was confirmed, though nothing at all came on it', () => {
    const bad = without(STORY, is('message', { subscription: 12 }));
    expect(missedIn(bad)).toContain(
      'client 2 did not get message 101 of room 7: sent and acknowledged while it was subscribed to 7',
    );
  });

  it('is none that was sent before the SUBSCRIBE was confirmed', () => {
    const late = changed(STORY, is('subscribed', { subscription: 12 }), () => ({ at: 145 }));
    const moved = late.toSorted((a, b) => a.at - b.at);
    expect(missedIn(without(moved, is('message', { subscription: 12 })))).not.toContainEqual(
      expect.stringContaining('message 101'),
    );
  });

  it('is none that had no time to come before the subscription ended, a fault and its recovery not counted', () => {
    const silent = (at: number) => missedIn(without(closedAt(at), is('message', { subscription: 12 })));
    const faultEndedAt = STORY.find(is('faultEnded'))!.at;
    const dueAt = faultEndedAt + RECOVERY_MS + DELIVERY_DEADLINE_MS;
    expect(silent(dueAt)).toEqual([]);
    expect(silent(dueAt + 1)).toHaveLength(4);
  });
});
