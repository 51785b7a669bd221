import { projectTests } from '../../vitest.config.base.mts';

/** The pure specs; those that run the built apps have `vitest.e2e.config.mts`. */
export default projectTests(import.meta.dirname, { exclude: ['src/**/*.e2e.spec.ts'] });
