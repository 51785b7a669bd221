import type { KeptCommand } from '@chat/database';
import { KEPT_COMMAND_LIFE_MS, REVOCATION_LIFE_MS, type Revocation } from '@chat/dto';
import { DeadLetters } from '@chat/kafka';
import { createLogger } from '@chat/service-kit';
import { eventually } from '@chat/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { batchUnderTest } from './batch-under-test.ts';
import { CommandsConsumer } from './commands-consumer.ts';
import { KEPT_COMMANDS_CLEANING_MAX_COUNT, KEPT_COMMANDS_CLEANING_MAX_MS, KEPT_COMMANDS_MAX } from './limits.ts';

const logger = createLogger('spec', { level: 'silent', instanceId: 'spec' });
const NOW = Date.parse('2026-01-02T03:04:05Z');

let kept: KeptCommand[];
let revoked: Revocation[];
let events: string[];
let clock: number;
let expiredCount: number;
/** How long each removal takes. */
let removalMs: number;
let consumer: CommandsConsumer;

beforeEach(() => {
  [kept, revoked, events] = [[], [], []];
  [clock, expiredCount, removalMs] = [NOW, 0, 0];
  consumer = new CommandsConsumer({
    kept: {
      keepCommands: async (commands, bounds) => {
        expect(bounds).toBe(KEPT_COMMANDS_MAX);
        kept.push(...commands);
      },
      removeExpired: async (now, limit) => {
        events.push(`remove what expired by ${now.toISOString()}`);
        clock += removalMs;
        const count = Math.min(expiredCount, limit);
        expiredCount -= count;
        return count;
      },
    },
    revocations: {
      saveRevocation: async (revocation) => void revoked.push(revocation),
      removeExpired: async () => 0,
    },
    deadLetters: new DeadLetters({
      topic: 'command-messages',
      publisher: { publishDeadLetter: async (_source, reason) => void events.push(`dead letter: ${reason}`) },
      onSetAside: () => {},
      logger,
    }),
    clock: { now: () => clock },
    logger,
  });
});

const command = (fields: object) =>
  JSON.stringify({ id: 'c', target: 'user:7', name: 'x', payload: {}, createdAt: '2026-01-01T00:00:00Z', ...fields });

const batchOf = (...values: readonly string[]) =>
  batchUnderTest(values, 29, (next) => void events.push(`commit ${next}`));

describe('commands that revoke', () => {
  const revoke = (payload: object, fields: object = {}) => command({ name: 'auth.revoke', payload, ...fields });

  it('are stored until they expire, and are no commands that wait for anybody', async () => {
    const ofToken = revoke({ tokenId: 't', expiresAt: '2026-02-01T00:00:00Z' }, { durable: true });
    await consumer.processBatch(batchOf(revoke({ userId: 7 }), ofToken, revoke({ sessionId: 's' })));
    expect([kept, events]).toEqual([[], ['commit 29']]);
    expect(revoked).toEqual([
      {
        kind: 'user',
        userId: 7,
        issuedBefore: Date.parse('2026-01-01T00:00:00Z'),
        expiresAt: NOW + REVOCATION_LIFE_MS,
      },
      { kind: 'token', tokenId: 't', expiresAt: Date.parse('2026-02-01T00:00:00Z') },
    ]);
  });

  it('mean no token that is issued later than now, whatever they say', async () => {
    await consumer.processBatch(batchOf(revoke({ userId: 7, issuedBefore: '2030-01-01T00:00:00Z' })));
    expect(revoked).toMatchObject([{ issuedBefore: NOW }]);
  });

  it.each([[{}], [{ userId: 7, tokenId: 't' }], [{ userId: 0 }], [{ tokenId: 'a\u0000' }], [{ tokenId: '' }]])(
    'are set aside with payload %j',
    async (payload) => {
      await consumer.processBatch(batchOf(revoke(payload)));
      expect(revoked).toEqual([]);
      expect(events).toEqual([expect.stringMatching(/^dead letter: payload/), 'commit 29']);
    },
  );
});

describe('durable commands', () => {
  it('are kept as they came, others are not', async () => {
    const durable = command({ durable: true, expiresAt: '2026-02-01T00:00:00Z', later: 1 });
    await consumer.processBatch(batchOf(command({}), durable, command({ durable: false })));
    const expiresAt = new Date('2026-02-01T00:00:00Z');
    expect(kept).toEqual([{ target: 'user:7', commandId: 'c', command: durable, logOffset: 21, expiresAt }]);
    expect(events).toEqual(['commit 29']);
  });

  it('that say no end are kept for so long, those that have ended not at all', async () => {
    const expired = command({ durable: true, expiresAt: '2026-01-02T03:04:05Z' });
    await consumer.processBatch(batchOf(expired, command({ id: 5, durable: true })));
    expect(kept).toMatchObject([{ commandId: '5', expiresAt: new Date(NOW + KEPT_COMMAND_LIFE_MS) }]);
  });

  it('that are none, or whose id Postgres cannot hold, are set aside', async () => {
    await consumer.processBatch(batchOf('{', command({ id: 'a\u0000', durable: true })));
    expect([kept, events]).toEqual([
      [],
      [
        'dead letter: the value is not JSON',
        'dead letter: id: must not contain U+0000 or a lone surrogate',
        'commit 29',
      ],
    ]);
  });

  it('are removed once they have expired', async () => {
    await consumer.start();
    await eventually(() => expect(events).toEqual(['remove what expired by 2026-01-02T03:04:05.000Z']));
    await consumer.stop();
  });

  it('are removed until none is left that has expired, however many there are', async () => {
    expiredCount = 3 * KEPT_COMMANDS_CLEANING_MAX_COUNT + 1;
    await consumer.start();
    await eventually(() => expect(expiredCount).toBe(0));
    await consumer.stop();
    expect(events).toHaveLength(4);
  });

  it('are removed for so long at a time', async () => {
    expiredCount = Infinity;
    removalMs = KEPT_COMMANDS_CLEANING_MAX_MS / 3;
    await consumer.start();
    await eventually(() => expect(events).toHaveLength(3));
    await consumer.stop();
    expect(events).toHaveLength(3);
  });
});
