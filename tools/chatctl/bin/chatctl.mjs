#!/usr/bin/env node
import { runProgram } from '../../local-stack/bin/run-program.mjs';

// `npx chatctl …args`, or `npm run chatctl -- …args`
await runProgram('tools/chatctl/src/main.ts', process.argv.slice(2));
