import { asUserId, type UserId } from '@chat/dto';
import type { Sql } from '../connection.ts';

/** A durable command: `command` is its JSON text as it lay in the log, `logOffset` orders those of one target. */
export interface KeptCommand {
  readonly target: string;
  readonly commandId: string;
  readonly command: string;
  readonly logOffset: number;
  readonly expiresAt: Date;
}

/** How many are kept; the oldest go first. */
export interface KeptCommandBounds {
  readonly perUser: number;
  /** Of all targets that are no user together. */
  readonly shared: number;
}

type KeptRow = Omit<KeptCommand, 'logOffset'> & { readonly logOffset: bigint };

const USER_TARGET = 'user:';

export type KeptCommandRepository = ReturnType<typeof createKeptCommandRepository>;

/** Durable commands, written by message-persister, delivered by gateways; raw SQL for its conditions in one statement each. */
export function createKeptCommandRepository(sql: Sql) {
  return {
    /** Keeps them; one that was delivered before, or is there, stays as it is. */
    async keepCommands(commands: readonly KeptCommand[], { perUser, shared }: KeptCommandBounds): Promise<void> {
      for (const { target, commandId, command, logOffset, expiresAt } of commands) {
        await sql.$executeRaw`
          INSERT INTO kept_commands (target, command_id, command, log_offset, expires_at)
          VALUES (${target}, ${commandId}, ${command}, ${BigInt(logOffset)}, ${expiresAt})
          ON CONFLICT (target, command_id) DO NOTHING`;
      }
      const targets = commands.map(({ target }) => target).filter((target) => target.startsWith(USER_TARGET));
      await sql.$executeRaw`
        DELETE FROM kept_commands AS k USING (
          SELECT target, command_id, row_number() OVER (PARTITION BY target ORDER BY log_offset DESC) AS place
          FROM kept_commands WHERE target = ANY(${targets}::text[]) AND delivered_at IS NULL
        ) AS newest
        WHERE k.target = newest.target AND k.command_id = newest.command_id AND newest.place > ${perUser}`;
      if (targets.length === commands.length) return;
      await sql.$executeRaw`
        DELETE FROM kept_commands AS k USING (
          SELECT target, command_id, row_number() OVER (ORDER BY expires_at DESC) AS place
          FROM kept_commands WHERE target NOT LIKE 'user:%'
        ) AS longest
        WHERE k.target = longest.target AND k.command_id = longest.command_id AND longest.place > ${shared}`;
    },

    /** What is kept for no user in particular and has not expired, first what expires first; of more than `limit` the others. */
    async listShared(now: Date, limit: number): Promise<readonly KeptCommand[]> {
      const rows = await sql.$queryRaw<readonly KeptRow[]>`
        SELECT target, command_id AS "commandId", command, log_offset AS "logOffset", expires_at AS "expiresAt"
        FROM kept_commands WHERE target NOT LIKE 'user:%' AND command IS NOT NULL AND expires_at > ${now}
        ORDER BY expires_at DESC, log_offset DESC LIMIT ${limit}`;
      return rows.map(keptOf).reverse();
    },

    /** What waits for each of these users and has not expired, oldest first; of more than `perUser` the newest. */
    async listOfUsers(
      userIds: readonly UserId[],
      now: Date,
      perUser: number,
    ): Promise<ReadonlyMap<UserId, readonly KeptCommand[]>> {
      const targets = [...new Set(userIds)].map(targetOf);
      const rows = await sql.$queryRaw<readonly KeptRow[]>`
        SELECT waiting.* FROM unnest(${targets}::text[]) AS asked (target) CROSS JOIN LATERAL (
          SELECT target, command_id AS "commandId", command, log_offset AS "logOffset", expires_at AS "expiresAt"
          FROM kept_commands WHERE target = asked.target AND delivered_at IS NULL AND expires_at > ${now}
          ORDER BY log_offset DESC LIMIT ${perUser}
        ) AS waiting ORDER BY "logOffset"`;
      return Map.groupBy(rows.map(keptOf), ({ target }) => asUserId(Number(target.slice(USER_TARGET.length))));
    },

    /** Those of these commands that the user has got. */
    async listDelivered(userId: UserId, commandIds: readonly string[]): Promise<readonly string[]> {
      const rows = await sql.$queryRaw<readonly { readonly commandId: string }[]>`
        SELECT command_id AS "commandId" FROM kept_commands
        WHERE target = ${targetOf(userId)} AND command_id = ANY(${commandIds}::text[]) AND delivered_at IS NOT NULL`;
      return rows.map(({ commandId }) => commandId);
    },

    /** The user has got it, which is known until `expiresAt`; also where it is not kept yet, so that it never is. */
    async markDelivered(
      { target, commandId, expiresAt }: Omit<KeptCommand, 'command' | 'logOffset'>,
      at: Date,
    ): Promise<void> {
      await sql.$executeRaw`
        INSERT INTO kept_commands (target, command_id, log_offset, expires_at, delivered_at)
        VALUES (${target}, ${commandId}, 0, ${expiresAt}, ${at})
        ON CONFLICT (target, command_id) DO UPDATE SET delivered_at = coalesce(kept_commands.delivered_at, ${at}),
          expires_at = least(kept_commands.expires_at, excluded.expires_at), command = NULL`;
    },

    /** Forgets up to `limit` that had expired by then, beside others who do so; returns how many. */
    async removeExpired(now: Date, limit: number): Promise<number> {
      return sql.$executeRaw`
        DELETE FROM kept_commands WHERE (target, command_id) IN (
          SELECT target, command_id FROM kept_commands WHERE expires_at <= ${now} ORDER BY expires_at LIMIT ${limit}
          FOR UPDATE SKIP LOCKED
        )`;
    },
  };
}

function targetOf(userId: UserId): string {
  return `${USER_TARGET}${userId}`;
}

function keptOf(row: KeptRow): KeptCommand {
  return { ...row, logOffset: Number(row.logOffset) };
}
