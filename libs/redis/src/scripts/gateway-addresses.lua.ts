import { redisScript } from '../redis-script.ts';

/**
 * Notes where a gateway can be asked, and forgets those that have not said so for long. KEYS: addresses. ARGV: the gateway as JSON,
 * TTL in ms.
 */
export const announceAddress = redisScript(`
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - ARGV[2])
redis.call('ZADD', KEYS[1], now, ARGV[1])
return redis.call('PEXPIRE', KEYS[1], ARGV[2])
`);

/** The gateways that have lately said where they can be asked, as JSON each. KEYS: addresses. ARGV: how lately, in ms. */
export const listAddresses = redisScript(`
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
return redis.call('ZRANGEBYSCORE', KEYS[1], now - ARGV[1], '+inf')
`);
