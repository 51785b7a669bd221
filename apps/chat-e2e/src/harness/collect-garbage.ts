import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

// Loaded before an app: SIGUSR2 collects all garbage, so that what the app holds can be told from what it has let go.
setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void; // what the flag adds
process.on('SIGUSR2', () => collect());
