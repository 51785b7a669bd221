import { inTime } from '@chat/testing';
import { usageOf, usedBetween } from '../load/process-usage.ts';
import type { Contestant } from './contestants.ts';

/** Longest wait for the next few deliveries, in ms. */
const PROGRESS_DEADLINE_MS = 20_000;

export interface Saturation {
  /** How long messages are fed, in ms. */
  readonly durationMs: number;
  /** Messages that are fed and not delivered yet, at most. */
  readonly aheadCount: number;
  /** Messages fed at once. */
  readonly feedCount: number;
  /** Deliveries of one message. */
  readonly roomSize: number;
}

/** What the server did, from the first message to the last delivery. */
export interface SaturationResult {
  readonly deliveries: number;
  readonly cpuS: number;
  readonly wallS: number;
  readonly writeCalls: number;
  /** Of a delivery's frame, header included. */
  readonly frameBytes: number;
}

/**
 * Keeps the server so many messages behind for a while, then waits for the last delivery. Rejects where one was left out,
 * came twice, or out of order.
 */
export async function saturate({ server, swarm }: Contestant, saturation: Saturation): Promise<SaturationResult> {
  const { durationMs, aheadCount, feedCount, roomSize } = saturation;
  let [fedCount, delivered] = [0, 0];
  let progress = Promise.withResolvers<void>();
  await swarm.count(feedCount * roomSize, (count) => {
    delivered = count;
    progress.resolve();
    progress = Promise.withResolvers();
  });
  const before = usageOf(server.pid);
  const startedAt = performance.now();
  while (performance.now() < startedAt + durationMs) {
    if (fedCount - delivered / roomSize + feedCount > aheadCount) {
      await inTime(
        () => progress.promise,
        PROGRESS_DEADLINE_MS,
        () => new Error('deliveries do not go on'),
      );
      continue;
    }
    await server.feed(feedCount);
    fedCount += feedCount;
  }
  await server.flush();
  const deliveries = fedCount * roomSize;
  const { bytes } = await swarm.end(deliveries);
  const wallS = (performance.now() - startedAt) / 1_000;
  const frameBytes = bytes / deliveries + 4;
  return { deliveries, wallS, frameBytes, ...usedBetween(before, usageOf(server.pid)) };
}
