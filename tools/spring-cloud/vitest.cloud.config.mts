import { projectTests } from '../../vitest.config.base.mts';

/** The built apps among real servers of Spring Cloud; `npm run test:spring-cloud` starts it. */
export default projectTests(import.meta.dirname, {
  include: ['src/**/*.cloud.spec.ts'],
  exclude: [],
  passWithNoTests: false,
  testTimeout: 60_000,
  hookTimeout: 300_000,
});
