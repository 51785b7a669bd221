import type { RedisUnderTest } from '@chat/testing';

/** What a Redis server has done since its start. */
export interface RedisUsage {
  /** Commands that it ran, those within scripts each for itself. */
  readonly commands: number;
  /** CPU of the server, user and system, in s. */
  readonly cpuS: number;
}

export async function redisUsage({ redis }: RedisUnderTest): Promise<RedisUsage> {
  const [commands, cpu] = [await redis.info('commandstats'), await redis.info('cpu')];
  return {
    commands: sumOf(commands, /^cmdstat_(?!info)[^:]+:calls=(\d+)/gm),
    cpuS: sumOf(cpu, /^used_cpu_(?:sys|user):([\d.]+)/gm),
  };
}

function sumOf(text: string, pattern: RegExp): number {
  return [...text.matchAll(pattern)].reduce((sum, [, number]) => sum + Number(number), 0);
}
