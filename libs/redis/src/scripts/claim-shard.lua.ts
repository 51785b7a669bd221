import { redisScript } from '../redis-script.ts';
import { SHARD_FUNCTIONS } from './shard.lua.ts';

/**
 * Makes the caller the owner of a shard. KEYS: generation, server. ARGV: key TTL in ms, lease in ms. Answers the owner's
 * generation: above every earlier one, also where Redis lost its data in between.
 */
export const claimShard = redisScript(
  SHARD_FUNCTIONS,
  `
local generation = number_after(redis.call('GET', KEYS[1]))
redis.call('SET', KEYS[1], generation, 'PX', ARGV[1])
hold_end(KEYS[2], tonumber(ARGV[2]), now_ms(), ARGV[1])
return generation
`,
);
