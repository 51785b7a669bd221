import type { StompVersion } from '@chat/stomp';
import { eventually } from '@chat/testing';
import { afterAll, describe, inject, it } from 'vitest';
import { ChatDriver } from '../clients/chat-driver.ts';
import { newPerson } from '../clients/person.ts';
import type { Clause } from './clause.ts';
import { CLAUSES } from './clauses/index.ts';
import { needsRoom, performClause, type Stage } from './perform-clause.ts';

const chat = new ChatDriver(inject('chat'));
afterAll(chat.close);

/** A new user, in a new room where the clause speaks of one. */
async function stageOf(clause: Clause, version: StompVersion): Promise<Stage> {
  const person = newPerson('somebody');
  const room = needsRoom(clause, version) ? { room: String((await eventually(() => chat.createRoom(person))).id) } : {};
  return { url: chat.addresses.wsUrls[0], given: { token: person.token, user: String(person.id), ...room } };
}

describe.concurrent('STOMP', () => {
  for (const clause of CLAUSES) {
    it.each(clause.versions)(`%s, ${clause.id}: ${clause.ours}`, async (version) => {
      await performClause(clause, version, await stageOf(clause, version));
    });
  }
});
