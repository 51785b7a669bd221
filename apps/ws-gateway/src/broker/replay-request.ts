import type { MessageId } from '@chat/dto';
import type { ChatError } from '@chat/service-kit';
import { headerOf, type StompFrame } from '@chat/stomp';
import { HISTORY_MAX_MESSAGES } from '../limits.ts';
import { invalidFields } from './invalid-fields.ts';

/** What a SUBSCRIBE to a room asks for before it is live. */
export type ReplayRequest =
  | { readonly kind: 'none' }
  /** Everything after this message; null: everything from the first on. */
  | { readonly kind: 'since'; readonly messageId: MessageId | null }
  /** The last so many. */
  | { readonly kind: 'history'; readonly count: number };

export const NO_REPLAY: ReplayRequest = { kind: 'none' };

const INTEGER = /^(?:0|-?[1-9][0-9]{0,15})$/; // ids of foreign producers may be negative

/** What the headers `since` and `history` of a SUBSCRIBE to a room ask for, or why they ask for nothing. */
export function replayRequestOf(frame: StompFrame): ReplayRequest | ChatError {
  const since = headerOf(frame, 'since');
  const history = headerOf(frame, 'history');
  if (since !== undefined && history !== undefined)
    return invalidFields({ field: 'since', message: 'does not go together with history' });
  if (since !== undefined) return sinceOf(since);
  return history === undefined ? NO_REPLAY : historyOf(history);
}

function sinceOf(text: string): ReplayRequest | ChatError {
  const id = integerOf(text);
  if (id === null)
    return invalidFields({ field: 'since', message: 'must be the id of a message, or 0 for all of them' });
  return { kind: 'since', messageId: id === 0 ? null : (id as MessageId) }; // the brand adds only the name
}

function historyOf(text: string): ReplayRequest | ChatError {
  const count = integerOf(text);
  if (count !== null && count >= 0 && count <= HISTORY_MAX_MESSAGES) return { kind: 'history', count };
  return invalidFields({ field: 'history', message: `must be a number from 0 to ${HISTORY_MAX_MESSAGES}` });
}

function integerOf(text: string): number | null {
  const number = INTEGER.test(text) ? Number(text) : NaN;
  return Number.isSafeInteger(number) ? number : null;
}
