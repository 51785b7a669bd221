import { projectTests } from '../../vitest.config.base.mts';

/** What Helm makes of the chart; `npm run test:helm` has the tools. */
export default projectTests(import.meta.dirname, { include: ['src/**/*.chart.spec.ts'], testTimeout: 60_000 });
