import { readFileSync } from 'node:fs';

// HEALTHCHECK of the image, run in the folder of its app: exits 0 where the internal listener answers 200, with what it says, else
// 1 with the reason. `node health-check.mjs [path]`: /livez unless another is named, since engines replace what is unhealthy, and a
// new process is no cure for a dependency that is down. For people as well: the image has no curl.

/** Longest wait for an answer, in ms; below the timeout of HEALTHCHECK. */
const DEADLINE_MS = 3_000;

const path = process.argv[2] ?? '/livez';
try {
  const response = await fetch(`http://127.0.0.1:${internalPort()}${path}`, {
    signal: AbortSignal.timeout(DEADLINE_MS),
  });
  const answer = await response.text();
  if (!response.ok) throw new Error(`${path} answers ${response.status}: ${answer}`);
  console.log(answer);
} catch (error) {
  console.error(error.cause?.message ?? error.message);
  process.exitCode = 1;
}

function internalPort() {
  const { INTERNAL_PORT } = process.env;
  if (INTERNAL_PORT) return INTERNAL_PORT;
  return JSON.parse(readFileSync('settings.json', 'utf8')).find(({ env }) => env === 'INTERNAL_PORT').standard;
}
