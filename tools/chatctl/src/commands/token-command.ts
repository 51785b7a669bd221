import { createToken } from '@chat/local-stack/stack';
import type { CommandContext } from '../context.ts';
import { UsageError } from '../failure.ts';

export interface TokenOptions {
  /** Life of the token, in seconds. */
  readonly expires: number;
}

/** Prints a token that the local stack takes. */
export function tokenCommand({ options, environment, output }: CommandContext, { expires }: TokenOptions): void {
  const { user: userId = 1, username = `user-${userId}` } = options;
  if (environment.jwtSecret === null) {
    throw new UsageError('There is no secret yet to sign a token with: run `npm start` once, or set JWT_SECRET');
  }
  const token = createToken({ userId, username, expiresInS: expires }, environment.jwtSecret);
  const expiresAt = new Date(Date.now() + expires * 1000).toISOString();
  output.result({ token, userId, username, expiresAt }, () => token);
}
