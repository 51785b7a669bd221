import { describe, expect, it } from 'vitest';
import { readRepositoryFile } from '../repository.ts';
import { DockerIgnore } from './dockerignore.ts';

describe('a .dockerignore', () => {
  it.each([
    ['.git', ['.git', '.git/config'], ['.gitignore', 'a/.git']],
    ['**/dist', ['dist', 'apps/a/dist/main.js'], ['distance', 'a/dist.ts']],
    ['*.md', ['README.md'], ['docs/README.md']],
    ['**/*.md', ['README.md', 'a/b/README.md'], ['a.mdx']],
    ['.env*', ['.env', '.env.local'], ['a/.env']],
    ['docs/*\n!docs/a.json', ['docs/b.json', 'docs/a/b'], ['docs/a.json', 'docs']],
    ['a?c', ['abc'], ['ac', 'a/c']],
    ['# no\n\na', ['a'], ['# no', 'b']],
  ])('with %j holds back just what it names', (text, held, passed) => {
    const ignore = new DockerIgnore(text);
    expect(held.filter((path) => !ignore.holdsBack(path))).toEqual([]);
    expect(passed.filter((path) => ignore.holdsBack(path))).toEqual([]);
  });

  it('is gone into only where something passes', () => {
    const ignore = new DockerIgnore('docs/*\n!docs/a/b.json\n.git');
    expect(['docs/a', 'docs/c', '.git', 'src'].map((path) => ignore.holdsBackAllOf(path))).toEqual([
      false,
      true,
      true,
      false,
    ]);
  });
});

describe('the .dockerignore of the repository', () => {
  const ignore = new DockerIgnore(readRepositoryFile('.dockerignore'));

  it('holds back secrets, history, what is built, and what no image is made from', () => {
    const paths = [
      '.git/HEAD',
      '.env',
      '.env.local',
      'node_modules/x',
      'apps/a/dist/main.js',
      '.local/stack.json',
      'docker-compose.yml',
    ];
    expect(paths.filter((path) => !ignore.holdsBack(path))).toEqual([]);
  });

  it('lets through what the build reads', () => {
    const paths = [
      'package-lock.json',
      '.npmrc',
      'apps/rooms-api/src/main.ts',
      'docs/openapi.json',
      'docker/health-check.mjs',
      'libs/database/prisma/schema.prisma',
    ];
    expect(paths.filter((path) => ignore.holdsBack(path))).toEqual([]);
  });
});
