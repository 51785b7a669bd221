import { endRun } from './run-ledger.ts';

/**
 * Runs beside a supervisor and ends what it started should it be killed: the pipe on stdin closes when the supervisor
 * is gone, however it went. After an orderly end there is no ledger and nothing to do.
 */
const [ledgerFile] = process.argv.slice(2);

process.stdin.resume();
process.stdin.once('close', () => {
  if (ledgerFile !== undefined) void endRun(ledgerFile);
});
