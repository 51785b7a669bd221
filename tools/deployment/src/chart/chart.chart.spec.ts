import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
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
import { ApiServer, type RunningDeployment } from './api-server.ts';
import {
  conform,
  LEAST,
  lint,
  lintDockerfile,
  loadCompose,
  manifests,
  render,
  renderOn,
  renderSet,
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
  prometheusRule: { enabled: true, labels: { release: 'prometheus' }, runbooks: 'https://runbooks.example/' },
  ingress: {
    enabled: true,
    host: 'chat.example',
    className: 'nginx',
    controller: 'nginx',
    tlsSecret: 'chat-tls',
    trustedProxies: '10.244.0.0/16',
  },
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
  const { template } = (
    app === 'migrate' ? named(from, 'Job', 'chat-migrate-1') : named(from, 'Deployment', `chat-${app}`)
  ).spec;
  if (template === undefined) throw new Error(`${app} has no pod`);
  return template;
};
const containerOf = (from: readonly Manifest[], app: string): Container => podOf(from, app).spec.containers[0];

/** What an app finds in its environment, with the Secret there. */
function environmentOf({ env }: Container): Record<string, string> {
  return Object.fromEntries(
    env.flatMap(({ name, value, valueFrom }) => {
      const { key, optional = false } = valueFrom?.secretKeyRef ?? {};
      const found = value ?? (key === undefined ? 'a pod' : SECRET[key]);
      return found === undefined && optional ? [] : [[name, found ?? 'not in the Secret']];
    }),
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
    [
      'an ingress without the addresses of its controller',
      { ingress: { enabled: true, host: 'chat.example' } },
      'ingress.trustedProxies is required',
    ],
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
    expect(named(least, 'Job', 'chat-migrate-1').metadata.annotations).toMatchObject({
      'helm.sh/hook': 'pre-install,pre-upgrade',
    });
    expect(containerOf(least, 'migrate').command?.at(-1)).toBe('/app/libs/database/dist/migrate/main.js');
    expect(environmentOf(containerOf(least, 'migrate'))).toEqual({ DATABASE_URL: SECRET['DATABASE_URL'] });
  });

  it('has appVersion of this build, and takes another image for one app', async () => {
    const version = /APP_VERSION = '(.*)'/.exec(readRepositoryFile('libs/service-kit/src/run-app.ts'))?.[1];
    expect(containerOf(least, 'rooms-api').image).toBe(`chat-service/rooms-api:${version}`);
    const ahead = await manifests({
      ...LEAST,
      migrate: { image: { tag: '9.9.9' } },
      messagePersister: { image: { tag: '9.9.9' } },
    });
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

  it('takes what is among the settings from there, and once, as the path of a file', async () => {
    const made = await manifests({ ...LEAST, settings: { KAFKA_TLS_KEY: '/tls/tls.key' } });
    const given = containerOf(made, app).env.filter(({ name }) => name === 'KAFKA_TLS_KEY');
    expect(given).toEqual([{ name: 'KAFKA_TLS_KEY', value: '/tls/tls.key' }]);
  });

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

describe('what documents name of a release called chat', () => {
  const named = [
    ...readRepositoryFile('docs/operations.md').matchAll(/\b(deploy|cronjob|scaledobject|job)\/chat-([a-z-]+)/g),
    ...readRepositoryFile('docs/deployment.md').matchAll(/\b(deploy|cronjob|scaledobject|job)\/chat-([a-z-]+)/g),
  ].map(([, kind = '', name = '']) => `${kind}/chat-${name.replace(/-$/, '-1')}`);
  const KINDS: Readonly<Record<string, string>> = {
    deploy: 'Deployment',
    cronjob: 'CronJob',
    scaledobject: 'ScaledObject',
    job: 'Job',
  };

  it.each([...new Set(named)])('%s is there', (name) => {
    const [kind = '', ofKindName = ''] = name.split('/');
    expect(ofKind(all, KINDS[kind] ?? '').map(({ metadata }) => metadata.name)).toContain(ofKindName);
  });

  it('has every kind of them', () => {
    expect([...new Set(named.map((name) => name.split('/')[0]))].sort()).toEqual(Object.keys(KINDS).sort());
  });

  it('has addresses of internal Services', () => {
    const urls = readRepositoryFile('docs/operations.md').match(/http:\/\/chat-[a-z-]+:\d+/g) ?? [];
    const services = ofKind(all, 'Service').flatMap(({ metadata, spec }) =>
      (spec['ports'] as { port: number }[]).map(({ port }) => `http://${metadata.name}:${port}`),
    );
    expect(urls.length).toBeGreaterThan(1);
    expect(urls.filter((url) => !services.includes(url))).toEqual([]);
  });
});

describe('the commands of Helm in the documents', () => {
  const texts = ['docs/deployment.md', 'docs/operations.md'].map((name) => readRepositoryFile(name)).join('\n');
  const commands = [...texts.matchAll(/\bhelm (?:install|upgrade) chat [^`\n]*/g)].map(([command]) => command);
  const upgrades = commands.filter((command) => command.startsWith('helm upgrade'));

  it.each(commands)('%s', async (command) => {
    const given = [...command.matchAll(/ --set (\S+)/g)].map(([, set = '']) => set.replaceAll("'", ''));
    expect(given.length).toBeGreaterThan(0);
    expect(await renderSet(LEAST, given)).toContain('kind: Deployment');
  });

  it('keep values by name, and give the migration the time that it may take', () => {
    expect(upgrades.length).toBeGreaterThan(5);
    expect(upgrades.filter((command) => !command.includes('--reset-then-reuse-values'))).toEqual([]);
    const { spec } = named(least, 'Job', 'chat-migrate-1');
    const minutes = commands.map((command) => Number(/--timeout (\d+)m/.exec(command)?.[1]));
    expect(Math.min(...minutes) * 60).toBeGreaterThan(Number(spec['activeDeadlineSeconds']));
  });
});

describe('a release', () => {
  const upgrade = { ...LEAST, image: { tag: '0.2.0' } };
  const tagsOf = async (values: object) => {
    const made = await manifests({ ...upgrade, ...values });
    return ['migrate', ...APPS].map((app) => /:([^:]*)$/.exec(containerOf(made, app).image)?.[1]);
  };

  it.each([
    ['3, where all is new', 3, ['0.2.0', '0.2.0', '0.2.0', '0.2.0', '0.2.0']],
    ['2', 2, ['0.2.0', '0.2.0', '0.1.0', '0.2.0', '0.2.0']],
    ['1', 1, ['0.2.0', '0.1.0', '0.1.0', '0.1.0', '0.2.0']],
    ['0, where all is back', 0, ['0.2.0', '0.1.0', '0.1.0', '0.1.0', '0.1.0']],
  ])('leaves what comes after its step as it was, at step %s', async (_, step, tags) => {
    expect(await tagsOf({ replace: { from: '0.1.0', step } })).toEqual(tags);
  });

  it.each([
    [
      'a gateway',
      { migrate: { image: { tag: '0.3.0' } }, wsGateway: { image: { tag: '0.3.0' } } },
      'ws-gateway would run 0.3.0 and message-persister only 0.2.0',
    ],
    [
      'rooms-api',
      { migrate: { image: { tag: '0.3.0' } }, roomsApi: { image: { tag: '0.3.0' } } },
      'rooms-api would run 0.3.0 and message-persister only 0.2.0',
    ],
    ['an app', { migrate: { image: { tag: '0.1.9' } } }, 'message-persister would run 0.2.0 and migrate only 0.1.9'],
  ])('never has %s of a newer version than what must go before it', async (_, values, sentence) => {
    expect(await refusal({ ...upgrade, ...values })).toContain(sentence);
    expect(await refusal({ ...upgrade, ...values, replace: { anyOrder: true } })).toBeNull();
  });

  it('compares no tags that are no versions', async () => {
    expect(await refusal({ ...upgrade, wsGateway: { image: { tag: 'sha-9f3' } } })).toBeNull();
  });

  it('is replaced in the same order by Argo CD, wave after wave', () => {
    const waves = APPS.map((app) => named(least, 'Deployment', `chat-${app}`).metadata.annotations);
    expect(waves.map((annotations) => annotations?.['argocd.argoproj.io/sync-wave'])).toEqual(['2', '3', '2', '1']);
  });
});

describe('an upgrade of what runs', () => {
  const running = (tags: readonly string[], updated?: number): Record<string, RunningDeployment> =>
    Object.fromEntries(
      APPS.map((app, at) => [
        `chat-${app}`,
        {
          image: `chat-service/${app}:${tags[at]}`,
          replicas: 2,
          ...(app === 'message-persister' && { updated: updated ?? 2 }),
        },
      ]),
    );
  /** What Helm says to it; null where it would do it. */
  async function refusedOn(deployments: Record<string, RunningDeployment>, values: object): Promise<string | null> {
    const server = new ApiServer(deployments);
    const url = await server.start();
    try {
      await renderOn(url, { ...LEAST, image: { tag: '0.2.0' }, ...values });
      return null;
    } catch (error) {
      return String(error);
    } finally {
      await server.stop();
    }
  }
  const before = running(['0.1.0', '0.1.0', '0.1.0', '0.1.0']);
  const afterFirst = running(['0.1.0', '0.1.0', '0.1.0', '0.2.0']);
  const afterSecond = running(['0.2.0', '0.1.0', '0.2.0', '0.2.0']);
  const after = running(['0.2.0', '0.2.0', '0.2.0', '0.2.0']);
  const step = (number: number) => ({ replace: { from: '0.1.0', step: number } });

  it('of all apps at once is refused with a sentence that says what to do', async () => {
    const said = await refusedOn(before, {});
    expect(said).toContain('message-persister and rooms-api would be replaced at the same time');
    expect(said).toContain('replace.step (1 message-persister, 2 rooms-api and presence-worker, 3 ws-gateway)');
    expect(await refusedOn(before, { replace: { anyOrder: true } })).toBeNull();
  });

  it('goes step by step, and back step by step', async () => {
    expect([
      await refusedOn(before, step(1)),
      await refusedOn(afterFirst, step(2)),
      await refusedOn(afterSecond, step(3)),
      await refusedOn(after, step(2)),
      await refusedOn(afterSecond, step(1)),
      await refusedOn(afterFirst, step(0)),
    ]).toEqual([null, null, null, null, null, null]);
    expect(await refusedOn(afterFirst, step(3))).toContain(
      'rooms-api and ws-gateway would be replaced at the same time',
    );
    expect(await refusedOn(after, step(0))).toContain('at the same time');
  });

  it('waits until the step before is done', async () => {
    const underWay = running(['0.1.0', '0.1.0', '0.1.0', '0.2.0'], 1);
    expect(await refusedOn(underWay, step(2))).toContain(
      'rooms-api and message-persister would be replaced at the same time',
    );
    expect(await refusedOn(underWay, step(1))).toBeNull();
  });

  it('that changes no image may change whatever else', async () => {
    expect(await refusedOn(after, { settings: { LOG_LEVEL: 'debug' } })).toBeNull();
  });
});

describe('the migration', () => {
  it('is a job of its own at each revision, so that none ends one that is still at work', () => {
    const { spec, metadata } = named(least, 'Job', 'chat-migrate-1');
    expect(metadata.name).toMatch(/-1$/); // of the revision
    expect(spec['ttlSecondsAfterFinished']).toBeGreaterThan(86_400);
  });
});

describe('monitoring by the operator of Prometheus', () => {
  const monitor = () => named(all, 'ServiceMonitor', 'chat').spec as unknown as ServiceMonitorSpec; // of its schema
  const servicesOf = () => {
    const { matchLabels } = monitor().selector;
    return ofKind(all, 'Service').filter(({ metadata: { labels = {} } }) =>
      Object.entries(matchLabels).every(([name, value]) => labels[name] === value),
    );
  };

  it('finds the internal listener of each app, and calls its job as alerts and dashboards do', () => {
    const { jobLabel, endpoints } = monitor();
    expect(
      servicesOf()
        .map(({ metadata }) => metadata.labels?.[jobLabel])
        .sort(),
    ).toEqual([...APPS].sort());
    for (const { spec } of servicesOf()) {
      expect(spec['ports']).toEqual([expect.objectContaining({ name: endpoints[0]?.port })]);
    }
  });

  it('has the alerts of Prometheus in compose, of these jobs alone, with runbooks where they are read', () => {
    const { groups } = named(all, 'PrometheusRule', 'chat').spec as unknown as RuleFile; // of its schema
    const ofCompose = parse(readRepositoryFile('docker/prometheus/alerts.yml')) as RuleFile; // promtool says that it is one
    const namesIn = (file: RuleFile) =>
      file.groups.flatMap(({ rules }) => rules.map(({ alert, expr }) => [alert, expr]));
    expect(namesIn({ groups })).toEqual(namesIn(ofCompose));
    const jobs = groups.flatMap(({ rules }) => rules.flatMap(({ expr }) => expr.match(/job=~?"[^"]*"/g) ?? []));
    const known: readonly string[] = APPS;
    const asked = jobs.flatMap((job) => job.replace(/^job=~?"|"$/g, '').split('|'));
    expect(asked.length).toBeGreaterThan(0);
    expect(asked.filter((job) => !known.includes(job))).toEqual([]);
    const runbooks = groups.flatMap(({ rules }) => rules.map(({ annotations }) => annotations.runbook_url));
    expect(runbooks.filter((url) => !url.startsWith('https://runbooks.example/operations.md#chat'))).toEqual([]);
  });
});

interface ServiceMonitorSpec {
  readonly jobLabel: string;
  readonly selector: { readonly matchLabels: Readonly<Record<string, string>> };
  readonly endpoints: readonly { readonly port: string }[];
}

interface RuleFile {
  readonly groups: readonly {
    readonly rules: readonly {
      readonly alert: string;
      readonly expr: string;
      readonly annotations: { readonly runbook_url: string };
    }[];
  }[];
}

describe('the job that opens a log epoch', () => {
  it('runs at no time by itself, with the environment of message-persister', async () => {
    const { suspend, jobTemplate } = named(all, 'CronJob', 'chat-open-log-epoch').spec as unknown as {
      suspend: boolean;
      jobTemplate: { spec: { backoffLimit: number; template: PodTemplate } };
    }; // of its schema
    expect([suspend, jobTemplate.spec.backoffLimit]).toEqual([true, 0]);
    const [container] = jobTemplate.spec.template.spec.containers;
    expect(container.command).toEqual(['tini', '--', 'node', 'dist/main.js', '--open-log-epoch']);
    expect(container.image).toBe(containerOf(all, 'message-persister').image);
    expect(environmentOf(container)).toEqual(environmentOf(containerOf(all, 'message-persister')));
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
  it('is believed by who is behind it, and by nobody else', () => {
    const proxies = APPS.map((app) => environmentOf(containerOf(all, app))['TRUSTED_PROXIES']);
    expect(proxies).toEqual(['10.244.0.0/16', '10.244.0.0/16', undefined, undefined]);
    expect(APPS.filter((app) => 'TRUSTED_PROXIES' in environmentOf(containerOf(least, app)))).toEqual([]);
  });

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
