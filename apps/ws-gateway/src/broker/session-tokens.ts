import type { Caller } from '@chat/auth';

/** Tokens of one session that are kept, 100 bytes each; of more, those that expire first are forgotten. */
export const SESSION_TOKENS_MAX = 32;

/** A token that a session has lived on. */
export interface SessionToken {
  /** As it is revoked. */
  readonly id: string;
  /** Unix ms. */
  readonly expiresAt: number;
}

/** The tokens of a session that goes on with this one: those that may still let somebody in at `now`, this one last. */
export function tokensWith(
  tokens: readonly SessionToken[],
  { token: { id }, expiresAt }: Caller,
  now: number,
): readonly SessionToken[] {
  const others = tokens.filter((other) => other.id !== id && other.expiresAt > now);
  const kept = others.toSorted((one, other) => one.expiresAt - other.expiresAt).slice(1 - SESSION_TOKENS_MAX);
  return [...kept, { id, expiresAt }];
}
