import { PrismaPg } from '@prisma/adapter-pg';
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';
import { SchemaEngine, type SchemasContainer } from '@prisma/schema-engine-wasm';
import type { PoolConfig } from 'pg';

/** Longest wait for a connection, in ms. */
const CONNECTION_TIMEOUT_MS = 5_000;
/** Longest that one migration file may take, in ms: an index over a large table takes minutes. */
const SCRIPT_TIMEOUT_MS = 1_800_000;
/** Longest that a migration may wait for a table, in ms: whoever waits for a table stops all others behind it. */
const LOCK_TIMEOUT_MS = 10_000;

/**
 * Prisma's own adapter cuts scripts at every `;`, also inside functions and quotes, and leaves a failed file half applied.
 * Sent whole, a script is one implicit transaction of Postgres.
 */
class WholeScriptPrismaPg extends PrismaPg {
  override async connect(): ReturnType<PrismaPg['connect']> {
    const adapter = await super.connect();
    adapter.executeScript = async (script) => {
      await adapter.underlyingDriver().query(script);
    };
    return adapter;
  }
}

let panicReason = '';

/**
 * Prisma's migration engine on a database. It keeps its lock until the process ends, so this is for a short-lived process;
 * never for an app.
 */
export async function openSchemaEngine(databaseUrl: string, schema: SchemasContainer): Promise<SchemaEngine> {
  Object.assign(globalThis, { PRISMA_WASM_PANIC_REGISTRY: { set_message: rememberPanic } });
  const pool: PoolConfig = {
    connectionString: databaseUrl,
    max: 1, // the lock belongs to a connection: with a second one the engine would not hold it
    connectionTimeoutMillis: CONNECTION_TIMEOUT_MS,
    statement_timeout: SCRIPT_TIMEOUT_MS,
    query_timeout: SCRIPT_TIMEOUT_MS,
    lock_timeout: LOCK_TIMEOUT_MS,
    application_name: 'chat-migrate',
  };
  const factory = bindMigrationAwareSqlAdapterFactory(new WholeScriptPrismaPg(pool));
  const datamodels = schema.files.map(({ path, content }): [string, string] => [path, content]);
  return SchemaEngine.new({ datamodels }, ignoreEngineLog, factory);
}

/** Why the engine panicked, or an empty text; WebAssembly's own error says only "unreachable". */
export function enginePanicReason(): string {
  return panicReason;
}

function rememberPanic(reason: string): void {
  panicReason = reason;
}

function ignoreEngineLog(): void {}
