import type { HistoryVerdict, PostgresSight } from '@chat/database/inspection';
import { findingsOf, type Finding } from './finding.ts';

const postgres = findingsOf('postgres');

const MIGRATE =
  'npm run migrate -w @chat/database, with DATABASE_URL set; in an image: node /app/libs/database/dist/migrate/main.js';
/** Share of its connections from which a Postgres is nearly full. */
const NEARLY_FULL = 0.9;

export interface PostgresSituation {
  readonly sight: PostgresSight;
  /** What the migrate command would do. */
  readonly verdict: HistoryVerdict;
  /** Why the apps refuse the schema; null where they take it. */
  readonly refusal: string | null;
}

/** What the database is like, judged by the apps' own check and by the migrate command. */
export function judgePostgres({ sight, verdict, refusal }: PostgresSituation): readonly Finding[] {
  return [...judgeServer(sight), judgeSchema(verdict, refusal)];
}

function judgeServer({ version, isReadOnly, connections, maxConnections }: PostgresSight): readonly Finding[] {
  const findings = [postgres.ok(`version ${version} answers, ${connections} of ${maxConnections} connections in use`)];
  if (isReadOnly) {
    findings.push(postgres.error('it takes no writes', 'Name the primary in DATABASE_URL.'));
  }
  if (connections > NEARLY_FULL * maxConnections) {
    findings.push(
      postgres.warning(
        `${connections} of ${maxConnections} connections are in use: soon one more app is refused`,
        'Raise max_connections, or lower DATABASE_POOL_MAX of the apps.',
      ),
    );
  }
  return findings;
}

function judgeSchema(verdict: HistoryVerdict, refusal: string | null): Finding {
  const level = refusal === null ? 'warning' : 'error';
  if (verdict.kind === 'REFUSED') {
    return postgres[level](
      `its migrations cannot go on: ${verdict.reason}`,
      refusal === null
        ? 'Use the tools of the code that migrated it.'
        : 'Mend what the sentence says, then migrate again.',
    );
  }
  if (verdict.kind === 'NEWER' && refusal === null) {
    return postgres.ok(`newer code has migrated it further: ${verdict.further.join(', ')}`);
  }
  if (verdict.kind === 'BEHIND') {
    return postgres.error(`it lacks ${verdict.missing.length} migration(s): ${verdict.missing.join(', ')}`, MIGRATE);
  }
  if (refusal !== null) return postgres.error(`the apps refuse it: ${refusal}`, MIGRATE);
  return postgres.ok('all migrations are applied');
}
