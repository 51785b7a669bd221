import { databaseNameOf, messageOf } from './words.ts';
import { migrateDatabase } from './migrate-database.ts';

const url = process.env['DATABASE_URL'];
if (url === undefined || !URL.canParse(url)) {
  process.stderr.write('migrate: DATABASE_URL must be the URL of a Postgres database\n');
  process.exit(78);
}
try {
  const { isNewDatabase, applied, further, hasRoles } = await migrateDatabase(url);
  if (isNewDatabase) process.stdout.write(`migrate: created database ${databaseNameOf(url)}\n`);
  for (const name of applied) process.stdout.write(`migrate: applied ${name}\n`);
  if (hasRoles) process.stdout.write('migrate: the roles of the apps have what they need\n');
  const state =
    further.length === 0 ? 'is up to date' : `is newer than this code, which takes it: it has ${further.join(', ')}`;
  process.stdout.write(`migrate: ${databaseNameOf(url)} ${state}\n`);
  process.exit(0);
} catch (error) {
  process.stderr.write(`migrate: ${databaseNameOf(url)} was not migrated: ${messageOf(error)}\n`);
  process.exit(1); // ends the engine's connection, and with it its lock
}
