import { last, type Fault, type Scene } from './scene.ts';

/** One more every so many ms, for so long, and so many at a time at most. */
const EVERY_MS = 5_000;
const FOR_MS = 120_000;
const MOST_AT_A_TIME = 3;
/** Needs the disk or the persisters for itself, or takes longer than the rest together. */
const LEFT_OUT: ReadonlySet<string> = new Set(['F11', 'F16', 'F34', 'F36']);

/** All of it, one fault beside another. What a fault finds broken by another it leaves as it is. */
export function everythingAtRandom(faults: readonly Fault[]): Fault {
  const choice = faults.filter(({ id }) => !LEFT_OUT.has(id));
  return {
    id: 'F99',
    name: 'all of it at random, one more every 5 s',
    class: 'all at random',
    run: async (scene) => {
      const running = new Set<Promise<unknown>>();
      const endAt = performance.now() + FOR_MS;
      while (performance.now() < endAt) {
        if (running.size < MOST_AT_A_TIME) start(scene.random.pick(choice), scene, running);
        await last(EVERY_MS);
      }
      await Promise.all(running);
      await startWhatIsDown(scene);
    },
  };
}

function start(fault: Fault, scene: Scene, running: Set<Promise<unknown>>): void {
  const work = fault.run({ ...scene, random: scene.random.fork() }).catch(() => undefined);
  running.add(work);
  void work.then(() => running.delete(work));
}

/** Two faults of one part can leave it down: the second could not mend what the first had killed. */
async function startWhatIsDown({ chat: { parts } }: Scene): Promise<void> {
  for (const part of [...parts.brokers, parts.redis, parts.postgres]) {
    part.signal('SIGCONT');
    if (part.pid === null) await part.start();
  }
}
