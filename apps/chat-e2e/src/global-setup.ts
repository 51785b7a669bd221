import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { MAX_UNACKNOWLEDGED, OUR_BEAT_MS } from './conformance/frames.ts';
import type { ChatAddresses } from './harness/chat-addresses.ts';
import { openRunLogs } from './harness/log-folder.ts';
import { startChat } from './harness/start-chat.ts';
import { startTraceCollector } from './harness/trace-collector.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** The chat that all ordinary tests share. */
    chat: ChatAddresses;
  }
}

/** Grace of the shared chat: long enough to come back in, short enough to wait for. In ms. */
const PRESENCE_GRACE_MS = 3_000;

/** Runs one chat beside all spec files. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const logs = openRunLogs(project);
  const collector = await startTraceCollector();
  const chat = await startChat({
    logDir: join(logs.folder, 'shared'),
    presenceGraceMs: PRESENCE_GRACE_MS,
    heartBeatMs: OUR_BEAT_MS,
    maxUnacknowledged: MAX_UNACKNOWLEDGED,
    collectorUrl: collector.url,
    collectsGarbage: true,
  });
  project.provide('chat', chat.addresses);
  return async () => {
    await chat.stop();
    await collector.close();
    logs.close();
  };
}
