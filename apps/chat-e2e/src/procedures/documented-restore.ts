import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const OPERATIONS = join(import.meta.dirname, '../../../../docs/operations.md');

/** The SQL of a block of docs/operations.md, statement by statement. */
export function documentedStatements(block: 'after-restore' | 'after-catch-up'): readonly string[] {
  const statements = blockOf(`sql ${block}`)
    .replaceAll(/^--.*$/gm, '')
    .split(/;$/m)
    .map((statement) => statement.trim());
  return statements.filter((statement) => statement !== '');
}

/** The consumer groups whose place the document says to forget. */
export function documentedGroups(): readonly string[] {
  return Array.from(
    blockOf('sh after-restore').matchAll(/--group "\$\{KAFKA_TOPIC_PREFIX\}(\S+)"/g),
    ([, group = '']) => group,
  );
}

function blockOf(info: string): string {
  const text = readFileSync(OPERATIONS, 'utf8').split(`\`\`\`${info}\n`)[1]?.split('```')[0];
  if (text === undefined) throw new Error(`docs/operations.md has no block ${info}`);
  return text;
}
