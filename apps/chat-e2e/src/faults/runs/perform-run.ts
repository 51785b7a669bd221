import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { openFaultChat } from '../chat/fault-chat.ts';
import type { HistoryEvent } from '../history/history-event.ts';
import { HistoryFile } from '../history/history-file.ts';
import { createRecorder } from '../history/recorder.ts';
import { runFaults, type FaultRunOptions } from './fault-run.ts';

export interface PerformOptions extends Omit<FaultRunOptions, 'chat' | 'recorder' | 'logDir'> {
  /** Gets the history and the logs of the apps; made where missing. */
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
  /** Built files to run instead of the apps' own, by app. */
  readonly scripts?: Readonly<Record<string, string>>;
  /** `KAFKA_TOPIC_LAYOUT` of all apps; that of the tests by default. */
  readonly topicLayout?: string;
  /** Root of the sources whose migrations the database has at the start; this clone's by default. */
  readonly schemaOf?: string;
}

/** A whole run on a chat of its own, which is gone afterwards; resolves to its history. */
export async function performRun(options: PerformOptions): Promise<readonly HistoryEvent[]> {
  const { folder, env, scripts = {}, topicLayout, schemaOf, say } = options;
  const logDir = join(folder, 'logs');
  mkdirSync(logDir, { recursive: true });
  const file = new HistoryFile(join(folder, 'history.jsonl'));
  const recorder = createRecorder({ now: () => performance.now(), pass: (event) => file.append(event) });
  const chat = await openFaultChat({
    env,
    logDir,
    scripts,
    say,
    ...(topicLayout && { topicLayout }),
    ...(schemaOf && { schemaOf }),
  });
  try {
    await runFaults({ ...options, chat, recorder, logDir });
  } finally {
    await chat.close();
    await file.close();
  }
  return recorder.events;
}
