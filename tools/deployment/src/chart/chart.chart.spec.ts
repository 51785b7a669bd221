import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  APPS,
  configProblem,
  readRepositoryFile,
  settingsOfApps,
  strongSecret,
  variableProblems,
  type AppName,
  type SettingsOfApps,
} from '../repository.ts';
import { KUBERNETES_VERSIONS } from '../tools.ts';
import {
  conform,
  LEAST,
  lint,
  lintDockerfile,
  loadCompose,
  manifests,
  render,
  type Container,
  type Manifest,
  type PodTemplate,
} from './rendered-chart.ts';

/** Everything that can be switched on. */
const ALL = {
  ...LEAST,
  kafka: { ...LEAST.kafka, topicPrefix: 'live.', topicLayout: 'room-events:6', chatMessagesPartitions: 24 },
  redis: { keyPrefix: 'live:' },
  image: { pullSecrets: [{ name: 'registry' }] },
  podAnnotations: { 'sidecar.istio.io/inject': 'false' },
  nodeSelector: { pool: 'chat' },
  tolerations: [{ key: 'chat', operator: 'Exists' }],
  extraVolumes: [{ name: 'tls', secret: { secretName: 'tls' } }],
  extraVolumeMounts: [{ name: 'tls', mountPath: '/tls', readOnly: true }],
  settings: { LOG_LEVEL: 'warn' },
  roomsApi: { settings: { INVITATION_LIFE_MS: 1209600000 } },
  messagePersister: { existingSecret: 'chat-persister', keda: { enabled: true, authentication: 'kafka' } },
  networkPolicy: { publicFrom: [{ namespaceSelector: {} }] },
  serviceMonitor: { enabled: true, labels: { release: 'prometheus' } },
  ingress: { enabled: true, host: 'chat.example', className: 'nginx', controller: 'nginx', tlsSecret: 'chat-tls' },
};
/** What a Secret of the chart's user could hold. */
const SECRET: Readonly<Record<string, string>> = {
  DATABASE_URL: 'postgresql://chat@postgres/chat',
  REDIS_URL: 'rediss://redis:6379',
  JWT_SECRET: strongSecret(),
  GATEWAY_SIGNATURE_KEYS: `one:${strongSecret()}`,
};

let folder: string;
let settings: SettingsOfApps;
let least: Manifest[];
let all: Manifest[];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'chat-chart-'));
  [settings, least, all] = await Promise.all([settingsOfApps(), manifests(LEAST), manifests(ALL)]);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const ofKind = (from: readonly Manifest[], kind: string) => from.filter((manifest) => manifest.kind === kind);
const named = (from: readonly Manifest[], kind: string, name: string): Manifest => {
  const found = from.find((manifest) => manifest.kind === kind && manifest.metadata.name === name);
  if (found === undefined) throw new Error(`the chart makes no ${kind} ${name}`);
  return found;
};
const podOf = (from: readonly Manifest[], app: string): PodTemplate => {
  const { template } = named(from, app === 'migrate' ? 'Job' : 'Deployment', `chat-${app}`).spec;
  if (template === undefined) throw new Error(`${app} has no pod`);
  return template;
};
const containerOf = (from: readonly Manifest[], app: string): Container => podOf(from, app).spec.containers[0];

/** What an app finds in its environment, with the Secret there. */
function environmentOf({ env }: Container): Record<string, string> {
  return Object.fromEntries(
    env.map(({ name, value, valueFrom }) => [name, value ?? SECRET[valueFrom?.secretKeyRef?.key ?? ''] ?? 'a pod']),
  );
}

const refusal = (values: object) =>
  render({ ...LEAST, ...values }).then(
    () => null,
    (error: Error) => error.message,
  );

describe('the chart', () => {
  it.each(
    KUBERNETES_VERSIONS.flatMap((version) => [[version, 'least', LEAST] as const, [version, 'all', ALL] as const]),
  )('makes manifests that Kubernetes %s knows, with the %s values', async (version, name, values) => {
    const file = join(folder, `${version}-${name}.yaml`);
    writeFileSync(file, await render(values, version));
    expect(await conform(file, version)).toMatch(/Valid: [1-9]\d*, Invalid: 0, Errors: 0, Skipped: 0/);
  });

  it('would be refused with a property that no schema names, also of custom resources', async () => {
    const file = join(folder, 'mistyped.yaml');
    writeFileSync(
      file,
      (await render(ALL)).replaceAll('maxSurge:', 'maxSurges:').replace('pollingInterval:', 'pollInterval:'),
    );
    await expect(conform(file, '1.37.0')).rejects.toThrow(
      /maxSurges.* not allowed[^]*pollInterval.* not allowed|pollInterval[^]*maxSurges/,
    );
  });

  it('has no remark of helm lint', async () => {
    expect(await lint(LEAST)).toContain('0 chart(s) failed');
  });

  it.each([
    ['no name of a Secret', { existingSecret: '' }, 'existingSecret is required'],
    ['no brokers', { kafka: {} }, 'kafka.brokers is required'],
    ['a value that it does not know', { wsGateway: { replica: 3 } }, 'replica'],
    ['a secret among the settings', { roomsApi: { settings: { JWT_SECRET: 'x' } } }, 'JWT_SECRET'],
    ['too little time to drain', { drain: { graceSeconds: 29 } }, 'drain.graceSeconds (29) must be at least'],
    [
      'more persisters than partitions',
      { messagePersister: { replicas: 13 } },
      'must not be above kafka.chatMessagesPartitions',
    ],
    [
      'another number of partitions beside its own',
      { kafka: { ...LEAST.kafka, topicLayout: 'chat-messages:3' } },
      'topicLayout',
    ],
  ])('refuses %s', async (_, values, sentence) => {
    expect(await refusal(values)).toContain(sentence);
  });

  it('has a part for each app, and a migration before all of them', () => {
    expect(
      ofKind(least, 'Deployment')
        .map(({ metadata }) => metadata.name)
        .sort(),
    ).toEqual(APPS.map((app) => `chat-${app}`).sort());
    expect(named(least, 'Job', 'chat-migrate').metadata.annotations).toMatchObject({
      'helm.sh/hook': 'pre-install,pre-upgrade',
    });
    expect(containerOf(least, 'migrate').command?.at(-1)).toBe('/app/libs/database/dist/migrate/main.js');
    expect(environmentOf(containerOf(least, 'migrate'))).toEqual({ DATABASE_URL: SECRET['DATABASE_URL'] });
  });

  it('has appVersion of this build, and takes another image for one app', async () => {
    const version = /APP_VERSION = '(.*)'/.exec(readRepositoryFile('libs/service-kit/src/run-app.ts'))?.[1];
    expect(containerOf(least, 'rooms-api').image).toBe(`chat-service/rooms-api:${version}`);
    const ahead = await manifests({ ...LEAST, messagePersister: { image: { tag: '9.9.9' } } });
    expect([containerOf(ahead, 'message-persister').image, containerOf(ahead, 'ws-gateway').image]).toEqual([
      'chat-service/message-persister:9.9.9',
      `chat-service/ws-gateway:${version}`,
    ]);
  });
});

describe.each(APPS.map((app) => [app]))('%s in the chart', (app: AppName) => {
  it.each(['least', 'all'])(
    'has variables that it knows, all that it needs, and values that it takes (%s)',
    async (name) => {
      const environment = environmentOf(containerOf(name === 'least' ? least : all, app));
      expect(variableProblems(settings[app], Object.keys(environment))).toEqual([]);
      expect(await configProblem(app, environment)).toBeNull();
    },
  );

  it('takes what could be a secret from the Secret alone', () => {
    const given = containerOf(least, app)
      .env.filter(({ value }) => value !== undefined)
      .map(({ name }) => name);
    expect(given.filter((name) => /SECRET|PASSWORD|KEYS?$|_URL$/.test(name))).toEqual([]);
  });

  it('listens where its settings say, and is asked there how it is', () => {
    const { ports = [], startupProbe, livenessProbe, readinessProbe } = containerOf(least, app);
    const standards = ['PORT', 'INTERNAL_PORT'].flatMap((name) => settings[app].get(name)?.standard ?? []);
    expect(ports.map(({ containerPort }) => String(containerPort))).toEqual(standards);
    const asked = (path: string) => expect.objectContaining({ httpGet: { path, port: 'internal' } });
    expect([startupProbe, livenessProbe, readinessProbe]).toEqual([asked('/livez'), asked('/livez'), asked('/readyz')]);
  });

  it('is no root, cannot write to its files, and has no rights beyond that', () => {
    expect(podOf(least, app).spec).toMatchObject({
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: 'RuntimeDefault' } },
    });
    expect(containerOf(least, app)['securityContext']).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
  });

  it('has the time to drain once proxies have let go of it', () => {
    const { lifecycle } = containerOf(least, app) as { lifecycle?: { preStop: { exec: { command: string[] } } } };
    const seconds = Number(lifecycle?.preStop.exec.command[1]);
    expect(seconds).toBeGreaterThan(0);
    expect(podOf(least, app).spec.terminationGracePeriodSeconds).toBeGreaterThanOrEqual(seconds + 25);
  });

  it('is spread over zones and hosts, and loses one pod at a time', () => {
    const constraints = podOf(least, app).spec['topologySpreadConstraints'];
    const of = (topologyKey: string) => expect.objectContaining({ topologyKey });
    expect(constraints).toEqual([of('topology.kubernetes.io/zone'), of('kubernetes.io/hostname')]);
    expect(named(least, 'PodDisruptionBudget', `chat-${app}`).spec).toMatchObject({ maxUnavailable: 1 });
  });

  it('lets nobody outside of its namespace and of those named to its internal port', () => {
    const { ingress, podSelector } = named(least, 'NetworkPolicy', `chat-${app}`).spec;
    expect(podSelector).toEqual({ matchLabels: expect.objectContaining({ 'app.kubernetes.io/component': app }) });
    const rules = ingress as readonly { ports: readonly { port: string }[]; from?: readonly unknown[] }[];
    const toInternal = rules.filter(({ ports }) => ports.some(({ port }) => port === 'internal'));
    expect(toInternal).toHaveLength(1);
    expect(toInternal[0]?.from).toEqual([
      { podSelector: {} },
      { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } } },
    ]);
  });

  it('has Services whose selectors find it', () => {
    const { labels } = podOf(least, app).metadata;
    const services = ofKind(least, 'Service').filter(({ metadata }) => metadata.name.startsWith(`chat-${app}`));
    const listeners = settings[app].has('PORT') ? ['internal', 'public'] : ['internal'];
    expect(
      services.flatMap(({ spec }) => (spec['ports'] as { targetPort: string }[]).map((port) => port.targetPort)).sort(),
    ).toEqual(listeners);
    for (const { spec } of services) expect(labels).toMatchObject(spec['selector'] as object);
  });
});

describe('scaling', () => {
  it('of gateways goes by CPU and by a metric that they have', () => {
    const { metrics, minReplicas } = named(least, 'HorizontalPodAutoscaler', 'chat-ws-gateway').spec;
    expect(minReplicas).toBe(2);
    const name = 'chat_gateway_sessions';
    expect(metrics).toEqual([
      expect.objectContaining({ type: 'Resource' }),
      expect.objectContaining({ type: 'Pods', pods: expect.objectContaining({ metric: { name } }) }),
    ]);
    expect(readRepositoryFile('apps/ws-gateway/src/metrics.ts')).toContain(`'${name}'`);
    expect(named(least, 'Deployment', 'chat-ws-gateway').spec).not.toHaveProperty('replicas');
  });

  it('of persisters goes by what is not stored yet, never above the partitions of the topic', () => {
    const { maxReplicaCount, minReplicaCount, triggers } = named(all, 'ScaledObject', 'chat-message-persister').spec;
    expect([minReplicaCount, maxReplicaCount]).toEqual([2, 24]);
    expect(environmentOf(containerOf(all, 'message-persister'))['KAFKA_TOPIC_LAYOUT']).toBe(
      'chat-messages:24,room-events:6',
    );
    const [, group] =
      /CONSUMER_GROUP = '(.*)'/.exec(readRepositoryFile('apps/message-persister/src/chat-messages-consumer.ts')) ?? [];
    expect(triggers).toEqual([
      expect.objectContaining({
        type: 'kafka',
        metadata: expect.objectContaining({
          bootstrapServers: LEAST.kafka.brokers,
          consumerGroup: `live.${group}`,
          topic: 'live.chat-messages',
          allowIdleConsumers: 'false',
        }),
      }),
    ]);
  });

  it('of persisters has a bound below the least number where there are fewer partitions', async () => {
    const values = {
      ...LEAST,
      kafka: { ...LEAST.kafka, chatMessagesPartitions: 1 },
      messagePersister: { keda: { enabled: true } },
    };
    const { spec } = named(await manifests(values), 'ScaledObject', 'chat-message-persister');
    expect([spec['minReplicaCount'], spec['maxReplicaCount']]).toEqual([1, 1]);
  });
});

describe('the ingress', () => {
  it('leads to public listeners alone, and lets a WebSocket be silent for longer than a gateway does', () => {
    const { spec, metadata } = named(all, 'Ingress', 'chat');
    const [rule] = spec['rules'] as readonly {
      http: { paths: readonly { path: string; backend: { service: object } }[] };
    }[];
    expect(rule?.http.paths.map(({ path, backend }) => [path, backend.service])).toEqual([
      ['/ws', { name: 'chat-ws-gateway', port: { name: 'public' } }],
      ['/api/v1/chat', { name: 'chat-rooms-api', port: { name: 'public' } }],
    ]);
    const seconds = Number(metadata.annotations?.['nginx.ingress.kubernetes.io/proxy-read-timeout']);
    expect(seconds * 1_000).toBeGreaterThan(Number(settings['ws-gateway'].get('IDLE_AFTER_MS')?.standard));
  });
});

describe('beside the chart', () => {
  it('the compose file is taken by the library beneath docker compose', async () => {
    expect(await loadCompose()).toContain('chat-service/ws-gateway:dev');
  });

  it('the Dockerfile has no remark of hadolint', async () => {
    expect(await lintDockerfile()).toBe('');
  });
});
