import type { RedisClient } from './redis-client.ts';

/** A Redis as it describes itself. */
export interface RedisSight {
  readonly version: string;
  /** New with each start of the server: by it the apps see that what it held may be gone. */
  readonly runId: string;
  readonly uptimeS: number;
  readonly isReplica: boolean;
  /** 0: no limit. */
  readonly maxMemoryBytes: number;
  readonly usedMemoryBytes: number;
  /** What it does when memory is full; `noeviction` alone drops no key. */
  readonly evictionPolicy: string;
  /** Its clock, in Unix ms. */
  readonly nowMs: number;
}

/** Looks at the server, and changes nothing. Rejects with ChatError UNAVAILABLE while it does not answer. */
export async function inspectRedis(client: RedisClient): Promise<RedisSight> {
  const info = await client.request((redis) => redis.info());
  const [seconds, microseconds] = await client.request((redis) => redis.time());
  return { ...parseRedisInfo(info), nowMs: Number(seconds) * 1000 + Math.floor(Number(microseconds) / 1000) };
}

/** What `INFO` says, in lines of `name:value`; a name that a server leaves out is empty or 0. */
export function parseRedisInfo(text: string): Omit<RedisSight, 'nowMs'> {
  const fields = new Map(text.split('\r\n').map((line) => splitAtColon(line)));
  const textOf = (name: string) => fields.get(name) ?? '';
  const numberOf = (name: string) => Number(fields.get(name) ?? 0);
  return {
    version: textOf('redis_version'),
    runId: textOf('run_id'),
    uptimeS: numberOf('uptime_in_seconds'),
    isReplica: textOf('role') === 'slave',
    maxMemoryBytes: numberOf('maxmemory'),
    usedMemoryBytes: numberOf('used_memory'),
    evictionPolicy: textOf('maxmemory_policy'),
  };
}

function splitAtColon(line: string): [string, string] {
  const at = line.indexOf(':');
  return at < 0 ? [line, ''] : [line.slice(0, at), line.slice(at + 1)];
}
