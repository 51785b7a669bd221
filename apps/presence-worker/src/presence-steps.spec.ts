import { asUserId } from '@chat/dto';
import type { PresenceStore, UserSnapshot } from '@chat/redis';
import { ChatError, Registry } from '@chat/service-kit';
import { beforeEach, describe, expect, it } from 'vitest';
import { LOOK_EVERY_MS } from './limits.ts';
import { createPresenceMetrics } from './metrics.ts';
import { PresenceSteps } from './presence-steps.ts';
import { ShardAgenda } from './shard-agenda.ts';

const AT = '2026-01-01T00:00:00.000Z';
const GRACE_MS = 1_000;
const address = { shard: 0, generation: 1, userId: asUserId(5), sessionId: 's', gatewayId: 'g' };
const lost = { kind: 'LOST', exitedRoomIds: [], at: AT } as const;

const nobody: UserSnapshot = {
  state: 'UNKNOWN',
  session: null,
  activeRoomId: null,
  sessionCount: 0,
  hasEnded: false,
  isGatewayAlive: true,
  holdMs: 0,
};
const online: UserSnapshot = { ...nobody, state: 'ONLINE', session: { gatewayId: 'g', at: AT }, sessionCount: 1 };
const inGrace: UserSnapshot = { ...nobody, state: 'GRACE', hasEnded: true };

let snapshot: UserSnapshot;
let isAnswerLost: boolean;
let agenda: ShardAgenda;
let steps: PresenceSteps;

beforeEach(() => {
  isAnswerLost = false;
  agenda = new ShardAgenda();
  agenda.beginLook();
  agenda.noteDone(
    { isHolding: false, lapsedGateways: [], overdueUserIds: [], gatewayIds: [], nextDeadlineMs: null },
    0,
  );
  const store = {
    loadUser: async () => ({ snapshot, expected: { state: '', version: '', session: '', sessionCount: 0 } }),
    applyChange: async (_address, _loaded, { state }) => {
      if (state?.name === 'GRACE') snapshot = inGrace;
      if (isAnswerLost) throw new ChatError('UNAVAILABLE');
      return 'APPLIED';
    },
  } as Partial<PresenceStore> as PresenceStore; // nothing else is asked for here
  const metrics = createPresenceMetrics(new Registry());
  steps = new PresenceSteps({ store, shards: { agendaOf: () => agenda }, graceMs: GRACE_MS, metrics, now: () => 0 });
});

describe('PresenceSteps', () => {
  it('have a shard looked at when a grace that they began ends', async () => {
    snapshot = online;
    await steps.take(address, lost);
    expect([agenda.isDue(GRACE_MS - 1), agenda.isDue(GRACE_MS)]).toEqual([false, true]);
  });

  it('have the lease of a gateway looked at once a session is on it', async () => {
    snapshot = nobody;
    await steps.take(address, { kind: 'OPENED', gatewayId: 'g', activeRoomId: null, exitedRoomIds: [], at: AT });
    expect([...agenda.gatewayIds]).toEqual(['g']);
    expect(agenda.isDue(LOOK_EVERY_MS - 1)).toBe(false);
  });

  it('have the shard looked at soon for a step that was applied although its answer was lost', async () => {
    snapshot = online;
    isAnswerLost = true;
    await expect(steps.take(address, lost)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    isAnswerLost = false;
    await steps.take(address, lost); // finds the grace begun, so that it has no deadline to tell of
    expect(agenda.isDue(0)).toBe(true);
  });
});
