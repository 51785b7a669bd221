import { redisScript } from '../redis-script.ts';
import { SHARD_FUNCTIONS } from './shard.lua.ts';

/**
 * Appends JOINED or LEFT of a user to the outbox of the user's shard, with the user's next version, once per version of the
 * room. Needs no ownership: it decides nothing, and the outbox keeps its order. KEYS: presence, outbox, told version. ARGV:
 * key TTL in ms, user, room, event, instant, room version, TTL of the told version in ms. Answers 1, or 0 where this room
 * version was told already.
 */
export const tellMembership = redisScript(
  SHARD_FUNCTIONS,
  `
local ttl, user, room = ARGV[1], ARGV[2], ARGV[3]
if tonumber(redis.call('GET', KEYS[3]) or '-1') >= tonumber(ARGV[6]) then return 0 end
redis.call('SET', KEYS[3], ARGV[6], 'PX', ARGV[7])
local state = redis.call('HGET', KEYS[1], 'state')
if not state then
  state = 'OFFLINE'
  redis.call('HSET', KEYS[1], 'state', state, 'since', ARGV[5])
end
local version = next_version(KEYS[1])
redis.call('HSET', KEYS[1], 'version', version)
redis.call('XADD', KEYS[2], '*', 'userId', user, 'event', ARGV[4], 'isOnline', state == 'OFFLINE' and '0' or '1',
  'at', ARGV[5], 'version', version, 'roomId', room)
redis.call('PEXPIRE', KEYS[1], ttl)
redis.call('PEXPIRE', KEYS[2], ttl)
return 1
`,
);
