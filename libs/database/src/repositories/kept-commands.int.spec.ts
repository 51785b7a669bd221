import { asUserId } from '@chat/dto';
import { createLogger } from '@chat/service-kit';
import { eventually } from '@chat/testing';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openDatabase } from '../database.ts';
import { useOpenDatabase } from '../open-database-under-test.ts';
import type { KeptCommand, KeptCommandRepository } from './kept-command-repository.ts';

const NOW = new Date('2026-01-01T00:00:00Z');
const LATER = new Date('2026-01-02T00:00:00Z');
const BOUNDS = { perUser: 3, shared: 2 };
const READ = { perUser: 100, shared: 100 };
const under = useOpenDatabase();
let kept: KeptCommandRepository;

const logger = createLogger('spec', { level: 'silent', instanceId: 'spec' });

beforeAll(async () => {
  kept = under.stored.keptCommands;
});
beforeEach(() => under.query('TRUNCATE kept_commands'));

const [ada, ben] = [asUserId(1), asUserId(2)];
let offset = 0;
const commandTo = (target: string, commandId: string, expiresAt = LATER): KeptCommand => {
  offset += 1;
  return { target, commandId, command: `{"id":"${commandId}"}`, logOffset: offset, expiresAt };
};
const ofAda = async (perUser = READ.perUser) =>
  ((await kept.listOfUsers([ada, ben, ada], NOW, perUser)).get(ada) ?? []).map(({ commandId }) => commandId);

describe('kept commands', () => {
  it('are kept once, in the order of the log, until they expire', async () => {
    const [first, second] = [commandTo('user:1', 'a'), commandTo('user:1', 'b')];
    await kept.keepCommands([second, first, commandTo('user:2', 'a'), commandTo('user:1', 'gone', NOW)], BOUNDS);
    await kept.keepCommands([first], BOUNDS);
    expect([await ofAda(), await ofAda(1)]).toEqual([['a', 'b'], ['b']]);
    expect((await kept.listOfUsers([ben], NOW, READ.perUser)).get(ben)?.map(({ commandId }) => commandId)).toEqual([
      'a',
    ]);
    expect(await kept.removeExpired(NOW, 10)).toBe(1);
  });

  it('that a user has got are known as such, also where that was said before they were kept', async () => {
    const [late, early] = [commandTo('user:1', 'late'), commandTo('user:1', 'early')];
    await kept.markDelivered(late, NOW);
    await kept.keepCommands([late, early], BOUNDS);
    await kept.markDelivered(early, NOW);
    await kept.keepCommands([commandTo('user:1', 'waits'), commandTo('user:2', 'late')], BOUNDS);
    expect(await ofAda()).toEqual(['waits']);
    expect((await kept.listDelivered(ada, ['late', 'early', 'waits', 'none'])).toSorted()).toEqual(['early', 'late']);
    expect(await kept.listDelivered(ben, ['late'])).toEqual([]);
  });

  it('of a user are bounded: the oldest go', async () => {
    for (const id of ['a', 'b', 'c', 'd', 'e']) await kept.keepCommands([commandTo('user:1', id)], BOUNDS);
    expect(await ofAda()).toEqual(['c', 'd', 'e']);
  });

  it('of all other targets are bounded together, and none of a user', async () => {
    const at = (day: number) => new Date(`2026-02-0${day}T00:00:00Z`);
    await kept.keepCommands([commandTo('user:1', 'own')], BOUNDS);
    await kept.keepCommands(
      [commandTo('all', 'a', at(1)), commandTo('room:7', 'b', at(2)), commandTo('app:<2.0.0', 'c', at(3))],
      BOUNDS,
    );
    expect((await kept.listShared(NOW, READ.shared)).map(({ commandId }) => commandId)).toEqual(['b', 'c']);
    expect((await kept.listShared(NOW, 1)).map(({ commandId }) => commandId)).toEqual(['c']);
    expect(await ofAda()).toEqual(['own']);
  });

  it('are found by an index among all that users have got', async () => {
    await under.query(
      `INSERT INTO kept_commands (target, command_id, log_offset, expires_at, delivered_at)
       SELECT 'user:' || i % 20, i, i, $1, $1 FROM generate_series(1, 20000) AS i`,
      [LATER],
    );
    await kept.keepCommands([commandTo('all', 'a'), commandTo('user:1', 'own')], BOUNDS);
    await under.query('ANALYZE kept_commands');
    const scans = async () => {
      const rows = await under.query<{ name: string; count: string }>(
        `SELECT indexrelname AS name, idx_scan AS count FROM pg_stat_user_indexes WHERE relname = 'kept_commands'`,
      );
      return (index: string) => Number(rows.find(({ name }) => name === index)?.count);
    };
    const before = await scans();
    const reader = openDatabase({ databaseUrl: under.url, logger });
    const { keptCommands } = reader.repositories;
    expect((await keptCommands.listOfUsers([ada], NOW, READ.perUser)).get(ada)).toHaveLength(1);
    expect(await keptCommands.listShared(NOW, READ.shared)).toHaveLength(1);
    await reader.stop(); // a connection tells its scans when it ends
    await eventually(
      async () => {
        const after = await scans();
        for (const index of ['kept_commands_waiting_idx', 'kept_commands_shared_idx']) {
          expect(after(index)).toBeGreaterThan(before(index));
        }
      },
      { deadlineMs: 20_000, everyMs: 50 },
    );
  });
});
