import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

// Loaded before a server: SIGUSR2 collects all garbage and gives back the room it took, as V8 does when memory runs out, so
// that what the process holds is what it needs.
setFlagsFromString('--expose-gc');
type Collect = (how: { readonly type: 'major'; readonly execution: 'sync'; readonly flavor: 'last-resort' }) => void;
const collect = runInNewContext('gc') as Collect; // what the flag adds
process.on('SIGUSR2', () => collect({ type: 'major', execution: 'sync', flavor: 'last-resort' }));
