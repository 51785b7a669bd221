import { redisScript } from '../redis-script.ts';
import { SHARD_FUNCTIONS } from './shard.lua.ts';

/**
 * All that one step of a user's presence is decided from. KEYS: generation, server, presence, sessions, active rooms, ended
 * sessions, gateway lease. ARGV: generation, key TTL in ms, lease in ms, session id. Answers 0 to an older owner, else state,
 * version, session, number of sessions, active room, when it ended, whether the lease lives, now, end of hold-fire.
 */
export const loadUser = redisScript(
  SHARD_FUNCTIONS,
  `
if not is_owner(KEYS[1], tonumber(ARGV[1]), ARGV[2]) then return 0 end
local now = now_ms()
local presence = redis.call('HMGET', KEYS[3], 'state', 'version')
return {
  presence[1] or '', presence[2] or '',
  redis.call('HGET', KEYS[4], ARGV[4]) or '', redis.call('HLEN', KEYS[4]),
  redis.call('HGET', KEYS[5], ARGV[4]) or '', redis.call('ZSCORE', KEYS[6], ARGV[4]) or '',
  redis.call('EXISTS', KEYS[7]),
  string.format('%.0f', now), string.format('%.0f', hold_end(KEYS[2], tonumber(ARGV[3]), now, ARGV[2]))
}
`,
);
