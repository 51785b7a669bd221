import type { ViteUserConfig } from 'vitest/config';
import { projectTests } from '../../vitest.config.base.mts';
import { LogsLastSequencer } from './src/logs-last.ts';

/** The built apps on real parts, one spec file after another beside one chat that most of them share. */
const config: ViteUserConfig = projectTests(import.meta.dirname, {
  include: ['src/**/*.e2e.spec.ts'],
  exclude: [],
  globalSetup: 'src/global-setup.ts',
  fileParallelism: false,
  maxConcurrency: 12, // of the conformance table, whose clauses mostly wait
  passWithNoTests: false,
  sequence: { sequencer: LogsLastSequencer },
  testTimeout: 60_000,
  hookTimeout: 120_000,
});

/** The global set-up runs in an environment of its own, which does not know how the others resolve our libraries. */
export default {
  ...config,
  environments: { __vitest__: { resolve: { conditions: config.ssr?.resolve?.conditions ?? [] } } },
};
