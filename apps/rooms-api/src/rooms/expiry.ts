import { invalidRequest } from '@chat/service-kit';

/** When what a request makes expires; null is never. Throws INVALID_REQUEST for an instant that is past. */
export function readExpiry(expiresAt: string | undefined, now: Date): Date | null {
  if (expiresAt === undefined) return null;
  const at = new Date(expiresAt);
  if (at <= now) throw invalidRequest({ field: 'expiresAt', message: 'must be in the future' });
  return at;
}
