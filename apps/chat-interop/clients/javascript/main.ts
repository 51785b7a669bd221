import { text } from 'node:stream/consumers';
import type { Step, StepResult, Task } from '../../src/steps.ts';
import type { StompDriver } from './driver.ts';
import { runScenario } from './scenario.ts';
import { stompJsDriver } from './stompjs-driver.ts';
import { webstompDriver } from './webstomp-driver.ts';

// `node main.ts <client>` with a Task on standard input: one StepResult a line on standard output.

const DRIVERS: Readonly<Record<string, () => Promise<StompDriver>>> = {
  'stompjs-5': async () => stompJsDriver((await import('stompjs-5')).default),
  'stompjs-6': async () => stompJsDriver((await import('stompjs-6')).default),
  'stompjs-7': async () => stompJsDriver(await import('stompjs-7')),
  webstomp: async () => webstompDriver,
};

const [name = ''] = process.argv.slice(2);
const openDriver = DRIVERS[name];
if (openDriver === undefined) throw new Error(`there is no client ${JSON.stringify(name)}`);
const task = JSON.parse(await text(process.stdin)) as Task; // written by the harness

await runScenario(await openDriver(), task, async (step, work) => {
  try {
    report({ step, outcome: 'ok', note: (await work()) ?? null });
  } catch (error) {
    report({ step, outcome: 'failed', note: error instanceof Error ? error.message : String(error) });
  }
});
// A session that failed may still be open.
process.exit();

function report(result: StepResult & { readonly step: Step }): void {
  process.stdout.write(`${JSON.stringify(result)}\n`);
}
