import { describe, expect, it } from 'vitest';
import { parseRedisInfo } from './redis-sight.ts';

describe('what Redis says of itself', () => {
  it('is read from its lines, with colons in their values', () => {
    const text = [
      '# Server',
      'redis_version:7.0.15',
      'run_id:2f1c',
      'uptime_in_seconds:12',
      'executable:/usr/bin:x',
      'role:slave',
      'maxmemory:1048576',
      'used_memory:900000',
      'maxmemory_policy:allkeys-lru',
      '',
    ].join('\r\n');
    expect(parseRedisInfo(text)).toEqual({
      version: '7.0.15',
      runId: '2f1c',
      uptimeS: 12,
      isReplica: true,
      maxMemoryBytes: 1_048_576,
      usedMemoryBytes: 900_000,
      evictionPolicy: 'allkeys-lru',
    });
  });

  it('is empty where it says nothing', () => {
    expect(parseRedisInfo('')).toMatchObject({ runId: '', uptimeS: 0, isReplica: false });
  });
});
