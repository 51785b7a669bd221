import { asUserId } from '@chat/dto';
import { createLogger } from '@chat/service-kit';
import { databaseUnderTest, type DatabaseUnderTest } from '@chat/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openDatabase, type DatabaseService } from '../database.ts';
import type { KeptCommand, KeptCommandRepository } from './kept-command-repository.ts';

const NOW = new Date('2026-01-01T00:00:00Z');
const LATER = new Date('2026-01-02T00:00:00Z');
const BOUNDS = { perUser: 3, shared: 2 };
let under: DatabaseUnderTest;
let database: DatabaseService;
let kept: KeptCommandRepository;

beforeAll(async () => {
  under = await databaseUnderTest();
  database = openDatabase({
    databaseUrl: under.url,
    logger: createLogger('spec', { level: 'silent', instanceId: 'spec' }),
  });
  await database.start();
  kept = database.repositories.keptCommands;
});
beforeEach(() => under.query('TRUNCATE kept_commands'));
afterAll(async () => {
  await database?.stop();
  await under?.cleanUp();
});

const [ada, ben] = [asUserId(1), asUserId(2)];
let offset = 0;
const commandTo = (target: string, commandId: string, expiresAt = LATER): KeptCommand => {
  offset += 1;
  return { target, commandId, command: `{"id":"${commandId}"}`, logOffset: offset, expiresAt };
};
const ofAda = async () =>
  ((await kept.listOfUsers([ada, ben], NOW)).get(ada) ?? []).map(({ commandId, command }) => [
    commandId,
    command !== null,
  ]);

describe('kept commands', () => {
  it('are kept once, in the order of the log, until they expire', async () => {
    const [first, second] = [commandTo('user:1', 'a'), commandTo('user:1', 'b')];
    await kept.keepCommands([second, first, commandTo('user:2', 'a'), commandTo('user:1', 'gone', NOW)], BOUNDS);
    await kept.keepCommands([first], BOUNDS);
    expect(await ofAda()).toEqual([
      ['a', true],
      ['b', true],
    ]);
    expect((await kept.listOfUsers([ben], NOW)).get(ben)?.map(({ commandId }) => commandId)).toEqual(['a']);
    expect(await kept.removeExpired(NOW, 10)).toBe(1);
  });

  it('that a user has got are known as such, also where that was said before they were kept', async () => {
    const [late, early] = [commandTo('user:1', 'late'), commandTo('user:1', 'early')];
    await kept.markDelivered(late, NOW);
    await kept.keepCommands([late, early], BOUNDS);
    await kept.markDelivered(early, NOW);
    expect(await ofAda()).toEqual([
      ['late', false],
      ['early', false],
    ]);
  });

  it('of a user are bounded: the oldest go', async () => {
    for (const id of ['a', 'b', 'c', 'd', 'e']) await kept.keepCommands([commandTo('user:1', id)], BOUNDS);
    expect((await ofAda()).map(([id]) => id)).toEqual(['c', 'd', 'e']);
  });

  it('of all other targets are bounded together, and none of a user', async () => {
    const at = (day: number) => new Date(`2026-02-0${day}T00:00:00Z`);
    await kept.keepCommands([commandTo('user:1', 'own')], BOUNDS);
    await kept.keepCommands(
      [commandTo('all', 'a', at(1)), commandTo('room:7', 'b', at(2)), commandTo('app:<2.0.0', 'c', at(3))],
      BOUNDS,
    );
    expect((await kept.listShared(NOW)).map(({ commandId }) => commandId)).toEqual(['b', 'c']);
    expect(await ofAda()).toEqual([['own', true]]);
  });
});
