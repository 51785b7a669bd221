import { projectTests } from '../../vitest.config.base.mts';

/** What the steps of the Dockerfile make; `npm run test:image` has the parts. */
export default projectTests(import.meta.dirname, {
  include: ['src/**/*.image.spec.ts'],
  testTimeout: 120_000,
  hookTimeout: 300_000,
});
