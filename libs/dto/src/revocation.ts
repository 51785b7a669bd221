import { z } from 'zod';
import type { CommandDTO } from './events.ts';
import { UserIdSchema, type UserId } from './ids.ts';
import { InstantSchema } from './instant.ts';
import { textSchema } from './text.ts';

/** Name of the commands that revoke; they are for the service itself and are never delivered to a client. */
export const REVOKE_COMMAND = 'auth.revoke';
/** How long a revocation is known that does not say when the last token that it means expires, in ms. */
export const REVOCATION_LIFE_MS = 30 * 86_400_000;

const nameSchema = textSchema(1, 200);

/**
 * What is revoked, exactly one of: all tokens of a user, a session with its token, a token by its `jti`. The payload of a command
 * `auth.revoke`, and the body of the request that makes one. Of a user, tokens issued up to `issuedBefore` are meant, at the
 * latest up to now. It is known until `expiresAt`, by when all tokens that it means must have expired; 30 days where it is left out.
 */
export const RevocationRequestSchema = z
  .object({
    userId: UserIdSchema.optional(),
    sessionId: nameSchema.optional(),
    tokenId: nameSchema.optional(),
    issuedBefore: InstantSchema.optional(),
    expiresAt: InstantSchema.optional(),
  })
  .refine(
    ({ userId, sessionId, tokenId }) => [userId, sessionId, tokenId].filter((each) => each !== undefined).length === 1,
    { error: 'must have exactly one of userId, sessionId and tokenId' },
  )
  .meta({ oneOf: [{ required: ['userId'] }, { required: ['sessionId'] }, { required: ['tokenId'] }] });
export type RevocationRequest = z.infer<typeof RevocationRequestSchema>;

/** A revocation as the apps know it; instants in Unix ms. A session is known by the instance that has it. */
export type Revocation =
  | { readonly kind: 'user'; readonly userId: UserId; readonly issuedBefore: number; readonly expiresAt: number }
  | { readonly kind: 'token'; readonly tokenId: string; readonly expiresAt: number }
  | { readonly kind: 'session'; readonly sessionId: string; readonly expiresAt: number };

/** What a command revokes, read at `now`; null where it is no revocation, a sentence where its payload is none. */
export function revocationOf({ name, payload, createdAt }: CommandDTO, now: number): Revocation | string | null {
  if (name !== REVOKE_COMMAND) return null;
  const parsed = RevocationRequestSchema.safeParse(payload);
  if (!parsed.success)
    return parsed.error.issues.map(({ path, message }) => `payload.${path.join('.')}: ${message}`).join('; ');
  const { userId, sessionId, tokenId, issuedBefore, expiresAt: end } = parsed.data;
  const expiresAt = end === undefined ? now + REVOCATION_LIFE_MS : Date.parse(end);
  if (tokenId !== undefined) return { kind: 'token', tokenId, expiresAt };
  if (sessionId !== undefined) return { kind: 'session', sessionId, expiresAt };
  if (userId === undefined) return null; // the schema has seen to it that there is one
  return { kind: 'user', userId, issuedBefore: Math.min(Date.parse(issuedBefore ?? createdAt), now), expiresAt };
}
