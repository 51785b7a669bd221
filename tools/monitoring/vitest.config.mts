import { projectTests } from '../../vitest.config.base.mts';

export default projectTests(import.meta.dirname);
