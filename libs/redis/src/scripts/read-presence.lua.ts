import { redisScript } from '../redis-script.ts';

/**
 * Presence of many users in one command: a request of its own for each of them costs the asking process several times as
 * much. KEYS: presence of the users. Answers state, version and since of each, one after the other, empty where there is none.
 */
export const readPresence = redisScript(`
local answer = {}
for _, key in ipairs(KEYS) do
  local presence = redis.call('HMGET', key, 'state', 'version', 'since')
  for field = 1, 3 do answer[#answer + 1] = presence[field] or '' end
end
return answer
`);
