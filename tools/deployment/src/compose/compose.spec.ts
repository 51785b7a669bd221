import { existsSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import {
  APPS,
  configProblem,
  inRepository,
  readRepositoryFile,
  settingsOfApps,
  startProblem,
  strongSecret,
  variableProblems,
  type AppName,
  type SettingsOfApps,
} from '../repository.ts';
import {
  composeText,
  composeVariables,
  durationMs,
  publishedPorts,
  readComposeFile,
  startedWith,
  type Service,
} from './compose-file.ts';

const PARTS = ['kafka', 'postgres', 'redis'];
/** Longest that an app takes to drain, in ms: DESIGN's P9. */
const DRAIN_MS = 25_000;

const file = readComposeFile({ JWT_SECRET: strongSecret() });
const services = Object.entries(file.services);
const runsApp = (app: AppName) => ({ ...appServices().filter((service) => service.app === app)[0]! });

/** Services that run an app of ours, the migration aside. */
function appServices() {
  return services.flatMap(([name, service]) => {
    const app = APPS.find((one) => service.build?.args['APP'] === one);
    return app !== undefined && name !== 'migrate' ? [{ name, service, app }] : [];
  });
}

function environmentOf({ environment = {} }: Service): Record<string, string> {
  return Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, String(value)]));
}

/** Names of the services that start where these profiles are asked for. */
function startedIn(...profiles: readonly string[]): string[] {
  return services
    .filter(([, service]) => service.profiles?.some((one) => profiles.includes(one)) ?? true)
    .map(([name]) => name)
    .sort();
}

describe('docker-compose.yml', () => {
  it('is a compose file by the schema of the Compose Specification', () => {
    const schema = JSON.parse(readRepositoryFile('tools/deployment/schemas/compose-spec.json')) as object;
    const validate = new Ajv2020({ strict: false, validateFormats: false, allErrors: true }).compile(schema);
    const withMistake = { services: { one: { imagee: 'x' } } };
    expect([validate(withMistake), validate.errors?.length]).toEqual([false, 1]);
    validate(file);
    expect(validate.errors).toBeNull();
  });

  it('brings up the parts, the migration and the four apps', () => {
    expect(startedIn()).toEqual([...PARTS, 'migrate', ...APPS].sort());
  });

  it.each([
    ['tools', ['kafka-ui']],
    ['obs', ['grafana', 'prometheus']],
    ['scale', ['proxy', 'ws-gateway-2', 'ws-gateway-3']],
  ])('has a profile %s that adds %j', (profile, added) => {
    expect(startedIn(profile)).toEqual([...startedIn(), ...added].sort());
  });

  it('starts nothing but the parts, and asks for no variable, where npm start takes the parts from it', () => {
    expect(startedWith(file, PARTS)).toEqual(PARTS);
    expect(composeVariables(composeText()).filter(({ isRequired }) => isRequired)).toEqual([]);
  });

  it('has no key of tokens of its own', () => {
    const { environment } = readComposeFile().services['ws-gateway'] as Service; // named in the file
    expect([environment?.['JWT_SECRET'], environment?.['JWT_PUBLIC_KEY'], environment?.['JWT_JWKS_URL']]).toEqual([
      '',
      '',
      '',
    ]);
  });

  it('publishes nothing beyond this host, no port twice, and no internal listener', () => {
    const published = services.flatMap(([, service]) => publishedPorts(service));
    expect(published.filter(({ address }) => address !== '127.0.0.1')).toEqual([]);
    const ports = published.map((port) => port.published);
    expect(new Set(ports).size).toBe(ports.length);
    expect(ports.filter((port) => port >= 9080 && port <= 9084)).toEqual([]);
  });

  it('says which version of every image it means', () => {
    const images = services.filter(([, { build }]) => build === undefined).map(([, { image }]) => image);
    expect(images.filter((image) => !/:v?\d+(\.\d+)+/.test(image))).toEqual([]);
  });

  it('mounts what is in the repository', () => {
    const mounts = services.flatMap(([, { volumes = [] }]) => volumes.map((volume) => volume.split(':')[0] ?? ''));
    const folders = mounts.filter((source) => source.startsWith('./'));
    expect(folders.length).toBeGreaterThan(0);
    expect(folders.filter((folder) => !existsSync(inRepository(folder)))).toEqual([]);
    expect(mounts.filter((source) => !source.startsWith('./')).sort()).toEqual(Object.keys(file.volumes).sort());
  });

  it('starts apps only once the database is migrated and the parts answer', () => {
    expect(file.services['migrate']?.depends_on).toEqual({ postgres: { condition: 'service_healthy' } });
    for (const { service } of appServices()) {
      expect(service.depends_on).toEqual({
        migrate: { condition: 'service_completed_successfully' },
        kafka: { condition: 'service_healthy' },
        redis: { condition: 'service_healthy' },
      });
    }
  });
});

describe('the apps in docker-compose.yml', () => {
  let settings: SettingsOfApps;
  let refusals: Record<string, string | null>;
  beforeAll(async () => {
    const asked = APPS.map(
      async (app) => [app, await configProblem(app, environmentOf(runsApp(app).service))] as const,
    );
    [settings, refusals] = await Promise.all([settingsOfApps(), Promise.all(asked).then(Object.fromEntries)]);
  });

  it.each(appServices())('$name has variables that $app knows, and all that it needs', ({ app, service }) => {
    expect(variableProblems(settings[app], Object.keys(service.environment ?? {}))).toEqual([]);
  });

  it('take the values that they are given', () => {
    expect(refusals).toEqual(Object.fromEntries(APPS.map((app) => [app, null])));
  });

  it.each(['rooms-api', 'ws-gateway'] as const)('%s does not start without a key of tokens', async (app) => {
    const { [app]: service } = readComposeFile().services;
    expect(await startProblem(app, environmentOf(service!))).toContain(
      'JWT_ALGORITHMS names HS256, which needs JWT_SECRET',
    );
  });

  it('are told apart from a mistyped or forgotten variable', () => {
    expect(variableProblems(settings['ws-gateway'], ['KAFKA_BROKERZ', 'DATABASE_URL', 'REDIS_URL'])).toEqual([
      'KAFKA_BROKERZ is not known',
      'KAFKA_BROKERS is missing',
    ]);
  });

  it('publish their public port, where they have one, under its own number', () => {
    for (const app of APPS) {
      const standard = settings[app].get('PORT')?.standard;
      const expected = standard === undefined ? [] : [[Number(standard), Number(standard)]];
      const ports = publishedPorts(runsApp(app).service).map(({ published, target }) => [published, target]);
      expect(ports).toEqual(expected);
    }
  });

  it.each([...appServices(), { name: 'migrate', service: file.services['migrate']! }])(
    '$name can neither write to its files nor gain rights, and has a bound of memory',
    ({ service }) => {
      expect(service).toMatchObject({
        read_only: true,
        cap_drop: ['ALL'],
        security_opt: ['no-new-privileges:true'],
        mem_limit: expect.any(String),
      });
    },
  );

  it.each(appServices())('$name has the time to drain', ({ service }) => {
    expect(durationMs(service.stop_grace_period ?? '')).toBeGreaterThan(DRAIN_MS);
  });

  it('are built by the one Dockerfile, each into an image of its name', () => {
    for (const { service, app } of appServices()) {
      expect(service.build).toEqual({ context: '.', dockerfile: 'docker/Dockerfile', args: { APP: app } });
      expect(service.image).toBe(`chat-service/${app}:dev`);
    }
  });
});

describe('the proxy of profile scale', () => {
  const config = readRepositoryFile('docker/haproxy/haproxy.cfg');
  const servers = [...config.matchAll(/^\s*server \S+ (\S+):(\d+)/gm)].map(([, host, port]) => `${host}:${port}`);

  it('leads to every gateway and to rooms-api', () => {
    const gateways = appServices().filter(({ app }) => app === 'ws-gateway');
    expect(gateways).toHaveLength(3);
    expect(servers).toEqual([...gateways.map(({ name }) => `${name}:8081`), 'rooms-api:8080']);
  });

  it('says whose address a client has, and is believed by who is behind it', () => {
    expect(config).toMatch(/^\s*http-request set-header X-Forwarded-For %\[src\]$/m);
    const behind = appServices().filter(({ service }) => publishedPorts(service).length > 0 || service.profiles);
    const believed = behind.map(({ service }) => environmentOf(service)['TRUSTED_PROXIES']);
    expect(believed).toEqual(behind.map(() => 'uniquelocal'));
    expect(behind).toHaveLength(4);
  });

  it('keeps nobody to a gateway', () => {
    expect(config).not.toMatch(/^\s*(cookie|stick|appsession|balance (source|uri|hdr|url_param))/m);
  });

  it('listens where its port is published', () => {
    expect(publishedPorts(file.services['proxy']!)).toEqual([
      { address: '127.0.0.1', published: 8090, target: Number(/bind :(\d+)/.exec(config)?.[1]) },
    ]);
  });
});

describe('Prometheus of profile obs', () => {
  const config = parse(readRepositoryFile('docker/prometheus/prometheus.yml')) as PrometheusConfig; // Prometheus says that it is one
  const targets = config.scrape_configs.flatMap(({ dns_sd_configs }) =>
    dns_sd_configs.flatMap(({ names, port }) => names.map((name) => `${name}:${port}`)),
  );

  it('asks every app of every profile at its internal port, and nothing else', async () => {
    const settings = await settingsOfApps();
    const expected = appServices().map(({ name, app }) => `${name}:${settings[app].get('INTERNAL_PORT')?.standard}`);
    expect(targets.sort()).toEqual(expected.sort());
  });

  it('is where Grafana looks for it, and keeps its rules beside its configuration', () => {
    const sources = parse(
      readRepositoryFile('docker/grafana/provisioning/datasources/prometheus.yml'),
    ) as GrafanaSources; // the same
    expect(sources.datasources.map(({ url }) => url)).toEqual(['http://prometheus:9090']);
    expect(config.rule_files.filter((name) => !existsSync(inRepository('docker/prometheus', name)))).toEqual([]);
  });

  it('has its dashboards where Grafana is told to look', () => {
    const providers = parse(readRepositoryFile('docker/grafana/provisioning/dashboards/chat.yml')) as GrafanaProviders; // the same
    const mounted = file.services['grafana']?.volumes?.map((volume) => volume.split(':')[1]);
    expect(mounted).toEqual(expect.arrayContaining(providers.providers.map(({ options }) => options.path)));
  });
});

interface PrometheusConfig {
  readonly rule_files: readonly string[];
  readonly scrape_configs: readonly {
    readonly dns_sd_configs: readonly { readonly names: readonly string[]; readonly port: number }[];
  }[];
}

interface GrafanaSources {
  readonly datasources: readonly { readonly url: string }[];
}

interface GrafanaProviders {
  readonly providers: readonly { readonly options: { readonly path: string } }[];
}
