import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Redis } from 'ioredis';
import { Client } from 'pg';
import { appOf } from './app-instances.ts';

const LIBS_DIR = join(import.meta.dirname, '../../../../libs');
export const DATABASE_APPS = ['rooms-api', 'ws-gateway', 'presence-worker', 'message-persister'] as const;
export type DatabaseApp = (typeof DATABASE_APPS)[number];

/** What makes the roles of a server, and what gives them their rights in a database. */
export const ROLES_SQL = readFileSync(join(LIBS_DIR, 'database/prisma/roles.sql'), 'utf8');
const GRANTS_SQL = readFileSync(join(LIBS_DIR, 'database/prisma/grants.sql'), 'utf8');

/** The rules of Redis for each app that uses it, without a password. */
export const REDIS_RULES: ReadonlyMap<string, readonly string[]> = new Map(
  readFileSync(join(LIBS_DIR, 'redis/users.acl'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => {
      const [, name = '', rules = ''] = /^user (\S+) on (.*)$/.exec(line) ?? [];
      return [name, rules.match(/\([^)]*\)|\S+/g) ?? []] as const; // what is in brackets is one rule
    }),
);

/** The role of an app, which its login is to be in. */
export const roleOf = (app: string): string => `chat_${app.replaceAll('-', '_')}`;

/** How the apps log in: each as somebody who may do what that app needs, and no more. */
export interface AppLogins {
  /** What goes into the environment of an instance. */
  envOf(instance: string): Readonly<Record<string, string>>;
  /** Of all of them; no log may hold it. */
  readonly password: string;
  /** Removes the logins of Redis, and then those of the database, which must be gone by then. */
  cleanUp(): Promise<void>;
}

export interface LoginPlaces {
  /** Of somebody who may make roles; the database of the apps. */
  readonly databaseUrl: string;
  /** The way of the apps to it, where it is another. */
  readonly appDatabaseUrl?: string;
  readonly redis: Redis;
  readonly appRedisUrl: string;
}

/** Makes a login for each app, in the database by a role of `roles.sql` and in Redis by the rules of `users.acl`. */
export async function createAppLogins(places: LoginPlaces): Promise<AppLogins> {
  const suffix = randomBytes(4).toString('hex');
  const password = randomBytes(16).toString('hex');
  const nameOf = (app: string) => `${app.replaceAll('-', '_')}_${suffix}`;
  await withAdministrator(places.databaseUrl, async (client) => {
    await client.query(ROLES_SQL);
    await client.query(GRANTS_SQL);
    for (const app of DATABASE_APPS) {
      await client.query(`CREATE ROLE "${nameOf(app)}" LOGIN PASSWORD '${password}' IN ROLE ${roleOf(app)}`);
    }
  });
  for (const [app, rules] of REDIS_RULES) {
    await places.redis.call('ACL', 'SETUSER', nameOf(app), 'on', ...rules, `>${password}`);
  }
  const urls = { DATABASE_URL: places.appDatabaseUrl ?? places.databaseUrl, REDIS_URL: places.appRedisUrl };
  return {
    envOf: (instance) => {
      const as = { username: nameOf(appOf(instance)), password };
      const needsRedis = REDIS_RULES.has(appOf(instance));
      return {
        DATABASE_URL: Object.assign(new URL(urls.DATABASE_URL), as).href,
        ...(needsRedis && { REDIS_URL: Object.assign(new URL(urls.REDIS_URL), as).href }),
      };
    },
    password,
    cleanUp: async () => {
      for (const app of REDIS_RULES.keys()) await places.redis.call('ACL', 'DELUSER', nameOf(app));
      await withAdministrator(withDatabase(places.databaseUrl, 'postgres'), async (client) => {
        for (const app of DATABASE_APPS) await client.query(`DROP ROLE IF EXISTS "${nameOf(app)}"`);
      });
    },
  };
}

function withDatabase(url: string, name: string): string {
  return Object.assign(new URL(url), { pathname: `/${name}` }).href;
}

async function withAdministrator(url: string, work: (client: Client) => Promise<void>): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
