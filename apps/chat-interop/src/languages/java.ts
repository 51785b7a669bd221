import { readdir } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { cachedFolder } from './cached-folder.ts';
import type { ClientProgram, Language } from './language.ts';
import { runTool } from './run-tool.ts';

/** Built with Maven. */
export const JAVA: Language = {
  name: 'Java',
  programs: ['java', 'javac', 'mvn'],
  versionCommand: ['java', '-version'],
  prepare: ({ projectDir, cacheDir }) =>
    mavenProgram({
      folder: join(projectDir, 'clients/java'),
      cache: { cacheDir, name: 'interop-java' },
      mainClass: 'chat.interop.Main',
    }),
};

export interface MavenProject {
  /** Where its pom.xml is, which writes into the folder that it is given as chat.output. */
  readonly folder: string;
  readonly cache: { readonly cacheDir: string; readonly name: string };
  readonly mainClass: string;
}

/** Classes and jars as Maven makes and fetches them. */
export async function mavenProgram({ folder, cache, mainClass }: MavenProject): Promise<ClientProgram> {
  const pom = join(folder, 'pom.xml');
  const sources = await sourcesBelow(join(folder, 'src'));
  const built = await cachedFolder({ ...cache, madeFrom: [pom, ...sources] }, async (fresh) => {
    const goals = ['compile', 'dependency:copy-dependencies'];
    await runTool('mvn', ['-q', '-B', '-f', pom, `-Dchat.output=${fresh}`, ...goals]);
  });
  const classPath = [join(built, 'classes'), join(built, 'lib', '*')].join(delimiter);
  return { command: 'java', args: ['-cp', classPath, mainClass], env: {} };
}

async function sourcesBelow(folder: string): Promise<string[]> {
  const files = await readdir(folder, { recursive: true, encoding: 'utf8' });
  return files
    .filter((file) => file.endsWith('.java'))
    .toSorted()
    .map((file) => join(folder, file));
}
