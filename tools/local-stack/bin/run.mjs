#!/usr/bin/env node
import { runProgram } from './run-program.mjs';

// `node run.mjs <command> …args`
await runProgram('tools/local-stack/src/main.ts', process.argv.slice(2));
