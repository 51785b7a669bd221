import { projectTests } from '../../vitest.config.base.mts';

/** Nothing of this project is part of `npm test`: its specs need Java servers, and have `vitest.cloud.config.mts`. */
export default projectTests(import.meta.dirname, { exclude: ['src/**/*.cloud.spec.ts'] });
