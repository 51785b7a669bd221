/** The first of the seeds; it and the length of a run can be given, to see one again or to look for longer. */
export const FIRST_SEED = Number(process.env['CHAT_FUZZ_SEED'] ?? Date.now() % 2 ** 31);
/** Given, scenes are played for so long, and as many as there is time for. In s. */
export const LONG_SECONDS = Number(process.env['CHAT_FUZZ_SECONDS'] ?? 0);
/** So many at least, so that some of each kind is among them. */
const LEAST_SCENES = 3;
const SHORT_SCENES = 10;
const SHORT_MS = 2_000;
/** What the answers to the last scene may take beyond the time. In ms. */
const LAST_SCENE_MS = 60_000;

const isLong = LONG_SECONDS > 0;
const LENGTH_MS = isLong ? LONG_SECONDS * 1_000 : SHORT_MS;
export const FUZZ_TIMEOUT_MS = LENGTH_MS + LAST_SCENE_MS;

/**
 * Plays scenes, each by a seed of its own that its failure names, until there were enough or the time is over.
 * Says what was played.
 */
export async function playScenes(what: string, play: (seed: number) => Promise<void>): Promise<void> {
  const endsAt = performance.now() + LENGTH_MS;
  const isEnough = (count: number) =>
    count >= LEAST_SCENES && (performance.now() >= endsAt || (!isLong && count >= SHORT_SCENES));
  let count = 0;
  do {
    const seed = FIRST_SEED + count;
    try {
      await play(seed);
    } catch (error) {
      throw new Error(`${what}, CHAT_FUZZ_SEED=${seed}: ${String(error)}`, { cause: error });
    }
    count += 1;
  } while (!isEnough(count));
  console.log(`${what}: ${count} scenes from seed ${FIRST_SEED}`);
}
