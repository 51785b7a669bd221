import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureInstalled } from './install.mjs';

// The first step of every npm script here. Runs on the system's Node before anything is installed, so it has no
// dependencies; then hands over to the Node that the project installs.

/** How often to look whether npm, which started this, is still there, in ms. */
const PARENT_CHECK_MS = 1_000;

const rootDir = join(dirname(fileURLToPath(import.meta.url)), '../../..');

/**
 * Installs what is to be installed, and runs a TypeScript program of the project with these words. Ends this process as the
 * program ends.
 *
 * @param {string} program path below the root of the repository
 * @param {readonly string[]} args
 */
export async function runProgram(program, args) {
  if (!isSupported(process.versions.node)) {
    console.error(
      `This project needs Node 20.19, 22.12 or 24 and newer to start; ${process.execPath} is ${process.version}. ` +
        'Install a newer one from your package manager or nodejs.org and run the command again.',
    );
    process.exit(1);
  }
  try {
    await ensureInstalled(rootDir);
  } catch (error) {
    console.error(error.message);
    process.exit(1);
  }
  handOver(program, args);
}

function isSupported(version) {
  const [major, minor] = version.split('.').map(Number);
  return (major === 20 && minor >= 19) || (major === 22 && minor >= 12) || major >= 24;
}

/**
 * Runs the program on the project's Node. Signals and the exit status pass through; should this process or npm be killed,
 * the program learns it from the channel between the two and stops in order.
 */
function handOver(program, args) {
  const child = spawn(
    join(rootDir, 'node_modules/node/bin/node'),
    ['--conditions=@chat/source', '--disable-warning=ExperimentalWarning', join(rootDir, program), ...args],
    { stdio: ['inherit', 'inherit', 'inherit', 'ipc'] },
  );
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  if (process.env.npm_lifecycle_event) stopWithParent(child);
  child.on('error', (error) => {
    console.error(`The project's Node could not be started: ${error.message}`);
    process.exit(1);
  });
  child.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
}

function stopWithParent(child) {
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) child.kill('SIGTERM');
  }, PARENT_CHECK_MS).unref();
}
