import { randomBytes } from 'node:crypto';
import { chown, copyFile, mkdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { connect } from 'node:tls';
import { readFileSync } from 'node:fs';
import { readConfig, type LocalConfig } from '../config.ts';
import { migrate } from '../migrate.ts';
import type { KafkaNode } from '../parts/kafka-config.ts';
import { answersApiVersions, formatKafkaNodes, prepareKafkaNode } from '../parts/kafka.ts';
import { findPartPrograms } from '../parts/part-programs.ts';
import { startProgram, throwawayContext, type PartContext } from '../parts/part.ts';
import type { PostgresHome } from '../parts/postgres-home.ts';
import { createDatabaseBeside, DATABASE, preparePostgres, WITHOUT_FSYNC } from '../parts/postgres.ts';
import { answersPing, prepareRedis } from '../parts/redis.ts';
import { findOrInstall, OPENSSL } from '../parts/system-program.ts';
import { endLeftovers } from '../processes/run-ledger.ts';
import { Run } from '../processes/run.ts';
import { makeCertificates, type Certificates } from './certificates.ts';

const HOST = 'localhost';

export interface SecuredPartsOptions {
  /** Of this process. */
  readonly env: NodeJS.ProcessEnv;
  /** Rules of the Redis users besides their passwords, by their names. */
  readonly redisUsers: Readonly<Record<string, readonly string[]>>;
  /** Who may log in at Kafka, and do nothing there until an ACL says so. */
  readonly kafkaUsers: readonly string[];
}

/** Who may log in, and with which password. */
export interface Login {
  readonly username: string;
  readonly password: string;
}

/**
 * Parts that speak TLS alone and let nobody in without a login: Kafka asks for a client's certificate too, and has an authorizer;
 * Redis has an ACL, Postgres takes no plain connection but that of its administrator. On free ports, with data that is thrown away.
 */
export interface SecuredParts {
  /** `localhost:port`, the password of all users, by PLAIN, SCRAM-SHA-256 and SCRAM-SHA-512, and who of them may do everything. */
  readonly kafka: { readonly brokers: string; readonly password: string; readonly superUser: string };
  /** `localhost:port`, and the password of all users. */
  readonly redis: { readonly address: string; readonly password: string };
  /** URLs of the database: its administrator's, in the clear, and that of a login over TLS. */
  readonly postgres: { readonly adminUrl: string; urlOf(login: Login, caFile?: string): string };
  readonly certificates: Certificates;
  /** Of somebody whom these parts do not know. */
  readonly strangers: Certificates;
  /** Brings the database up to date as this login. */
  migrateAs(login: Login): Promise<void>;
  close(): Promise<void>;
}

/** Opens them; when it rejects nothing is left behind, nor when this process is killed. */
export async function openSecuredParts({ env, ...users }: SecuredPartsOptions): Promise<SecuredParts> {
  const config = readConfig(env);
  const runsDir = join(config.localDir, 'runs');
  await endLeftovers(runsDir);
  const run = new Run({ runsDir, env: config.testEnv });
  const context = throwawayContext({
    run,
    folder: join(config.localDir, `secured-${run.id}`),
    config,
    say: () => undefined,
  });
  try {
    return { ...(await openAll(context, config, users)), close: () => run.close() };
  } catch (error) {
    await run.close();
    throw error;
  }
}

async function openAll(
  context: PartContext,
  config: LocalConfig,
  { redisUsers, kafkaUsers }: Omit<SecuredPartsOptions, 'env'>,
): Promise<Omit<SecuredParts, 'close'>> {
  const { run, dataDir } = context;
  const programs = await findPartPrograms(context, ['redis', 'kafka'], config);
  const found = await findOrInstall([OPENSSL], { ...config, run, say: context.say });
  const openssl = found.get(OPENSSL.command) ?? OPENSSL.command;
  const [certificates, strangers] = await Promise.all([
    makeCertificates(run, openssl, join(dataDir, 'certificates')),
    makeCertificates(run, openssl, join(dataDir, 'strangers')),
  ]);
  const [kafka, redis, postgres] = await Promise.all([
    programs.kafka().then((found) => openKafka(context, found, { certificates, users: kafkaUsers })),
    openRedis(context, programs.redisServer, certificates, redisUsers),
    openPostgres(context, config, certificates),
  ]);
  const migrateAs = (login: Login) => migrate(run, config.rootDir, postgres.urlOf(login));
  return { kafka, redis, postgres, certificates, strangers, migrateAs };
}

async function openKafka(
  context: PartContext,
  kafka: Parameters<typeof prepareKafkaNode>[1],
  { certificates, users }: { readonly certificates: Certificates; readonly users: readonly string[] },
): Promise<SecuredParts['kafka']> {
  const [superUser, password] = ['operator', newPassword()];
  const security = {
    ...certificates,
    broker: { username: 'broker', password: newPassword() },
    users: [superUser, ...users].map((username) => ({ username, password })),
    superUsers: [superUser],
  };
  const [logDir = ''] = await formatKafkaNodes(context, kafka, ['kafka'], security);
  const [port, controllerPort] = [await context.ports.take(), await context.ports.take()];
  const node: KafkaNode = { id: 1, port, controllerPort, logDir, security };
  const program = await prepareKafkaNode(context, kafka, node, [node]);
  const isReady = () =>
    answersApiVersions(HOST, port, (listener) => connect({ ...tlsOf(certificates), port }, listener));
  await startProgram(context, { ...program, isReady });
  return { brokers: `${HOST}:${port}`, password, superUser };
}

async function openRedis(
  context: PartContext,
  command: string,
  certificates: Certificates,
  users: SecuredPartsOptions['redisUsers'],
): Promise<SecuredParts['redis']> {
  const password = newPassword();
  const aclFile = join(context.dataDir, 'redis.acl');
  const lines = Object.entries(users).map(([name, rules]) => `user ${name} on ${rules.join(' ')} >${password}\n`);
  await mkdir(context.dataDir, { recursive: true });
  await writeFile(aclFile, `user default off\n${lines.join('')}`, { mode: 0o600 });
  const { caFile, certFile, keyFile } = certificates;
  const files = ['--tls-ca-cert-file', caFile, '--tls-cert-file', certFile, '--tls-key-file', keyFile];
  const { program, port } = await prepareRedis(context, command, (free) => [
    ...['--port', '0', '--tls-port', String(free), '--tls-auth-clients', 'no'],
    ...[...files, '--aclfile', aclFile],
  ]);
  const isReady = () => answersPing(HOST, port, (listener) => connect({ ...tlsOf(certificates), port }, listener));
  await startProgram(context, { ...program, isReady });
  return { address: `${HOST}:${port}`, password };
}

async function openPostgres(
  context: PartContext,
  { isRoot }: LocalConfig,
  certificates: Certificates,
): Promise<SecuredParts['postgres']> {
  const { program, serverUrl } = await preparePostgres(context, isRoot, async (home) => [
    ...WITHOUT_FSYNC,
    ...(await securedSettings(home, certificates)),
  ]);
  await startProgram(context, program);
  const adminUrl = await createDatabaseBeside(serverUrl, DATABASE);
  const urlOf = ({ username, password }: Login, caFile = certificates.caFile) => {
    const url = new URL(adminUrl);
    Object.assign(url, { hostname: HOST, username, password, search: '' });
    url.searchParams.set('sslmode', 'verify-full');
    url.searchParams.set('sslrootcert', caFile);
    return url.href;
  };
  return { adminUrl, urlOf };
}

/** Its key may be read by nobody but the server. */
async function securedSettings({ parentDir, runAs }: PostgresHome, { certFile, keyFile }: Certificates) {
  const copies = [certFile, keyFile].map((file) => join(parentDir, basename(file)));
  const hbaFile = join(parentDir, 'pg_hba.conf');
  await Promise.all([certFile, keyFile].map((file, index) => copyFile(file, copies[index] ?? '')));
  await writeFile(hbaFile, 'host all postgres samehost scram-sha-256\nhostssl all all samehost scram-sha-256\n');
  for (const file of [...copies, hbaFile]) if (runAs) await chown(file, runAs.uid, runAs.gid);
  return ['ssl=on', `ssl_cert_file=${copies[0]}`, `ssl_key_file=${copies[1]}`, `hba_file=${hbaFile}`];
}

function tlsOf({ caFile, certFile, keyFile }: Certificates) {
  const [ca, cert, key] = [caFile, certFile, keyFile].map((file) => readFileSync(file));
  return { host: HOST, servername: HOST, ca, cert, key };
}

/** Of characters that need no quotes anywhere; said nowhere but here. */
function newPassword(): string {
  return `secret-${randomBytes(12).toString('hex')}`;
}
