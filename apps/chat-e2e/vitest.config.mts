import { projectTests } from '../../vitest.config.base.mts';

/** The pure specs; those that run the built apps have `vitest.e2e.config.mts`, those that break things `vitest.faults.config.mts`, long fuzz `vitest.fuzz.config.mts`. */
export default projectTests(import.meta.dirname, {
  exclude: ['src/**/*.e2e.spec.ts', 'src/**/*.faults.spec.ts', 'src/**/*.fuzz.spec.ts'],
});
