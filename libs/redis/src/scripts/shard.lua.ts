/**
 * Functions that the scripts of a shard begin with. Lua of Redis has no modules, so they are put in front of each.
 */
export const SHARD_FUNCTIONS = `
-- The server's own time in Unix ms: every deadline is made and judged by this one clock.
local function now_ms()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

-- Whether the caller still owns the shard. A younger owner wins; where Redis lost its data the caller is entered again.
local function is_owner(key, generation, ttl)
  local current = tonumber(redis.call('GET', key) or '0')
  if current > generation then return false end
  if current < generation then redis.call('SET', key, string.format('%.0f', generation), 'PX', ttl) end
  return true
end

-- When hold-fire ends, in Unix ms; 0 where there is none. It begins when Redis has another run id than the one that wrote
-- this data, or none of it: gateways need up to one lease to announce their sessions again, and until then the absence of
-- a session or of a lease proves nothing.
local function hold_end(key, lease, now, ttl)
  local run_id = string.match(redis.call('INFO', 'server'), 'run_id:(%w+)')
  local known = redis.call('HMGET', key, 'runId', 'since')
  if known[1] ~= run_id then
    redis.call('HSET', key, 'runId', run_id, 'since', string.format('%.0f', now))
    redis.call('PEXPIRE', key, ttl)
    return now + lease
  end
  local ends = tonumber(known[2]) + lease
  if ends > now then return ends end
  return 0
end

-- The number after \`known\`, a version or a generation, as text. Such numbers begin at the clock, in Unix microseconds (below
-- 2^53 until the year 2255), and not at 1, so that they rise even after Redis lost its data.
local function number_after(known)
  local time = redis.call('TIME')
  return string.format('%.0f', math.max(tonumber(known or '0') + 1, time[1] * 1000000 + time[2]))
end

-- The next version of a user.
local function next_version(key)
  return number_after(redis.call('HGET', key, 'version'))
end
`;
