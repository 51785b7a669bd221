import { join } from 'node:path';
import { JAVA, mavenProgram } from '../languages/java.ts';
import { PYTHON_3, pythonProgram } from '../languages/python.ts';
import type { ProgramOfLanguage } from '../prepare-clients.ts';

/** The programs in `docs/examples`, which their `LanguageContext` has as the project. */
export const EXAMPLES: readonly ProgramOfLanguage[] = [
  {
    name: 'python',
    language: {
      ...PYTHON_3,
      prepare: ({ projectDir, cacheDir }) =>
        pythonProgram({
          folder: join(projectDir, 'python'),
          cache: { cacheDir, name: 'examples-python' },
          script: 'read_messages.py',
        }),
    },
  },
  {
    name: 'java',
    language: {
      ...JAVA,
      prepare: ({ projectDir, cacheDir }) =>
        mavenProgram({
          folder: join(projectDir, 'java'),
          cache: { cacheDir, name: 'examples-java' },
          mainClass: 'chat.examples.ReadMessages',
        }),
    },
  },
];
