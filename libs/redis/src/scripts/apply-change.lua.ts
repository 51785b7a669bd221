import { redisScript } from '../redis-script.ts';
import { SHARD_FUNCTIONS } from './shard.lua.ts';

/**
 * Applies one decided step, if what it was decided from still holds. Everything at once: state, version, session, deadline,
 * and the outboxes for Kafka and Postgres, so that a crash in between loses nothing.
 *
 * KEYS: 1 generation, 2 server, 3 presence, 4 sessions, 5 active rooms, 6 ended sessions, 7 deadlines, 8 outbox,
 * 9 last seen, 10 gateways, 11 sessions of the gateway that the session is on from now on, 12 of the one it leaves,
 * 13 lease of the event's gateway. ARGV: generation, key TTL in ms, lease in ms, how long ended sessions are remembered in
 * ms, how many, the step as JSON. Answers STALE (an older owner), CHANGED (decide again), HELD (not now), APPLIED.
 */
export const applyChange = redisScript(
  SHARD_FUNCTIONS,
  `
local ttl, lease = ARGV[2], tonumber(ARGV[3])
if not is_owner(KEYS[1], tonumber(ARGV[1]), ttl) then return 'STALE' end
local step = cjson.decode(ARGV[6])
local user, session = step.userId, step.sessionId
local now = now_ms()

if (redis.call('HGET', KEYS[3], 'version') or '') ~= step.expected.version
  or (redis.call('HGET', KEYS[3], 'state') or '') ~= step.expected.state
  or (redis.call('HGET', KEYS[4], session) or '') ~= step.expected.session
  or redis.call('HLEN', KEYS[4]) ~= step.expected.sessionCount then
  return 'CHANGED'
end

-- What rests on absence is checked here and now: a lease may be back, a deadline moved, hold-fire begun.
if step.requires then
  if hold_end(KEYS[2], lease, now, ttl) > 0 then return 'HELD' end
  if step.requires == 'LEASE_GONE' and redis.call('EXISTS', KEYS[13]) == 1 then return 'HELD' end
  if step.requires == 'DEADLINE_PASSED' then
    local deadline = redis.call('ZSCORE', KEYS[7], user)
    if not deadline or tonumber(deadline) > now then return 'HELD' end
  end
end

local function keep(key) redis.call('PEXPIRE', key, ttl) end

if step.session then
  redis.call('HSET', KEYS[4], session, step.session)
  redis.call('SADD', KEYS[11], user .. ' ' .. session)
  redis.call('HSETNX', KEYS[10], step.gatewayId, string.format('%.0f', now))
  keep(KEYS[11])
  keep(KEYS[10])
end
if step.leaves then redis.call('SREM', KEYS[12], user .. ' ' .. session) end
if step.removesSession then redis.call('HDEL', KEYS[4], session) end
if step.activeRoomId then redis.call('HSET', KEYS[5], session, step.activeRoomId) end
if step.removesActiveRoom then redis.call('HDEL', KEYS[5], session) end
if step.endsSession then
  redis.call('ZADD', KEYS[6], now, session)
  redis.call('ZREMRANGEBYSCORE', KEYS[6], '-inf', now - tonumber(ARGV[4]))
  redis.call('ZREMRANGEBYRANK', KEYS[6], 0, -1 - tonumber(ARGV[5]))
  redis.call('PEXPIRE', KEYS[6], ARGV[4])
end
keep(KEYS[4])
keep(KEYS[5])

if step.deadlineAfterMs then
  redis.call('ZADD', KEYS[7], now + step.deadlineAfterMs, user)
  keep(KEYS[7])
end
if step.clearsDeadline then redis.call('ZREM', KEYS[7], user) end

if step.state then
  redis.call('HSET', KEYS[3], 'state', step.state, 'since', step.since)
  redis.call('HSETNX', KEYS[3], 'version', number_after(nil))
end
if step.event then
  local version = next_version(KEYS[3])
  redis.call('HSET', KEYS[3], 'version', version)
  redis.call('XADD', KEYS[8], '*', 'userId', user, 'event', step.event, 'isOnline', step.isOnline, 'at', step.at,
    'version', version)
  keep(KEYS[8])
end
keep(KEYS[3])

for _, seen in ipairs(step.lastSeen) do
  local field = user .. ':' .. seen.roomId
  if tonumber(redis.call('HGET', KEYS[9], field) or '0') < seen.at then
    redis.call('HSET', KEYS[9], field, string.format('%.0f', seen.at))
    keep(KEYS[9])
  end
end
return 'APPLIED'
`,
);
