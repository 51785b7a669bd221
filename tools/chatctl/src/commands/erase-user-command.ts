import type { ErasureDTO } from '@chat/dto';
import { pause } from '@chat/service-kit';
import type { CommandContext } from '../context.ts';
import { UsageError } from '../failure.ts';

export interface EraseUserOptions {
  readonly userId: number;
  /** Of rooms-api. */
  readonly internalUrl?: string | undefined;
}

/** One step takes up to five seconds by the service's own deadline. */
const STEP_DEADLINE_MS = 10_000;
const BETWEEN_STEPS_MS = 1_000;
const WAITS: Readonly<Record<NonNullable<ErasureDTO['waitsFor']>, string>> = {
  SESSIONS: 'until what was under way of the user has come to the log',
  STORING: 'until message-persister has stored all that is in the log',
  NEXT_STEP: 'for the next step',
};

/** Erases what a user has written and what is known of them, step by step until it is complete. Broken off, it is begun again. */
export async function eraseUserCommand(
  context: CommandContext,
  { userId, internalUrl }: EraseUserOptions,
): Promise<void> {
  const { output, environment } = context;
  const url = internalUrl ?? environment.stack?.internalUrls['rooms-api'];
  if (url === undefined) throw new UsageError('Name the internal address of rooms-api by --internal-url');
  const sums = { roomCount: 0, messageCount: 0, otherCount: 0 };
  for (;;) {
    const step = await eraseStep(`${url.replace(/\/+$/, '')}/internal/chat/users/${userId}/erasure`);
    sums.roomCount += step.roomCount;
    sums.messageCount += step.messageCount;
    sums.otherCount += step.otherCount;
    if (step.isComplete) return output.result({ ...step, ...sums }, () => sentenceOf(userId, sums));
    output.note(
      `${sums.messageCount} messages so far; waiting ${step.waitsFor === undefined ? '' : WAITS[step.waitsFor]}`,
    );
    await pause(BETWEEN_STEPS_MS, context.interrupted);
    context.interrupted.throwIfAborted();
  }
}

function sentenceOf(userId: number, sums: Pick<ErasureDTO, 'roomCount' | 'messageCount' | 'otherCount'>): string {
  const { roomCount, messageCount, otherCount } = sums;
  return `user ${userId} is erased: ${messageCount} messages and changes, ${roomCount} memberships, ${otherCount} other rows`;
}

async function eraseStep(url: string): Promise<ErasureDTO> {
  const response = await fetch(url, { method: 'POST', signal: AbortSignal.timeout(STEP_DEADLINE_MS) });
  const body = (await response.json()) as ErasureDTO & { detail?: string; code?: string; retryable?: boolean }; // of rooms-api
  if (response.ok) return body;
  const { detail = `the answer was ${response.status}`, code = 'FAILED', retryable = false } = body;
  throw Object.assign(new Error(detail), { code, retryable });
}
