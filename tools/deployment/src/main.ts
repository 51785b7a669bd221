import { prepareTools } from './tools.ts';

// `main.ts <cache folder>`: prints the folder of the tools as the only line, once they are all there.
const [cacheDir] = process.argv.slice(2);
if (cacheDir === undefined) throw new Error('which folder keeps what is fetched?');
try {
  console.log(await prepareTools(cacheDir));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
