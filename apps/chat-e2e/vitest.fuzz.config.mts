import { projectTests } from '../../vitest.config.base.mts';
import { LogsLastSequencer } from './src/logs-last.ts';

const { ssr, ...base } = projectTests(import.meta.dirname, {
  include: ['src/fuzz/*.{e2e,fuzz}.spec.ts', 'src/logs.e2e.spec.ts', 'src/shared-logs.e2e.spec.ts'],
  exclude: [],
  fileParallelism: false,
  passWithNoTests: false,
  sequence: { sequencer: LogsLastSequencer },
  globalSetup: 'src/global-setup.ts',
});

/** `npm run test:fuzz`: what is fuzzed in every run, for longer, and what no other run has; then the logs of all of it. */
export default {
  ...base,
  ...(ssr && { ssr }),
  environments: { __vitest__: { resolve: { conditions: ssr?.resolve?.conditions ?? [] } } },
};
