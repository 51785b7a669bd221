import type { KeptCommand } from '@chat/database';
import { asRoomId, asUserId, type CommandDTO, type UserId } from '@chat/dto';
import { COMMAND_RETENTION_MS } from '@chat/kafka-contracts';
import { createLogger, createMetricsRegistry } from '@chat/service-kit';
import { FrameParser, headerOf, type StompFrame } from '@chat/stomp';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { parseSubscribeDestination } from '../broker/destinations.ts';
import type { LiveSession } from '../broker/live-session.ts';
import { NO_REPLAY } from '../broker/replay-request.ts';
import type { Subscription } from '../broker/requests.ts';
import { SessionRegistry } from '../broker/session-registry.ts';
import { SubscriptionRegistry } from '../broker/subscription-registry.ts';
import { COMMAND_LIMITS } from '../limits.ts';
import { createGatewayMetrics } from '../metrics.ts';
import { CommandDelivery } from './command-delivery.ts';

const [room, ada, ben] = [asRoomId(7), asUserId(1), asUserId(2)];
const START = Date.parse('2025-04-29T15:23:00Z');
const instant = (ms: number) => new Date(START + ms).toISOString();

beforeEach(() => void vi.useFakeTimers({ now: START }));
afterEach(() => void vi.useRealTimers());

type Delivered = Pick<KeptCommand, 'target' | 'commandId'>;
const keyOf = ({ target, commandId }: Delivered) => `${target}/${commandId}`;

/** Ada is a member of the room; what Postgres holds is the test's to say. */
async function scene() {
  const subscriptions = new SubscriptionRegistry();
  const sessions = new SessionRegistry<LiveSession>();
  const shared: KeptCommand[] = [];
  const marked: Delivered[] = [];
  const knownUntil: Date[] = [];
  const warnings: string[] = [];
  const postgres = { kept: [] as KeptCommand[], delivered: [] as string[], gate: Promise.resolve() };
  const delivery = new CommandDelivery({
    subscriptions,
    sessions,
    isMember: (roomId, userId) => roomId === room && userId === ada,
    listKept: async () => {
      const { kept } = postgres;
      await postgres.gate;
      return kept;
    },
    kept: {
      listShared: () => Promise.resolve(shared),
      listDelivered: (userId, commandIds) =>
        Promise.resolve(
          commandIds.filter((commandId) => postgres.delivered.includes(keyOf({ target: `user:${userId}`, commandId }))),
        ),
      markDelivered: async ({ target, commandId, expiresAt }) => {
        marked.push({ target, commandId });
        knownUntil.push(expiresAt);
      },
    },
    clock: { now: () => Date.now() },
    metrics: createGatewayMetrics(createMetricsRegistry('test'), () => 0),
    logger: createLogger('test', { level: 'warn', instanceId: 'test' }, { write: (line) => void warnings.push(line) }),
  });
  await delivery.start();

  const connect = (userId: UserId, { appVersion }: { appVersion?: string } = {}) => {
    const own: Subscription[] = [];
    const frames: StompFrame[] = [];
    const session: LiveSession = {
      sessionId: 's',
      userId,
      version: '1.2',
      appVersion,
      receiver: {
        outboundBytes: 0,
        sendFramed: (frame) => {
          const parser = new FrameParser();
          parser.setVersion('1.2');
          parser.push(frame.subarray(frame[1] === 126 ? 4 : 2));
          frames.push(parser.next() as StompFrame); // whole frames are handed over
        },
        sendSheddable: () => true,
        whenTaken: () => null,
      },
      subscriptionTo: (kind) => own.find(({ target }) => target.kind === kind),
      fail: () => {},
    };
    sessions.add(session);
    const subscribe = async (destination: '/topic/commands' | '/user/queue/commands') => {
      const target = parseSubscribeDestination(destination);
      if (target === null) throw new Error(`no destination ${destination}`);
      const id = String(own.length);
      const subscription = { id, headerId: id, destination, target, unacknowledged: null, replay: NO_REPLAY };
      own.push(subscription);
      await delivery.subscribe(session, subscription);
    };
    const ids = () => frames.map((frame) => (JSON.parse(new TextDecoder().decode(frame.body)) as CommandDTO).id);
    const end = () => sessions.remove(session);
    return {
      session,
      subscribe,
      end,
      ids,
      messageIds: () => frames.map((frame) => headerOf(frame, 'message-id')),
      replayed: () => frames.map((frame) => headerOf(frame, 'replayed') === 'true'),
    };
  };
  return { delivery, subscriptions, shared, marked, knownUntil, warnings, postgres, connect };
}

const command = (id: string, target: string, change: Partial<CommandDTO> = {}): CommandDTO => ({
  ...{ id, target, name: 'refresh', payload: {}, createdAt: instant(0) },
  ...change,
});
const take = (delivery: CommandDelivery, one: CommandDTO) => delivery.take(one, Buffer.from(JSON.stringify(one)));
const keptOf = (one: CommandDTO): KeptCommand => ({
  target: one.target,
  commandId: String(one.id),
  command: JSON.stringify(one),
  logOffset: 0,
  expiresAt: new Date(one.expiresAt ?? instant(600_000)),
});

/** Somebody of each who listens to both. */
async function listeners({ connect }: Awaited<ReturnType<typeof scene>>) {
  const all = [connect(ada), connect(ben, { appVersion: '2.1.0' }), connect(ben, { appVersion: 'new' })] as const;
  for (const one of all) {
    await one.subscribe('/topic/commands');
    await one.subscribe('/user/queue/commands');
  }
  return all;
}

describe('a command', () => {
  it.each([
    ['all', [1, 1, 1]],
    ['room:7', [1, 0, 0]],
    ['room:8', [0, 0, 0]],
    ['user:2', [0, 1, 1]],
    ['app:>=2.0.0 <3.0.0', [0, 1, 0]],
    ['app:<2.0.0', [0, 0, 0]],
  ])('for %s reaches its sessions alone, each once, however often it comes', async (target, counts) => {
    const here = await scene();
    const all = await listeners(here);
    for (const durable of [false, true, true]) take(here.delivery, command(`${durable}`, target, { durable }));
    expect(all.map(({ ids }) => ids())).toEqual(counts.map((count) => (count === 0 ? [] : ['false', 'true'])));
  });

  it('is known by target and id: each target counts for itself', async () => {
    const here = await scene();
    const [one] = await listeners(here);
    for (const durable of [false, true]) {
      const id = `c-${durable}`;
      for (const target of ['all', 'room:7', 'user:1', 'all']) take(here.delivery, command(id, target, { durable }));
    }
    const late = here.connect(ada);
    await late.subscribe('/topic/commands');
    await late.subscribe('/user/queue/commands');
    expect(one.messageIds()).toEqual(
      ['c-false', 'c-true'].flatMap((id) => ['all', 'room:7', 'user:1'].map((target) => `command-${target}/${id}`)),
    );
    expect(late.messageIds()).toEqual(['command-all/c-true', 'command-room:7/c-true']);
  });

  it('for a target that names nobody is none', async () => {
    const { delivery } = await scene();
    for (const target of ['app:x', 'user:9999999999999999']) expect(take(delivery, command('c', target))).toBe(false);
  });

  it('that is read after it expired reaches nobody', async () => {
    const here = await scene();
    const [one] = await listeners(here);
    take(here.delivery, command('late', 'all', { expiresAt: instant(0), durable: true }));
    await one.subscribe('/topic/commands');
    expect(one.ids()).toEqual([]);
  });

  it('is forgotten among so many others', async () => {
    const here = await scene();
    for (let at = 0; at <= COMMAND_LIMITS.remembered; at += 1) take(here.delivery, command(`c${at}`, 'all'));
    const [one] = await listeners(here);
    take(here.delivery, command('c1', 'all'));
    take(here.delivery, command('c0', 'all'));
    expect(one.ids()).toEqual(['c0']);
  });
});

describe('a durable command for all, a room or an app', () => {
  it('reaches whoever comes before it expires, once a session', async () => {
    const { delivery, connect } = await scene();
    take(delivery, command('all', 'all', { durable: true, expiresAt: instant(1_000) }));
    take(delivery, command('room', 'room:7', { durable: true, expiresAt: instant(5_000) }));
    take(delivery, command('passing', 'all'));
    const [member, stranger, late] = [connect(ada), connect(ben), connect(ada)];
    for (const one of [member, member, stranger]) await one.subscribe('/topic/commands');
    expect([member.ids(), stranger.ids()]).toEqual([['all', 'room'], ['all']]);
    expect(member.replayed()).toEqual([true, true]);
    vi.setSystemTime(START + 1_000);
    await late.subscribe('/topic/commands');
    expect(late.ids()).toEqual(['room']);
  });

  it('that the log held before this instance read it is found in Postgres, and then reaches who is here', async () => {
    const { delivery, shared, connect } = await scene();
    const one = connect(ada);
    await one.subscribe('/topic/commands');
    const missed = command('missed', 'all', { durable: true, expiresAt: instant(600_000) });
    shared.push(keptOf(missed));
    await vi.advanceTimersByTimeAsync(2 * COMMAND_LIMITS.lookEveryMs);
    take(delivery, missed);
    expect(one.ids()).toEqual(['missed']);
    await delivery.stop();
  });
});

describe('a row of a durable command', () => {
  it('says when it expires, where the command does not', async () => {
    const { delivery, shared, connect } = await scene();
    const expiresAt = new Date(START + COMMAND_LIMITS.lookEveryMs + 1_000);
    shared.push({ ...keptOf(command('old', 'all', { durable: true })), expiresAt });
    await vi.advanceTimersByTimeAsync(COMMAND_LIMITS.lookEveryMs);
    const [inTime, late] = [connect(ada), connect(ada)];
    await inTime.subscribe('/topic/commands');
    vi.setSystemTime(expiresAt);
    await late.subscribe('/topic/commands');
    expect([inTime.ids(), late.ids()]).toEqual([['old'], []]);
    await delivery.stop();
  });

  it('that is none is told, and passed over', async () => {
    const { delivery, shared, warnings, connect } = await scene();
    shared.push({ ...keptOf(command('none', 'all')), command: '{}' }, keptOf(command('one', 'all', { durable: true })));
    await vi.advanceTimersByTimeAsync(COMMAND_LIMITS.lookEveryMs);
    const one = connect(ada);
    await one.subscribe('/topic/commands');
    expect(one.ids()).toEqual(['one']);
    expect(warnings).toEqual([expect.stringContaining('"commandId":"none"')]);
    await delivery.stop();
  });
});

describe('a durable command for a user', () => {
  const kept = command('kept', 'user:1', { durable: true });

  it('that is here is delivered to every session, and then the user has got it', async () => {
    const here = await scene();
    const [one] = await listeners(here);
    const other = here.connect(ada);
    await other.subscribe('/user/queue/commands');
    take(here.delivery, kept);
    await vi.advanceTimersByTimeAsync(COMMAND_LIMITS.livesOnMs);
    expect([one.ids(), other.ids()]).toEqual([['kept'], ['kept']]);
    expect(here.marked).toEqual([{ target: 'user:1', commandId: 'kept' }]);
  });

  it('is known as delivered for as long as its record may be read again, and not for longer than it lives', async () => {
    const here = await scene();
    await listeners(here);
    take(here.delivery, kept);
    take(here.delivery, command('short', 'user:1', { durable: true, expiresAt: instant(60_000) }));
    await vi.advanceTimersByTimeAsync(COMMAND_LIMITS.livesOnMs);
    const now = Date.now();
    const [ofKept = 0, ofShort] = here.knownUntil.map((until) => until.getTime());
    expect(ofKept - now).toBeGreaterThan(COMMAND_RETENTION_MS);
    expect(ofKept - now).toBeLessThan(2 * COMMAND_RETENTION_MS);
    expect(ofShort).toBe(START + 60_000);
  });

  it('that comes later is brought from Postgres, and then the user has got it', async () => {
    const { postgres, marked, connect, delivery } = await scene();
    postgres.kept = [keptOf(kept)];
    const one = connect(ada);
    await one.subscribe('/user/queue/commands');
    take(delivery, kept); // the log is behind the rows
    await vi.advanceTimersByTimeAsync(COMMAND_LIMITS.livesOnMs);
    expect([one.ids(), one.replayed()]).toEqual([['kept'], [true]]);
    expect(marked).toEqual([{ target: 'user:1', commandId: 'kept' }]);
  });

  it('is not missed where it was read before the SUBSCRIBE and is stored behind it', async () => {
    const { delivery, marked, connect } = await scene();
    take(delivery, kept);
    const one = connect(ada);
    await one.subscribe('/user/queue/commands');
    await vi.advanceTimersByTimeAsync(COMMAND_LIMITS.livesOnMs);
    expect([one.ids(), marked]).toEqual([['kept'], [{ target: 'user:1', commandId: 'kept' }]]);
  });

  it('that was written to a socket which nobody held any more waits for the next', async () => {
    const { delivery, marked, connect } = await scene();
    const [lost, next] = [connect(ada), connect(ada)];
    await lost.subscribe('/user/queue/commands');
    take(delivery, kept);
    lost.end();
    await vi.advanceTimersByTimeAsync(COMMAND_LIMITS.livesOnMs);
    expect(marked).toEqual([]);
    await next.subscribe('/user/queue/commands');
    expect(next.ids()).toEqual(['kept']);
  });

  it('comes once where it is read while Postgres is asked', async () => {
    const { delivery, postgres, connect } = await scene();
    const gate = Promise.withResolvers<void>();
    postgres.gate = gate.promise;
    postgres.kept = [keptOf(kept)];
    const one = connect(ada);
    const subscribing = one.subscribe('/user/queue/commands');
    take(delivery, kept);
    gate.resolve();
    await subscribing;
    expect(one.ids()).toEqual(['kept']);
  });

  it('that was delivered elsewhere is not brought again', async () => {
    const { delivery, postgres, connect } = await scene();
    take(delivery, kept);
    postgres.delivered = ['user:1/kept'];
    const one = connect(ada);
    await one.subscribe('/user/queue/commands');
    expect(one.ids()).toEqual([]);
  });

  describe('where Postgres does not answer', () => {
    async function sceneWithout() {
      const here = await scene();
      const answer = () => void (here.postgres.gate = Promise.resolve());
      here.postgres.gate = Promise.reject(new Error('away'));
      here.postgres.gate.catch(() => {});
      return { ...here, answer };
    }

    it('comes as soon as it does, once a session, and at the next SUBSCRIBE at once', async () => {
      const { postgres, answer, connect, marked, warnings, delivery } = await sceneWithout();
      const [one, other, gone] = [connect(ada), connect(ada), connect(ada)];
      for (const session of [one, other, gone]) await session.subscribe('/user/queue/commands');
      gone.end();
      await vi.advanceTimersByTimeAsync(COMMAND_LIMITS.lookEveryMs);
      expect([one.ids(), marked, warnings.length]).toEqual([[], [], 1]);
      answer();
      postgres.kept = [keptOf(kept)];
      const next = connect(ada);
      await next.subscribe('/user/queue/commands');
      expect([one.ids(), next.ids()]).toEqual([[], ['kept']]);
      await vi.advanceTimersByTimeAsync(2 * COMMAND_LIMITS.lookEveryMs);
      expect([one, other, gone, next].map(({ ids }) => ids())).toEqual([['kept'], ['kept'], [], ['kept']]);
      expect([one.replayed(), marked[0]]).toEqual([[true], { target: 'user:1', commandId: 'kept' }]);
      await delivery.stop();
    });

    it('comes all the same where it was read here', async () => {
      const { delivery, connect } = await sceneWithout();
      take(delivery, kept);
      const one = connect(ada);
      await one.subscribe('/user/queue/commands');
      expect(one.ids()).toEqual(['kept']);
    });

    it('comes later for so many sessions, for the others with their next SUBSCRIBE', async () => {
      const { postgres, answer, connect, delivery } = await sceneWithout();
      const all = Array.from({ length: COMMAND_LIMITS.unread + 1 }, () => connect(ada));
      for (const session of all) await session.subscribe('/user/queue/commands');
      answer();
      postgres.kept = [keptOf(kept)];
      await vi.advanceTimersByTimeAsync(COMMAND_LIMITS.lookEveryMs);
      expect(all.map(({ ids }) => ids().length)).toEqual(all.map((session) => (session === all[0] ? 0 : 1)));
      await delivery.stop();
    }, 20_000);
  });
});
