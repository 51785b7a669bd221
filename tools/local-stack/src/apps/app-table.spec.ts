import { describe, expect, it } from 'vitest';
import { APP_INSTANCES, stopWaves } from './app-table.ts';

describe('stopWaves', () => {
  it('stops those who take work in before those who finish it', () => {
    expect(stopWaves(APP_INSTANCES).map((wave) => wave.map(({ name }) => name))).toEqual([
      ['rooms-api', 'ws-gateway-1', 'ws-gateway-2'],
      ['presence-worker', 'message-persister'],
    ]);
  });
});
