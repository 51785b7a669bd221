import { projectTests } from '../../vitest.config.base.mts';
import { LogsLastSequencer } from './src/logs-last.ts';

const isEndToEnd = process.env['CHAT_TEST_SCOPE'] === 'e2e';

/** `CHAT_TEST_SCOPE=e2e` runs the built apps on real parts; without it only the pure specs of the harness run. */
export default projectTests(
  import.meta.dirname,
  isEndToEnd
    ? {
        include: ['src/**/*.e2e.spec.ts'],
        globalSetup: 'src/global-setup.ts',
        fileParallelism: false,
        sequence: { sequencer: LogsLastSequencer },
        testTimeout: 60_000,
        hookTimeout: 120_000,
      }
    : { exclude: ['src/**/*.e2e.spec.ts'] },
);
