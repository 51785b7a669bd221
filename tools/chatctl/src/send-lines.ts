import { randomUUID } from 'node:crypto';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { ChatRoom } from '@chat/client';
import { FailedQuietly, failureOf, type ToldFailure } from './failure.ts';

/** Lines that have no answer yet; more are not read. */
const LINES_IN_FLIGHT_MAX = 100;

/** What became of a line of the input. */
export interface LineOutcome {
  /** From 1. */
  readonly line: number;
  readonly clientMessageId: string;
  /** Of the message; or why it is none. */
  readonly sent: { readonly messageId: number } | { readonly error: ToldFailure };
}

export interface SendLinesOptions {
  readonly persisted?: boolean;
  /** In the order of the lines. */
  readonly onOutcome: (outcome: LineOutcome) => void;
}

/** Sends each line that is not empty; ends when all are answered, with a FailedQuietly where not all were sent. */
export async function sendLines(
  input: Readable,
  room: Pick<ChatRoom, 'send'>,
  { persisted = false, onOutcome }: SendLinesOptions,
): Promise<void> {
  const failures = { passing: 0, lasting: 0 };
  const inFlight = new Set<Promise<void>>();
  let told = Promise.resolve();
  let line = 0;
  const tell = async (before: Promise<void>, asked: Promise<LineOutcome>) => {
    await before;
    const outcome = await asked;
    onOutcome(outcome);
    if ('error' in outcome.sent) failures[outcome.sent.error.retryable ? 'passing' : 'lasting'] += 1;
  };
  for await (const text of createInterface({ input, crlfDelay: Infinity })) {
    line += 1;
    if (text === '') continue;
    const mine = tell(told, sendLine(room, { text, line, persisted })).finally(() => inFlight.delete(mine));
    told = mine;
    inFlight.add(mine);
    if (inFlight.size >= LINES_IN_FLIGHT_MAX) await Promise.race(inFlight);
  }
  await told;
  if (failures.passing + failures.lasting > 0) throw new FailedQuietly(failures.lasting === 0);
}

async function sendLine(
  room: Pick<ChatRoom, 'send'>,
  { text, line, persisted }: { readonly text: string; readonly line: number; readonly persisted: boolean },
): Promise<LineOutcome> {
  const clientMessageId = randomUUID();
  try {
    return { line, clientMessageId, sent: { messageId: await room.send(text, { persisted, clientMessageId }) } };
  } catch (error) {
    return { line, clientMessageId, sent: { error: failureOf(error) } };
  }
}
