import type { FaultApp } from '../chat/fault-app.ts';
import type { Recorder } from '../history/recorder.ts';
import type { RunLog } from '../readback/run-log.ts';
import type { RunRows } from '../readback/run-rows.ts';
import type { FaultClient } from '../workload/fault-client.ts';
import { until } from './until.ts';

/** How long each is waited for, in ms: longer than allowed, to say how late it was. */
const READY_WAIT_MS = 60_000;
const CAUGHT_UP_WAIT_MS = 90_000;
const MESSAGE_WAIT_MS = 20_000;
/** A producer that meets a cluster which is being mended tries again. */
const MARK_WAIT_MS = 60_000;

export interface RecoveryOptions {
  readonly apps: readonly FaultApp[];
  readonly probes: readonly [FaultClient, FaultClient];
  readonly log: RunLog;
  readonly rows: RunRows;
  readonly note: Recorder['note'];
}

/** Notes that the faults are mended, and how long it then takes until everything works again. Never rejects. */
export async function noteRecovery({ apps, probes, log, rows, note }: RecoveryOptions): Promise<void> {
  note({ type: 'healed' });
  const caughtUp = caughtUpAfter(log, rows);
  await Promise.all(
    apps.map(async (app) => {
      const afterMs = await until(() => app.isReady(), READY_WAIT_MS);
      note({ type: 'ready', instance: app.name, afterMs });
    }),
  );
  note({ type: 'firstMessage', afterMs: await firstMessageAfter(probes) });
  note({ type: 'caughtUp', afterMs: await caughtUp });
}

/** From now to when Postgres has everything that lay in Kafka a moment ago, in ms. */
async function caughtUpAfter(log: RunLog, rows: RunRows): Promise<number | null> {
  const beganAt = performance.now();
  let marks: Awaited<ReturnType<RunLog['mark']>> | null = null;
  await until(async () => {
    marks ??= await log.mark().catch(() => null);
    return marks !== null;
  }, MARK_WAIT_MS);
  const known = marks;
  if (known === null) return null;
  const after = await until(() => rows.isCaughtUp(known).catch(() => false), CAUGHT_UP_WAIT_MS);
  return after === null ? null : Math.round(performance.now() - beganAt);
}

/** From now to when a new message of one client has come to another, in ms. */
async function firstMessageAfter([sender, receiver]: readonly [FaultClient, FaultClient]): Promise<number | null> {
  const [room = 0] = receiver.rooms;
  const before = receiver.lastSeen(room);
  let isSent = false;
  return until(() => {
    isSent ||= receiver.isLive && sender.send(room);
    return isSent && receiver.lastSeen(room) !== before;
  }, MESSAGE_WAIT_MS);
}
