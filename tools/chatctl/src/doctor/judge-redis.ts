import type { RedisSight } from '@chat/redis';
import { findingsOf, type Finding } from './finding.ts';

const redis = findingsOf('redis');

/** Drops no key. Every key of presence has a time to live, so the `volatile-` policies take just these. */
const KEEPS_KEYS = 'noeviction';
/** Share of its memory from which a Redis is nearly full. */
const NEARLY_FULL = 0.9;
/** For so long after a start of Redis presence is put together again, in seconds. */
const YOUNG_S = 20;

/** What the Redis that holds presence is like. */
export function judgeRedis(sight: RedisSight): readonly Finding[] {
  const { version, runId, uptimeS, isReplica, maxMemoryBytes, usedMemoryBytes, evictionPolicy } = sight;
  const findings = [redis.ok(`version ${version} answers, run_id ${runId}, up for ${uptimeS} s`)];
  if (isReplica) {
    findings.push(redis.error('it is a replica, which takes no writes', 'Name the primary in REDIS_URL.'));
  }
  if (uptimeS < YOUNG_S) {
    findings.push(
      redis.warning(
        `it was started ${uptimeS} s ago: who is online may be told late`,
        `Nothing: gateways announce their sessions again within ${YOUNG_S} s. Look why it was started if you did not do it.`,
      ),
    );
  }
  if (maxMemoryBytes === 0) return findings;
  if (evictionPolicy !== KEEPS_KEYS) {
    findings.push(
      redis.error(
        `maxmemory-policy is ${evictionPolicy}: presence is dropped without a word when memory is full`,
        `redis-cli CONFIG SET maxmemory-policy ${KEEPS_KEYS}, and the same in redis.conf.`,
      ),
    );
  }
  if (usedMemoryBytes > NEARLY_FULL * maxMemoryBytes) {
    findings.push(
      redis.warning(
        `${mib(usedMemoryBytes)} of ${mib(maxMemoryBytes)} MiB are in use: when they are full presence stands still`,
        'Raise maxmemory, or look for who else uses this Redis.',
      ),
    );
  }
  return findings;
}

function mib(bytes: number): string {
  return (bytes / 1_048_576).toFixed(0);
}
