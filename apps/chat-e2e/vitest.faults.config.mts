import { projectTests } from '../../vitest.config.base.mts';

/** What happens under faults, on parts that each spec file opens for itself to break them; they mostly wait, so two at a time. */
export default projectTests(import.meta.dirname, {
  include: ['src/**/*.faults.spec.ts'],
  exclude: [],
  maxWorkers: 2,
  passWithNoTests: false,
  testTimeout: 120_000,
  hookTimeout: 120_000,
});
