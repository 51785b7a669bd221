import { globSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { composeText, composeVariables, publishedPorts, readComposeFile } from '../compose/compose-file.ts';
import { APPS, inRepository, readRepositoryFile, settingsOfApps, type SettingsOfApps } from '../repository.ts';
import { codesIn, rowsOf } from './deployment-document.ts';

const documented = rowsOf('Port').map(([port, service]) => `${service} ${port}`);

describe('docs/operations.md', () => {
  it('names services of the compose file in its commands, and files that their images have', () => {
    const text = readRepositoryFile('docs/operations.md');
    const words = [...text.matchAll(/docker compose (?:exec|logs|restart|stop|start|run)((?: --\S+)*) ([a-z-]+)/g)];
    const named = words.map(([, , service = '']) => service);
    expect(named.length).toBeGreaterThan(8);
    expect(named.filter((service) => !(service in readComposeFile().services))).toEqual([]);
    const dockerfile = readRepositoryFile('docker/Dockerfile');
    const files = [...new Set([...text.matchAll(/node \/app\/(\S+\/)\S+/g)].map(([, folder = '']) => folder))];
    expect(files).toEqual(expect.arrayContaining(['docker/', 'tools/chatctl/dist/']));
    expect(files.filter((folder) => !dockerfile.includes(` ${folder.replace(/\/(migrate\/)?$/, '')}`))).toEqual([]);
  });
});

describe('docs/deployment.md', () => {
  let settings: SettingsOfApps;
  beforeAll(async () => {
    settings = await settingsOfApps();
  });

  it('has every port at which an app listens', () => {
    const ports = APPS.flatMap((app) =>
      ['PORT', 'INTERNAL_PORT'].flatMap((name) => {
        const standard = settings[app].get(name)?.standard;
        return standard === undefined ? [] : [`${app} ${standard}`];
      }),
    );
    expect(ports).toHaveLength(6);
    expect(documented).toEqual(expect.arrayContaining(ports));
  });

  it('has every port that the compose file publishes, and those between its containers', () => {
    const published = Object.entries(readComposeFile().services).flatMap(([name, service]) =>
      publishedPorts(service).map((port) => `${name} ${port.published}`),
    );
    const [, listeners = ''] = /KAFKA_LISTENERS: (.*)/.exec(composeText()) ?? [];
    const ofKafka = [...listeners.matchAll(/:(\d+)/g)].map(([, port]) => `kafka ${port}`);
    expect(ofKafka).toHaveLength(3);
    expect(documented).toEqual(expect.arrayContaining([...published, ...ofKafka]));
  });

  it('has every path that a gateway answers on its internal port', () => {
    const sources = globSync('apps/ws-gateway/src/**/*.ts', { cwd: inRepository(), exclude: ['**/*.spec.ts'] });
    const own = sources.flatMap((path) => readRepositoryFile(path).match(/(?<=')\/internal\/[^']+(?=')/g) ?? []);
    expect(own.length).toBeGreaterThan(0);
    const [what] = rowsOf('Port').flatMap(([, app, on, cell]) =>
      app === 'ws-gateway' && on === 'internal' ? cell : [],
    );
    expect(codesIn(what).sort()).toEqual([...own, '/livez', '/metrics', '/readyz', '/version'].sort());
  });

  it('has no port that nothing listens at', () => {
    const files = [composeText(), JSON.stringify([...Object.values(settings)].map((rows) => [...rows.values()]))].join(
      '\n',
    );
    expect(rowsOf('Port').filter(([port = 'none']) => !new RegExp(`\\b${port}\\b`).test(files))).toEqual([]);
  });

  it('has every variable that the compose file takes, with its default', () => {
    const rows = rowsOf('Variable').flatMap(([names, standard = '']) =>
      codesIn(names).map((name) => [name, codesIn(standard)[0] ?? standard]),
    );
    const taken = composeVariables(composeText()).map(({ name, standard }) => [
      name,
      name.endsWith('_PORT') ? 'as above' : standard === '' ? 'none' : standard,
    ]);
    expect(Object.fromEntries(rows)).toEqual(Object.fromEntries(taken));
  });

  it('has every profile', () => {
    const profiles = Object.values(readComposeFile().services).flatMap((service) => service.profiles ?? []);
    expect(
      rowsOf('Profile')
        .flatMap(([name]) => codesIn(name))
        .sort(),
    ).toEqual([...new Set(profiles)].sort());
  });

  it('tells of settings that some app has', () => {
    const known = new Set(Object.values(settings).flatMap((rows) => [...rows.keys()]));
    const told = [...new Set(readRepositoryFile('docs/deployment.md').match(/`[A-Z]+(_[A-Z]+)+`/g))].map((name) =>
      name.slice(1, -1),
    );
    const ofCompose = composeVariables(composeText()).map(({ name }) => name);
    const ofDockerfile = [...readRepositoryFile('docker/Dockerfile').matchAll(/^ARG (\w+)/gm)].map(([, name]) => name);
    expect(
      told.filter((name) => !known.has(name) && !ofCompose.includes(name) && !ofDockerfile.includes(name)),
    ).toEqual([]);
  });
});
