import { createHash } from 'node:crypto';

/** A Lua script and the SHA-1 by which Redis knows it. */
export interface RedisScript {
  readonly text: string;
  readonly digest: string;
}

/**
 * A script of `src/scripts`. Those are Lua in template strings of `.lua.ts` modules rather than `.lua` files, because a
 * plain import is the one way that vitest, Node's type stripping and the esbuild bundle of an app all understand.
 */
export function redisScript(...parts: readonly string[]): RedisScript {
  const text = parts.join('\n');
  return { text, digest: createHash('sha1').update(text).digest('hex') };
}
