import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { APPS, inRepository, readRepositoryFile } from '../repository.ts';
import { jsonWordsOf, lineage, pairsOf, readDockerfile, type Step } from './dockerfile.ts';

const dockerfile = readDockerfile();
const app = lineage(dockerfile, 'app');
const steps = app.flatMap((stage) => stage.steps);
const last = (keyword: string): Step => steps.findLast((step) => step.keyword === keyword)!; // a missing one fails its test
const inStage = (name: string) => dockerfile.stages.find((stage) => stage.name === name)?.steps ?? [];

describe('the Dockerfile', () => {
  it('makes its image in the last stage', () => {
    expect(dockerfile.stages.at(-1)?.name).toBe('app');
  });

  it('begins every stage with one image, the Node of package.json by its whole version', () => {
    const { devDependencies } = JSON.parse(readRepositoryFile('package.json')) as {
      devDependencies: Record<string, string>;
    };
    const images = dockerfile.stages.map(({ from }) => from).filter((from) => lineage(dockerfile, from).length === 0);
    expect(new Set(images)).toEqual(new Set([`node:${devDependencies['node']}-trixie-slim`]));
  });

  it('runs as a user that is not root and cannot write to the files of the image', () => {
    expect(last('USER').text).toBe('1000:1000');
    const after = steps.slice(steps.indexOf(last('USER'))).map(({ keyword }) => keyword);
    expect(after).not.toContain('RUN');
    expect(after).not.toContain('COPY');
    expect(steps.filter(({ flags }) => flags['chown'] !== undefined)).toEqual([]);
  });

  it('has no shell between a signal and the app', () => {
    expect(last('STOPSIGNAL').text).toBe('SIGTERM');
    expect(jsonWordsOf(last('ENTRYPOINT'))).toEqual(['tini', '--']);
    expect(jsonWordsOf(last('CMD'))).toEqual(['node', 'dist/main.js']);
  });

  it('asks the app itself how it is, within the time that it gives', () => {
    const [program, script = ''] = jsonWordsOf(last('HEALTHCHECK'));
    expect(program).toBe('node');
    const deadlineMs = Number(
      /DEADLINE_MS = (\d+_\d+)/.exec(readRepositoryFile(script.replace('/app/', '')))?.[1]?.replace('_', ''),
    );
    expect(deadlineMs).toBeLessThan(1_000 * Number.parseInt(last('HEALTHCHECK').flags['timeout'] ?? '', 10));
  });

  it('carries what is needed to run, and no more', () => {
    const install = inStage('dependencies').find(({ keyword }) => keyword === 'RUN');
    expect(install?.text).toContain('npm ci --omit=dev --ignore-scripts --workspace "apps/${APP}"');
    expect(app.flatMap((stage) => stage.steps).filter(({ text }) => /\bnpm (ci|install)\b/.test(text))).toEqual([]);
  });

  it('installs packages before it copies what changes more often', () => {
    for (const name of ['build', 'dependencies']) {
      const [first] = inStage(name).filter(({ keyword }) => keyword === 'COPY');
      expect(first).toMatchObject({ flags: { from: 'manifests' }, text: '/manifests ./' });
    }
    const names = inStage('build').map(({ keyword, text }) => `${keyword} ${text}`);
    expect(names.indexOf('RUN npm ci')).toBeLessThan(names.indexOf('COPY . .'));
    expect(inStage('build').some(({ text }) => text.includes('${APP}'))).toBe(false); // one build for all images
  });

  it('builds every app that has an image, what migrates, and chatctl', () => {
    const build = inStage('build').find(({ text }) => text.includes('nx run-many'));
    const projects = /-p (\S+)/.exec(build?.text ?? '')?.[1]?.split(',');
    expect(projects).toEqual([...APPS, 'database', 'chatctl'].map((name) => `@chat/${name}`));
  });

  it('says what it is', () => {
    const labels = Object.keys(pairsOf(last('LABEL')));
    const expected = ['title', 'description', 'version', 'revision', 'licenses'];
    expect(labels).toEqual(expected.map((name) => `org.opencontainers.image.${name}`));
    const version = /APP_VERSION = '(.*)'/.exec(readRepositoryFile('libs/service-kit/src/run-app.ts'))?.[1];
    expect(steps.filter(({ keyword }) => keyword === 'ARG').map(({ text }) => text)).toContain(`VERSION=${version}`);
  });

  it('sets no variable of an app: those are for who runs it', () => {
    const set = steps.filter(({ keyword }) => keyword === 'ENV').flatMap((step) => Object.keys(pairsOf(step)));
    expect(set).toEqual(['NODE_ENV']);
  });

  it('copies from the context what is there', () => {
    const sources = steps
      .filter(({ keyword, flags }) => keyword === 'COPY' && flags['from'] === undefined)
      .map(({ text }) => text.split(' ')[0] ?? '');
    expect(sources).toEqual(['docker/health-check.mjs']);
    expect(sources.filter((source) => !existsSync(inRepository(source)))).toEqual([]);
  });
});

describe('an instruction', () => {
  it('in shell form is refused where a signal must arrive', () => {
    const [stage] = readDockerfile('FROM a:1\nCMD node dist/main.js\n').stages;
    expect(() => jsonWordsOf(stage!.steps[0]!)).toThrow();
  });

  it('is read whole over its lines, without comments and flags', () => {
    const text = 'ARG I=a:1\nFROM ${I} AS one\nRUN --mount=type=cache,target=/x \\\n  # why\n  a \\\n  && b\n';
    expect(readDockerfile(text).stages).toEqual([
      {
        name: 'one',
        from: 'a:1',
        steps: [{ keyword: 'RUN', flags: { mount: 'type=cache,target=/x' }, text: 'a && b' }],
      },
    ]);
  });
});
