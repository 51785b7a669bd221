import type { ViteUserConfig } from 'vitest/config';
import { projectTests } from '../../vitest.config.base.mts';
import { LogsLastSequencer } from './src/logs-last.ts';

const isEndToEnd = process.env['CHAT_TEST_SCOPE'] === 'e2e';

/** `CHAT_TEST_SCOPE=e2e` runs the built apps on real parts; without it only the pure specs of the harness run. */
const config: ViteUserConfig = projectTests(
  import.meta.dirname,
  isEndToEnd
    ? {
        include: ['src/**/*.e2e.spec.ts'],
        globalSetup: 'src/global-setup.ts',
        fileParallelism: false,
        passWithNoTests: false,
        sequence: { sequencer: LogsLastSequencer },
        testTimeout: 60_000,
        hookTimeout: 120_000,
      }
    : { exclude: ['src/**/*.e2e.spec.ts'] },
);

/** The global set-up runs in an environment of its own, which does not know how the others resolve our libraries. */
export default {
  ...config,
  environments: { __vitest__: { resolve: { conditions: config.ssr?.resolve?.conditions ?? [] } } },
};
