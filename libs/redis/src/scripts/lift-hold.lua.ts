import { redisScript } from '../redis-script.ts';
import { SHARD_FUNCTIONS } from './shard.lua.ts';

/**
 * Ends hold-fire of a shard whose log is read from its very beginning: nobody was ever announced in it, so nothing can be
 * missing. KEYS: generation, server. ARGV: generation, key TTL in ms. Answers 1, or 0 to an older owner.
 */
export const liftHold = redisScript(
  SHARD_FUNCTIONS,
  `
if not is_owner(KEYS[1], tonumber(ARGV[1]), ARGV[2]) then return 0 end
if redis.call('EXISTS', KEYS[2]) == 1 then redis.call('HSET', KEYS[2], 'since', '0') end
return 1
`,
);
