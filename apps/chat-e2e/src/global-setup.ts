import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { MAX_UNACKNOWLEDGED, OUR_BEAT_MS } from './conformance/frames.ts';
import type { ChatAddresses } from './harness/chat-addresses.ts';
import { makeLogFolder } from './harness/log-folder.ts';
import { startChat } from './harness/start-chat.ts';
import { startTraceCollector } from './harness/trace-collector.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** The chat that all ordinary tests share. */
    chat: ChatAddresses;
    /** Folder with the logs of all chats of this run. */
    logFolder: string;
  }
}

/** Grace of the shared chat: long enough to come back in, short enough to wait for. In ms. */
const PRESENCE_GRACE_MS = 3_000;

/** Runs one chat beside all spec files. The logs outlive a run with failures. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const logFolder = makeLogFolder();
  const removeLogs = () => rmSync(logFolder, { recursive: true, force: true });
  process.once('exit', removeLogs);
  const collector = await startTraceCollector();
  const chat = await startChat({
    logDir: join(logFolder, 'shared'),
    presenceGraceMs: PRESENCE_GRACE_MS,
    heartBeatMs: OUR_BEAT_MS,
    maxUnacknowledged: MAX_UNACKNOWLEDGED,
    collectorUrl: collector.url,
  });
  project.provide('chat', chat.addresses);
  project.provide('logFolder', logFolder);
  return async () => {
    await chat.stop();
    await collector.close();
    if (project.vitest.state.getCountOfFailedTests() === 0) return;
    process.off('exit', removeLogs);
    console.log(`The logs of the apps are in ${logFolder}`);
  };
}
