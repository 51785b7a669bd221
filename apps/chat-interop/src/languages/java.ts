import { readdir } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { cachedFolder } from './cached-folder.ts';
import type { Language } from './language.ts';
import { runTool } from './run-tool.ts';

/** Classes and jars as Maven makes and fetches them. */
export const JAVA: Language = {
  name: 'Java',
  programs: ['java', 'javac', 'mvn'],
  versionCommand: ['java', '-version'],
  prepare: async ({ projectDir, cacheDir }) => {
    const pom = join(projectDir, 'clients/java/pom.xml');
    const sources = await sourcesBelow(join(projectDir, 'clients/java/src'));
    const folder = await cachedFolder(
      { cacheDir, name: 'interop-java', madeFrom: [pom, ...sources] },
      async (fresh) => {
        const goals = ['compile', 'dependency:copy-dependencies'];
        await runTool('mvn', ['-q', '-B', '-f', pom, `-Dchat.output=${fresh}`, ...goals]);
      },
    );
    const classPath = [join(folder, 'classes'), join(folder, 'lib', '*')].join(delimiter);
    return { command: 'java', args: ['-cp', classPath, 'chat.interop.Main'], env: {} };
  },
};

async function sourcesBelow(folder: string): Promise<string[]> {
  const files = await readdir(folder, { recursive: true, encoding: 'utf8' });
  return files
    .filter((file) => file.endsWith('.java'))
    .toSorted()
    .map((file) => join(folder, file));
}
