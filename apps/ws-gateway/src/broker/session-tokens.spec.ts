import type { Caller } from '@chat/auth';
import { asUserId } from '@chat/dto';
import { describe, expect, it } from 'vitest';
import { SESSION_TOKENS_MAX, tokensWith } from './session-tokens.ts';

const caller = (id: string, expiresAt: number): Caller => ({
  ...{ userId: asUserId(1), username: 'ada', expiresAt },
  token: { id, issuedAt: null },
});

describe('the tokens of a session', () => {
  it('are all that may still let somebody in, the newest last', () => {
    const tokens = [
      { id: 'gone', expiresAt: 10 },
      { id: 'old', expiresAt: 30 },
      { id: 'short', expiresAt: 20 },
    ];
    expect(tokensWith(tokens, caller('new', 15), 10).map(({ id }) => id)).toEqual(['short', 'old', 'new']);
  });

  it('have each once, as it was seen last', () => {
    const tokens = [
      { id: 'a', expiresAt: 20 },
      { id: 'b', expiresAt: 30 },
    ];
    expect(tokensWith(tokens, caller('a', 25), 0)).toEqual([
      { id: 'b', expiresAt: 30 },
      { id: 'a', expiresAt: 25 },
    ]);
  });

  it('are so many at most: those that expire first are forgotten', () => {
    const tokens = Array.from({ length: SESSION_TOKENS_MAX }, (_, at) => ({ id: `t${at}`, expiresAt: 1_000 - at }));
    const kept = tokensWith(tokens, caller('new', 1), 0);
    expect(kept).toHaveLength(SESSION_TOKENS_MAX);
    expect(kept.map(({ id }) => id)).toEqual([
      ...tokens
        .slice(0, -1)
        .map(({ id }) => id)
        .toReversed(),
      'new',
    ]);
  });
});
