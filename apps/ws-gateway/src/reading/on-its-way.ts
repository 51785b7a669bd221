import { messageIdParts, tickOf } from '@chat/database';
import type { MessageId } from '@chat/dto';
import { ON_ITS_WAY_MAX_MS } from '../limits.ts';

/**
 * Whether a message that is not here may be on its way. Ids of ours tell when they were made; one may be ahead of the clock, never
 * behind what its gateway made before. `nowMs` in Unix ms.
 */
export function mayBeOnItsWay(messageId: MessageId, nowMs: number): boolean {
  return messageIdParts(messageId).tick >= tickOf(nowMs - ON_ITS_WAY_MAX_MS);
}
