import { redisScript } from '../redis-script.ts';

/**
 * Keeps a lease that is still there. KEYS: lease. ARGV: TTL in ms. Answers 1, or 0 where the lease is gone: it is not set
 * again, since others may have acted on its absence.
 */
export const refreshLease = redisScript(`
return redis.call('PEXPIRE', KEYS[1], ARGV[1])
`);
