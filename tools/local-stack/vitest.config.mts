import { projectTests } from '../../vitest.config.base.mts';

// Specs start processes, which takes its time on a busy machine.
export default projectTests(import.meta.dirname, { testTimeout: 20_000 });
