import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { monitoringFiles, runbooks } from '@chat/monitoring';
import { asyncDocument, type AsyncTables } from './async/async-document.ts';
import { withClauses, type ClauseTopic } from './clause-tables.ts';
import { withConfigTable, type SettingRow } from './config-table.ts';
import { dtoContracts, recordContracts, type ContractSchema } from './contracts/contract-schemas.ts';
import { jsonText } from './contracts/json-text.ts';
import { withAllDocs, withDocs } from './docs-section.ts';
import { withMetrics, type MetricRow } from './metric-tables.ts';
import { withProtocolTables, type ProtocolTables } from './protocol-tables.ts';
import { describedDocument, restTypes, type RestDocument } from './rest-documents.ts';
import { withErrors, withKafkaTables, withLimits, type RestTables } from './reference-tables.ts';

const ROOT = join(import.meta.dirname, '../../..');
const APPS = ['rooms-api', 'ws-gateway', 'presence-worker', 'message-persister'];
const isCheck = process.argv.includes('--check');

const protocol = printed<ProtocolTables & AsyncTables>('apps/ws-gateway/src/describe-protocol.ts');
const rest = printed<Record<'public' | 'internal', RestDocument> & RestTables>('apps/rooms-api/src/describe-rest.ts');
const publicRest = describedDocument(rest.public);
const typesOfRest = await restTypes(publicRest);

/** Path of each document that takes something from the code → what it should be. */
const DOCUMENTS: Readonly<Record<string, (document: string) => string>> = {
  ...Object.fromEntries(
    APPS.map((app) => [
      `apps/${app}/README.md`,
      (readme: string) =>
        withConfigTable(readme, printed<SettingRow[]>(`apps/${app}/dist/main.js`, '--describe-config')),
    ]),
  ),
  'docs/stomp.md': (document) =>
    withClauses(
      withProtocolTables(document, protocol),
      printed<ClauseTopic[]>('apps/chat-e2e/src/conformance/describe-clauses.ts'),
    ),
  'docs/asyncapi.json': () => jsonText(asyncDocument(protocol)),
  'docs/openapi.json': () => jsonText(publicRest),
  'docs/openapi-internal.json': () => jsonText(describedDocument(rest.internal)),
  'libs/client/src/rest/openapi.ts': () => typesOfRest,
  'docs/errors.md': (document) => withErrors(document, rest, protocol),
  'docs/limits.md': (document) => withLimits(document, rest),
  'docs/kafka.md': withKafkaTables,
  'docs/scaling.md': (document) =>
    withAllDocs(document, printed<Record<string, string>>('tools/bench/src/scaling/describe-scaling.ts')),
  'docs/metrics.md': (document) =>
    withMetrics(
      document,
      Object.fromEntries(
        APPS.map((app) => [app, printed<MetricRow[]>(`apps/${app}/dist/main.js`, '--describe-metrics')]),
      ),
    ),
  'docs/operations.md': (document) => withDocs(document, 'alerts', runbooks()),
  ...Object.fromEntries(Object.entries(monitoringFiles()).map(([path, text]) => [path, () => text])),
  'docs/spring-cloud.md': (document) =>
    withAllDocs(document, {
      'application.yml': yamlBlock('tools/spring-cloud/config/application.yml'),
      'api-gateway': yamlBlock('tools/spring-cloud/servers/api-gateway/src/main/resources/application.yml'),
    }),
  ...schemaFiles('libs/dto', dtoContracts()),
  ...schemaFiles('libs/kafka-contracts', recordContracts()),
};

/** Writes them; with `--check` it only says what is out of date and exits 1. */
const outdated = Object.entries(DOCUMENTS).filter(([path, written]) => {
  const file = join(ROOT, path);
  const document = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const current = written(document);
  if (current === document) return false;
  if (!isCheck) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, current);
  }
  return true;
});

for (const [path] of outdated) console.log(`${path} ${isCheck ? 'is out of date: npm run docs' : 'written'}`);
process.exitCode = isCheck && outdated.length > 0 ? 1 : 0;

/** The JSON that a program of ours prints: of a built app, or of a table in its sources. */
function printed<Printed>(program: string, ...args: readonly string[]): Printed {
  const command = ['--conditions=@chat/source', join(ROOT, program), ...args];
  const text = execFileSync(process.execPath, command, { encoding: 'utf8', timeout: 20_000 });
  return JSON.parse(text) as Printed; // printed by our own code
}

/** A file of the repository as a block of a document. */
function yamlBlock(path: string): string {
  return `\`\`\`yaml\n${readFileSync(join(ROOT, path), 'utf8').trimEnd()}\n\`\`\``;
}

/** Written as a whole. */
function schemaFiles(folder: string, contracts: readonly ContractSchema[]): Record<string, () => string> {
  return Object.fromEntries(
    contracts.map(({ name, schema }) => [`${folder}/schemas/${name}.schema.json`, () => jsonText(schema)]),
  );
}
