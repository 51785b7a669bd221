import { projectTests } from '../../vitest.config.base.mts';
import { LogsLastSequencer } from './src/logs-last.ts';

/** Specs with a chat of their own, which they may break. */
const OWN_CHAT = ['src/own-chat/**/*.e2e.spec.ts', 'src/secured/**/*.e2e.spec.ts'];
/** What the specs of a run left in the logs. */
const LOGS = 'src/logs.e2e.spec.ts';

const { test, ...base } = projectTests(import.meta.dirname, {
  fileParallelism: false,
  maxConcurrency: 12, // of the conformance table, whose clauses mostly wait
  passWithNoTests: false,
  sequence: { sequencer: LogsLastSequencer },
  testTimeout: 60_000,
  hookTimeout: 120_000,
});
// A global set-up runs in an environment of its own, which does not know how the others resolve our libraries.
const environments = { __vitest__: { resolve: { conditions: base.ssr?.resolve?.conditions ?? [] } } };

/** Built apps on real parts. The two projects may run beside each other; within one, a spec file runs after the other. */
export default {
  ...base,
  test: {
    ...test,
    projects: [
      {
        ...base,
        environments,
        test: {
          ...test,
          name: 'shared',
          include: ['src/**/*.e2e.spec.ts'],
          exclude: OWN_CHAT,
          globalSetup: 'src/global-setup.ts',
        },
      },
      {
        ...base,
        environments,
        test: {
          ...test,
          name: 'own-chat',
          include: [...OWN_CHAT, LOGS],
          exclude: [],
          globalSetup: 'src/own-chat/global-setup.ts',
        },
      },
    ],
  },
};
