import type { ErasureDTO } from '@chat/dto';
import { pause } from '@chat/service-kit';
import type { CommandContext } from '../context.ts';
import { callInternal } from '../internal-call.ts';

export interface EraseUserOptions {
  readonly userId: number;
  /** Of rooms-api. */
  readonly internalUrl?: string | undefined;
}

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
  const { output } = context;
  const request = { method: 'POST', path: `/users/${userId}/erasure`, internalUrl } as const;
  const sums = { roomCount: 0, messageCount: 0, otherCount: 0 };
  for (;;) {
    const step = await callInternal<ErasureDTO>(context, request);
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
