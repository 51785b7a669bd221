import { describe, expect, it } from 'vitest';
import { readMigrations } from './migration-files.ts';

/** Tables that grow with the use of the chat, which apps write to while their database is migrated. */
const LARGE_TABLE = /"(messages|memberships|receipt_marks|room_counters|sender_counters|reactions|reaction_counts)"/;
/** Those before it are released as they are. */
const FIRST_UNRELEASED = '20261130';

async function migrations(): Promise<readonly (readonly [name: string, statements: readonly string[]])[]> {
  return (await readMigrations()).migrationDirectories
    .filter(({ path }) => path >= FIRST_UNRELEASED)
    .map(({ path, migrationFile: { content } }) => [path, content.tag === 'ok' ? statementsOf(content.value) : []]);
}

/** Without comments and what functions hold. */
function statementsOf(sql: string): string[] {
  const bare = sql.replaceAll(/--.*$/gm, '').replaceAll(/\$\$.*?\$\$/gs, '$$$$');
  return bare.split(';').flatMap((statement) => statement.trim() || []);
}

const tableOf = (statement: string) =>
  /^(?:ALTER TABLE|UPDATE|CREATE (?:UNIQUE )?INDEX .*? ON|CREATE TABLE) ("\w+")/s.exec(statement)?.[1] ?? '';

describe('a migration beside running apps', () => {
  it('makes an index of a large table concurrently, in a file of its own', async () => {
    for (const [name, statements] of await migrations()) {
      const made = statements.filter((each) => each.startsWith('CREATE TABLE')).map(tableOf);
      const indexes = statements.filter((each) => /^CREATE (UNIQUE )?INDEX/.test(each));
      const large = indexes.filter((each) => LARGE_TABLE.test(tableOf(each)) && !made.includes(tableOf(each)));
      for (const index of large) {
        expect(index, name).toMatch(/^CREATE (UNIQUE )?INDEX CONCURRENTLY /);
        expect(statements, name).toHaveLength(1);
      }
    }
  });

  it('that shuts a large table shuts no other, and touches no row', async () => {
    const shut: string[] = [];
    for (const [name, statements] of await migrations()) {
      const altered = statements.filter((each) => each.startsWith('ALTER TABLE') && LARGE_TABLE.test(tableOf(each)));
      shut.push(...altered.map(tableOf));
      expect(altered.length, name).toBeLessThanOrEqual(1);
      expect(
        altered.filter((each) => /NOT NULL|CONSTRAINT| TYPE /.test(each)),
        name,
      ).toEqual([]);
      if (altered.length > 0)
        expect(
          statements.filter((each) => /^(UPDATE|DELETE|INSERT|DO)/.test(each)),
          name,
        ).toEqual([]);
    }
    expect(shut).toEqual(['"messages"', '"memberships"', '"receipt_marks"', '"messages"', '"sender_counters"']);
  });
});
