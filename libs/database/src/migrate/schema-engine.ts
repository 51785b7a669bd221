import { PrismaPg } from '@prisma/adapter-pg';
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';
import { SchemaEngine, type SchemasContainer } from '@prisma/schema-engine-wasm';
import type { PoolConfig } from 'pg';

/** Longest wait for a connection, in ms. */
const CONNECTION_TIMEOUT_MS = 5_000;
/** Longest that one migration file may take, in ms: an index over a large table takes minutes. */
export const SCRIPT_TIMEOUT_MS = 1_800_000;
/** Longest that a migration may wait for a table, in ms: whoever waits for a table stops all others behind it. */
const LOCK_TIMEOUT_MS = 10_000;

/**
 * Prisma's own adapter cuts scripts at every `;`, also inside functions and quotes, and leaves a failed file half applied.
 * Sent whole, a script is one implicit transaction of Postgres.
 */
class WholeScriptPrismaPg extends PrismaPg {
  /** What Postgres said of the script that failed last; the engine keeps it to itself. */
  scriptError: unknown = null;

  override async connect(): ReturnType<PrismaPg['connect']> {
    const adapter = await super.connect();
    adapter.executeScript = async (script) => {
      try {
        await adapter.underlyingDriver().query(script);
      } catch (error) {
        this.scriptError = error;
        throw error;
      }
    };
    return adapter;
  }
}

export interface OpenedSchemaEngine {
  readonly engine: SchemaEngine;
  /** An error of the engine in words that help: why it panicked, or what Postgres said of a migration. */
  explain(error: unknown): unknown;
}

/**
 * Prisma's migration engine on a database. It keeps its connection until the process ends, so this is for a short-lived
 * process; never for an app.
 */
export async function openSchemaEngine(databaseUrl: string, schema: SchemasContainer): Promise<OpenedSchemaEngine> {
  let panicReason = '';
  const registry = { set_message: (reason: string) => void (panicReason = reason) };
  Object.assign(globalThis, { PRISMA_WASM_PANIC_REGISTRY: registry }); // WebAssembly's own error says only "unreachable"
  const pool: PoolConfig = {
    connectionString: databaseUrl,
    max: 1, // the engine's lock belongs to a connection: with a second one it would not hold it
    connectionTimeoutMillis: CONNECTION_TIMEOUT_MS,
    statement_timeout: SCRIPT_TIMEOUT_MS,
    query_timeout: SCRIPT_TIMEOUT_MS,
    lock_timeout: LOCK_TIMEOUT_MS,
    application_name: 'chat-migrate',
  };
  const adapter = new WholeScriptPrismaPg(pool);
  const datamodels = schema.files.map(({ path, content }): [string, string] => [path, content]);
  const factory = bindMigrationAwareSqlAdapterFactory(adapter);
  return {
    engine: await SchemaEngine.new({ datamodels }, ignoreEngineLog, factory),
    explain: (error) => {
      if (panicReason !== '') return new Error(`the migration engine gave up: ${panicReason}`, { cause: error });
      const { scriptError } = adapter;
      return scriptError instanceof Error ? new Error(scriptError.message, { cause: error }) : error;
    },
  };
}

function ignoreEngineLog(): void {}
