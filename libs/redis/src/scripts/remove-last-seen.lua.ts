import { redisScript } from '../redis-script.ts';

/**
 * Takes out last seen times that Postgres has, unless a later one came meanwhile. KEYS: last seen. ARGV: field and Unix ms,
 * again and again.
 */
export const removeLastSeen = redisScript(`
for i = 1, #ARGV, 2 do
  if redis.call('HGET', KEYS[1], ARGV[i]) == ARGV[i + 1] then redis.call('HDEL', KEYS[1], ARGV[i]) end
end
return 1
`);
