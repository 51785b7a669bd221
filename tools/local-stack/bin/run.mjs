#!/usr/bin/env node
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureInstalled } from './install.mjs';

// `node run.mjs <command> …args`: the first step of every npm script here. Runs on the system's Node before anything is
// installed, so it has no dependencies; then hands over to the Node that the project installs.

/** How often to look whether npm, which started this, is still there, in ms. */
const PARENT_CHECK_MS = 1_000;

const rootDir = join(dirname(fileURLToPath(import.meta.url)), '../../..');

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
handOver(process.argv.slice(2));

function isSupported(version) {
  const [major, minor] = version.split('.').map(Number);
  return (major === 20 && minor >= 19) || (major === 22 && minor >= 12) || major >= 24;
}

/**
 * Runs main.ts on the project's Node. Signals and the exit status pass through; should this process or npm be killed,
 * main.ts learns it from the channel between the two and stops in order.
 */
function handOver(args) {
  const child = spawn(
    join(rootDir, 'node_modules/node/bin/node'),
    ['--conditions=@chat/source', join(rootDir, 'tools/local-stack/src/main.ts'), ...args],
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
