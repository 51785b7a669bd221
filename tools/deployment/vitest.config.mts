import { projectTests } from '../../vitest.config.base.mts';

/** What is quick; the chart has `vitest.chart.config.mts`, the image `vitest.image.config.mts`. */
export default projectTests(import.meta.dirname, { exclude: ['src/**/*.chart.spec.ts', 'src/**/*.image.spec.ts'] });
