import { redisScript } from '../redis-script.ts';

/**
 * Adds to counters that end by themselves. KEYS: counters. ARGV: their life in ms, then what is added to each. Answers each total and
 * the ms that are left of it. Run twice it counts twice: somebody is refused a little sooner.
 */
export const countRates = redisScript(`
local answers = {}
for i, key in ipairs(KEYS) do
  answers[#answers + 1] = redis.call('INCRBY', key, ARGV[i + 1])
  local left = redis.call('PTTL', key)
  if left < 0 then
    redis.call('PEXPIRE', key, ARGV[1])
    left = tonumber(ARGV[1])
  end
  answers[#answers + 1] = left
end
return answers
`);
