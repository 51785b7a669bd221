/** The running local stack, for the other command lines of the repository. */
export { localDirOf } from '../config.ts';
export { partsEnvironment } from './app-environment.ts';
export { readJwtSecret } from './jwt-secret.ts';
export { readStackFile, type StackFile } from './stack-file.ts';
export { createToken, parseDurationS } from './token.ts';
