import { redisScript } from '../redis-script.ts';
import { SHARD_FUNCTIONS } from './shard.lua.ts';

/**
 * What is due in a shard. KEYS: generation, server, gateways, deadlines, outbox, last seen. ARGV: generation, key TTL in ms,
 * lease in ms, how many users at most, 1 to begin hold-fire now, prefix of lease keys, prefix of the sets of sessions per
 * gateway (their keys follow from the gateways that are found). Answers 0 to an older owner, else the end of hold-fire,
 * lapsed gateways each followed by when it was last found alive, users whose grace is over, all gateways with sessions, and how
 * long it is until the next grace ends, in ms, or an empty text.
 */
export const lookAtShard = redisScript(
  SHARD_FUNCTIONS,
  `
local ttl, lease = ARGV[2], tonumber(ARGV[3])
if not is_owner(KEYS[1], tonumber(ARGV[1]), ttl) then return 0 end
local now = now_ms()
local held = hold_end(KEYS[2], lease, now, ttl)
if ARGV[5] == '1' then
  redis.call('HSET', KEYS[2], 'since', string.format('%.0f', now))
  held = now + lease
end

local lapsed, present = {}, {}
local gateways = redis.call('HGETALL', KEYS[3])
for i = 1, #gateways, 2 do
  local id, alive_at = gateways[i], gateways[i + 1]
  local sessions = ARGV[7] .. id
  present[#present + 1] = id
  if redis.call('EXISTS', ARGV[6] .. id) == 1 then
    redis.call('HSET', KEYS[3], id, string.format('%.0f', now))
    redis.call('PEXPIRE', sessions, ttl)
  elseif redis.call('EXISTS', sessions) == 0 then
    redis.call('HDEL', KEYS[3], id)
    present[#present] = nil
  elseif held == 0 then
    lapsed[#lapsed + 1] = id
    lapsed[#lapsed + 1] = alive_at
  end
end

local due = {}
if held == 0 then due = redis.call('ZRANGEBYSCORE', KEYS[4], '-inf', now, 'LIMIT', 0, ARGV[4]) end
local first = redis.call('ZRANGE', KEYS[4], 0, 0, 'WITHSCORES')
local waits = first[2] and string.format('%.0f', math.max(0, tonumber(first[2]) - now)) or ''
for _, key in ipairs(KEYS) do redis.call('PEXPIRE', key, ttl) end
return { string.format('%.0f', held), lapsed, due, present, waits }
`,
);
