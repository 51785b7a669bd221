import { projectTests } from '../../vitest.config.base.mts';

// Some specs start the command line as a process, which takes its time on a busy machine.
export default projectTests(import.meta.dirname, { testTimeout: 20_000 });
