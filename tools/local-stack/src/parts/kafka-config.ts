/** Where one node of a cluster listens and keeps its log. */
export interface KafkaNode {
  readonly id: number;
  readonly port: number;
  readonly controllerPort: number;
  readonly logDir: string;
  /** Listeners besides the usual one; none unless given. */
  readonly links?: readonly KafkaLink[];
  /** Clients and brokers speak TLS, show a certificate and log in; in the clear and without a login unless given. */
  readonly security?: KafkaSecurity;
}

/** Paths of PEM files, and who may log in, by PLAIN and SCRAM. */
export interface KafkaSecurity {
  readonly keyStoreFile: string;
  readonly caFile: string;
  /** As whom brokers talk to each other. */
  readonly broker: { readonly username: string; readonly password: string };
  readonly users: readonly { readonly username: string; readonly password: string }[];
  /** Those of them who may do everything; others need an ACL for each thing. */
  readonly superUsers: readonly string[];
}

/** A listener whose clients are sent to another port, where a proxy passes on what comes. */
export interface KafkaLink {
  readonly name: string;
  readonly port: number;
  readonly advertisedPort: number;
}

/** What a node must know of the others, and of itself. */
export type KafkaVoter = Pick<KafkaNode, 'id' | 'controllerPort'>;

type Properties = Readonly<Record<string, string | number | boolean>>;

/**
 * `server.properties` of one node that is broker and controller (KRaft) in a cluster of these voters. Topics, offsets and
 * transactions have up to three replicas, two of which must have a record before it is acknowledged.
 */
export function kafkaProperties(node: KafkaNode, voters: readonly KafkaVoter[]): string {
  const replicas = Math.min(voters.length, 3);
  const minInsync = Math.min(replicas, 2);
  const properties: Properties = {
    'process.roles': 'broker,controller',
    'node.id': node.id,
    'controller.quorum.voters': voters.map(({ id, controllerPort }) => `${id}@127.0.0.1:${controllerPort}`).join(','),
    ...listeners(node),
    'log.dirs': node.logDir,
    'auto.create.topics.enable': false,
    'unclean.leader.election.enable': false,
    'default.replication.factor': replicas,
    'min.insync.replicas': minInsync,
    'offsets.topic.replication.factor': replicas,
    'offsets.topic.num.partitions': 4,
    'transaction.state.log.replication.factor': replicas,
    'transaction.state.log.min.isr': minInsync,
    'transaction.state.log.num.partitions': 4,
    // A dead gateway's open transaction blinds its partitions until it is cleaned up.
    'transaction.abort.timed.out.transaction.cleanup.interval.ms': 1000,
    'group.initial.rebalance.delay.ms': 0,
    // Room for many test topics with small files.
    'log.index.size.max.bytes': 65_536,
    'log.cleaner.dedupe.buffer.size': 16_777_216,
    'num.network.threads': 2,
    'num.io.threads': 4,
    ...(voters.length > 1 && QUICK_FAILOVER),
    ...(node.security && secured(node.security)),
  };
  return Object.entries(properties)
    .map(([name, value]) => `${name}=${String(value).replaceAll('\\', '\\\\')}\n`)
    .join('');
}

/** The partitions of a node that is killed have another leader a few seconds later; it need not be told apart from a slow one. */
const QUICK_FAILOVER: Properties = {
  'broker.heartbeat.interval.ms': 500,
  'broker.session.timeout.ms': 4_000,
  'replica.lag.time.max.ms': 4_000,
  'controller.quorum.fetch.timeout.ms': 2_000,
  'controller.quorum.election.timeout.ms': 1_000,
};

function secured({ keyStoreFile, caFile, broker, users, superUsers }: KafkaSecurity): Properties {
  const asBroker = `username="${broker.username}" password="${broker.password}"`;
  const known = users.map(({ username, password }) => ` user_${username}="${password}"`).join('');
  const module = (name: string) => `org.apache.kafka.common.security.${name}LoginModule required`;
  const jaas = (mechanism: string) => `listener.name.sasl_ssl.${mechanism}.sasl.jaas.config`;
  // Controllers talk to each other in the clear, on a listener of their own, as nobody.
  const trusted = [broker.username, ...superUsers, 'ANONYMOUS'];
  return {
    'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    'super.users': trusted.map((name) => `User:${name}`).join(';'),
    'ssl.keystore.type': 'PEM',
    'ssl.keystore.location': keyStoreFile,
    'ssl.truststore.type': 'PEM',
    'ssl.truststore.location': caFile,
    'listener.name.sasl_ssl.ssl.client.auth': 'required', // without the listener's name it is passed over where SASL is
    'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512',
    'sasl.mechanism.inter.broker.protocol': 'SCRAM-SHA-512',
    [jaas('plain')]: `${module('plain.Plain')} ${asBroker}${known};`,
    [jaas('scram-sha-256')]: `${module('scram.Scram')};`,
    [jaas('scram-sha-512')]: `${module('scram.Scram')} ${asBroker};`,
  };
}

function listeners({ port, controllerPort, links = [], security }: KafkaNode): Properties {
  if (security !== undefined) return securedListeners(port, controllerPort);
  const own = [{ name: 'PLAINTEXT', port, advertisedPort: port }, ...links];
  const controller = { name: 'CONTROLLER', port: controllerPort };
  const all = [...own, controller];
  return {
    'controller.listener.names': controller.name,
    'inter.broker.listener.name': 'PLAINTEXT',
    'listener.security.protocol.map': all.map(({ name }) => `${listenerName(name)}:PLAINTEXT`).join(','),
    listeners: all.map((one) => `${listenerName(one.name)}://127.0.0.1:${one.port}`).join(','),
    'advertised.listeners': own.map((one) => `${listenerName(one.name)}://127.0.0.1:${one.advertisedPort}`).join(','),
  };
}

function securedListeners(port: number, controllerPort: number): Properties {
  return {
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'SASL_SSL',
    'listener.security.protocol.map': 'SASL_SSL:SASL_SSL,CONTROLLER:PLAINTEXT',
    listeners: `SASL_SSL://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    'advertised.listeners': `SASL_SSL://localhost:${port}`, // a certificate is for a name
  };
}

/** The broker writes listener names in capitals. */
function listenerName(name: string): string {
  return name.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_');
}

/** The major version in what `java -version` prints, or null: 17 in `openjdk version "17.0.15"`, 8 in `"1.8.0_402"`. */
export function javaMajorVersion(output: string): number | null {
  const match = /version "(?:1\.)?(\d+)/.exec(output);
  return match ? Number(match[1]) : null;
}
