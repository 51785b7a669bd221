import { asUserId } from '@chat/dto';
import type { PresenceStore, ShardSight } from '@chat/redis';
import { ChatError, createLogger, Registry } from '@chat/service-kit';
import { beforeEach, describe, expect, it } from 'vitest';
import { DeadlineSweeper } from './deadline-sweeper.ts';
import { LastSeenWriter } from './last-seen-writer.ts';
import { CATCH_UP_MS, LOOK_EVERY_MS, OUTAGE_MS } from './limits.ts';
import { createPresenceMetrics } from './metrics.ts';
import { OwnedShards } from './owned-shards.ts';
import { PresencePublisher } from './presence-publisher.ts';
import type { PresenceSteps } from './presence-steps.ts';

const nothingDue: ShardSight = {
  isHolding: false,
  lapsedGateways: [],
  overdueUserIds: [],
  gatewayIds: ['g'],
  nextDeadlineMs: null,
};

let now: number;
let isRedisDown: boolean;
let sights: ShardSight[];
let looks: { beginsHold: boolean }[];
let steps: string[];
let filled: number[];
let drainCount: number;
let isLeaseGone: boolean;
let whileLooking: () => void;
let outcome: Awaited<ReturnType<PresenceSteps['take']>>;
let shards: OwnedShards;
let sweeper: DeadlineSweeper;
let registry: Registry;

beforeEach(async () => {
  now = 0;
  registry = new Registry();
  isRedisDown = false;
  sights = [];
  looks = [];
  steps = [];
  filled = [];
  drainCount = 0;
  isLeaseGone = false;
  whileLooking = () => {};
  outcome = 'DONE';
  const store = {
    claimShard: async () => 1,
    lookAtShard: async (request: { beginsHold: boolean }) => {
      if (isRedisDown) throw new ChatError('UNAVAILABLE');
      looks.push({ beginsHold: request.beginsHold });
      whileLooking();
      return sights.shift() ?? nothingDue;
    },
    listGatewaySessions: async () => [{ userId: asUserId(5), sessionId: 's' }],
    listFilledOutboxes: async () => {
      if (isRedisDown) throw new ChatError('UNAVAILABLE');
      return filled;
    },
    countLeases: async (gatewayIds: readonly string[]) => (isLeaseGone ? 0 : gatewayIds.length),
    listOutbox: async () => {
      drainCount += 1;
      return [];
    },
    listLastSeen: async () => [],
  } as Partial<PresenceStore> as PresenceStore; // nothing else is asked for here
  const logger = createLogger('spec', { level: 'silent', instanceId: 'spec' });
  shards = new OwnedShards({ store, logger, now: () => now });
  await shards.claim([0]);
  const take: PresenceSteps['take'] = async ({ userId }, { kind }, condition) => {
    steps.push(`${kind} ${userId} if ${condition}`);
    return outcome;
  };
  sweeper = new DeadlineSweeper({
    shards,
    store,
    steps: { take } as Pick<PresenceSteps, 'take'> as PresenceSteps, // as above
    presencePublisher: new PresencePublisher({
      store,
      publisher: { publish: () => Promise.reject(new Error()) },
      source: '',
    }),
    lastSeenWriter: new LastSeenWriter({ store, lastSeen: { saveLastSeen: async () => {} }, logger }),
    metrics: createPresenceMetrics(registry),
    clock: { now: () => now },
    logger,
    now: () => now,
  });
});

/** The only series of a metric. */
const shown = async (name: string) => (await registry.getSingleMetricAsString(name)).split(`${name} `).at(-1);

const due: ShardSight = {
  isHolding: false,
  lapsedGateways: [{ gatewayId: 'g', aliveAtMs: 7 }],
  overdueUserIds: [asUserId(6)],
  gatewayIds: ['g'],
  nextDeadlineMs: 0,
};

describe('DeadlineSweeper', () => {
  it('takes sessions of lapsed gateways and users whose grace is over, each only if that is still so', async () => {
    shards.noteProgress(0, false);
    sights = [due];
    await sweeper.sweep();
    expect(steps).toEqual(['GATEWAY_LAPSED 5 if LEASE_GONE', 'GRACE_OVER 6 if DEADLINE_PASSED']);
    expect(await shown('chat_presence_lapsed_sessions_total')).toBe('1');
  });

  it('shows how many of its shards hold fire, for as long as they do', async () => {
    sights = [{ ...nothingDue, isHolding: true }];
    await sweeper.sweep();
    expect(await shown('chat_presence_holding_shards')).toBe('1');
    await sweeper.sweep();
    expect(await shown('chat_presence_holding_shards')).toBe('0');
  });

  it('looks again while there was something to do, and goes on to the next sweep where nothing could be done', async () => {
    shards.noteProgress(0, false);
    sights = [due, due];
    await sweeper.sweep();
    expect(looks).toHaveLength(3);
    outcome = 'HELD';
    now += LOOK_EVERY_MS;
    sights = [due, due];
    await sweeper.sweep();
    expect(looks).toHaveLength(4);
  });

  it('does nothing that is due before the log of the shard was read', async () => {
    sights = [due, due];
    await sweeper.sweep();
    shards.noteProgress(0, true);
    now += CATCH_UP_MS;
    await sweeper.sweep();
    expect(steps).toEqual([]);
  });

  it('begins hold-fire once after Redis was silent for long, not after a short gap', async () => {
    const failAndReturn = async (silentMs: number) => {
      isRedisDown = true;
      await sweeper.sweep();
      now += silentMs;
      await sweeper.sweep();
      isRedisDown = false;
      await sweeper.sweep();
      return looks.at(-1)?.beginsHold;
    };
    expect(await failAndReturn(OUTAGE_MS - 1)).toBe(false);
    expect(await failAndReturn(OUTAGE_MS)).toBe(true);
    expect(await shown('chat_presence_failed_sweeps_total')).toBe('4');
    now += LOOK_EVERY_MS;
    await sweeper.sweep();
    expect(looks.at(-1)?.beginsHold).toBe(false);
  });

  describe('while nothing is due', () => {
    beforeEach(async () => {
      shards.noteProgress(0, false);
      await sweeper.sweep();
      looks = [];
      drainCount = 0;
    });

    it('looks at a shard no more often than it must', async () => {
      for (const end = now + 3 * LOOK_EVERY_MS - 1; now < end; now += 500) await sweeper.sweep();
      expect(looks).toHaveLength(2);
      expect(drainCount).toBe(2);
    });

    it('looks at once when a lease is gone', async () => {
      isLeaseGone = true;
      sights = [due];
      await sweeper.sweep();
      expect(steps).toContain('GATEWAY_LAPSED 5 if LEASE_GONE');
    });

    it('looks when a grace ends that has begun meanwhile', async () => {
      shards.agendaOf(0)?.noteDeadline(700, now);
      now += 699;
      await sweeper.sweep();
      expect(looks).toHaveLength(0);
      now += 1;
      sights = [due];
      await sweeper.sweep();
      expect(steps).toContain('GRACE_OVER 6 if DEADLINE_PASSED');
    });

    it('does not forget a grace that begins while it looks', async () => {
      now += LOOK_EVERY_MS;
      whileLooking = () => shards.agendaOf(0)?.noteDeadline(100, now);
      await sweeper.sweep();
      whileLooking = () => {};
      looks = [];
      now += 100;
      await sweeper.sweep();
      expect(looks).toHaveLength(1);
    });

    it('publishes what waits in an outbox, whoever put it there', async () => {
      filled = [0];
      await sweeper.sweep();
      expect([drainCount, looks.length]).toEqual([1, 0]);
    });
  });
});
