import { randomInt } from 'node:crypto';
import { createToken, TEST_JWT_SECRET } from '@chat/testing';

/** A user of the chat with a valid token. */
export interface Person {
  readonly id: number;
  readonly username: string;
  readonly token: string;
}

/** No two spec files have the same users. */
let nextId = randomInt(1_000_000, 1_000_000_000) * 1_000;

export function newPerson(name = 'someone', secret = TEST_JWT_SECRET): Person {
  nextId += 1;
  const username = `${name}-${nextId}`;
  return { id: nextId, username, token: createToken({ userId: nextId, secret, claims: { username } }) };
}
