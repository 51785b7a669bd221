import type { ConnectionState } from '@chat/client';
import { describe, expect, it } from 'vitest';
import { connectionText } from './connection-text.ts';

const loss = { code: 1006, error: null };

describe('the state of a connection', () => {
  it.each<[ConnectionState, string, string]>([
    [{ name: 'connecting', attempt: 1, retryAt: null, error: null }, 'connecting', 'try 1'],
    [{ name: 'recovering', attempt: 2, retryAt: 13_400, error: null, loss }, 'recovering', 'try 2 in 4 s; lost (1006)'],
    [{ name: 'recovering', attempt: 2, retryAt: 9_000, error: null, loss }, 'recovering', 'try 2 in 0 s; lost (1006)'],
    [{ name: 'offline', reason: 'no-network' }, 'offline', 'this browser has no network'],
    [{ name: 'closed', reason: 'revoked', error: null }, 'closed', 'the session was revoked'],
    [{ name: 'closed', reason: 'client', error: null }, 'closed', 'hung up, until you connect again'],
  ])('%o is told', (state, word, detail) => {
    expect(connectionText(state, 10_000)).toMatchObject({ word, detail });
  });
});
