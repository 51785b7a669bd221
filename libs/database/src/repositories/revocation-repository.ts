import { parseUserId, type Revocation } from '@chat/dto';
import type { Sql } from '../connection.ts';

/** Revocations that are stored: a session is known by the instance that has it alone. */
type StoredRevocation = Exclude<Revocation, { kind: 'session' }>;

interface RevocationRow {
  readonly subject: string;
  readonly issuedBefore: Date | null;
  readonly expiresAt: Date;
}

const [USER, TOKEN] = ['user:', 'token:'];

export type RevocationRepository = ReturnType<typeof createRevocationRepository>;

/** Revocations, written by message-persister and rooms-api, read by whoever verifies tokens. */
export function createRevocationRepository(sql: Sql) {
  return {
    /** One that is there goes on for as long as the longer of both, and means as many tokens as both. */
    async saveRevocation(revocation: StoredRevocation): Promise<void> {
      const { subject, issuedBefore, expiresAt } = rowOf(revocation);
      await sql.$executeRaw`
        INSERT INTO revocations (subject, issued_before, expires_at, stored_at)
        VALUES (${subject}, ${issuedBefore}, ${expiresAt}, now())
        ON CONFLICT (subject) DO UPDATE SET issued_before = greatest(revocations.issued_before, excluded.issued_before),
          expires_at = greatest(revocations.expires_at, excluded.expires_at), stored_at = now()`;
    },

    /**
     * Those that count at `now`, the newest first, at most `limit`; with `withinMs` those alone that were stored in the last so many
     * ms of Postgres's clock.
     */
    async listRevocations(now: Date, limit: number, withinMs?: number): Promise<readonly StoredRevocation[]> {
      const rows = await sql.$queryRaw<readonly RevocationRow[]>`
        SELECT subject, issued_before AS "issuedBefore", expires_at AS "expiresAt" FROM revocations
        WHERE expires_at > ${now}
          AND (${withinMs ?? null}::int IS NULL OR stored_at > now() - ${withinMs ?? null}::int * interval '1 ms')
        ORDER BY stored_at DESC LIMIT ${limit}`;
      return rows.flatMap((row) => revocationOfRow(row) ?? []);
    },

    /** Forgets up to `limit` that had expired by then; returns how many. */
    async removeExpired(now: Date, limit: number): Promise<number> {
      return sql.$executeRaw`
        DELETE FROM revocations WHERE subject IN (
          SELECT subject FROM revocations WHERE expires_at <= ${now} ORDER BY expires_at LIMIT ${limit} FOR UPDATE SKIP LOCKED
        )`;
    },
  };
}

function rowOf(revocation: StoredRevocation): RevocationRow {
  const expiresAt = new Date(revocation.expiresAt);
  return revocation.kind === 'user'
    ? { subject: `${USER}${revocation.userId}`, issuedBefore: new Date(revocation.issuedBefore), expiresAt }
    : { subject: `${TOKEN}${revocation.tokenId}`, issuedBefore: null, expiresAt };
}

function revocationOfRow({ subject, issuedBefore, expiresAt }: RevocationRow): StoredRevocation | null {
  const ends = { expiresAt: expiresAt.getTime() };
  if (subject.startsWith(TOKEN)) return { kind: 'token', tokenId: subject.slice(TOKEN.length), ...ends };
  const userId = subject.startsWith(USER) ? parseUserId(subject.slice(USER.length)) : null;
  return userId && { kind: 'user', userId, issuedBefore: issuedBefore?.getTime() ?? 0, ...ends };
}
