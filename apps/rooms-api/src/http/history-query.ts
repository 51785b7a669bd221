import { HISTORY_LIMIT_DEFAULT, HISTORY_LIMIT_MAX, parseMessageId, type MessageId } from '@chat/dto';
import { invalidRequest, type FieldProblem } from '@chat/service-kit';
import type { HistoryCursor, HistoryQuery } from '../history/list-messages.ts';
import { wholeNumber, type NumberRange } from './pagination.ts';

export const HISTORY_LIMIT_RANGE: NumberRange = { min: 1, max: HISTORY_LIMIT_MAX, standard: HISTORY_LIMIT_DEFAULT };

/** `after=0`: from the first message on. */
const START = '0';

/** Reads `before`, `after` and `limit` (1 to 200, 50 when absent); INVALID_REQUEST names every invalid one. */
export function parseHistoryQuery(query: Readonly<Record<string, unknown>>): HistoryQuery {
  const problems: FieldProblem[] = [];
  const limit = wholeNumber(query, 'limit', HISTORY_LIMIT_RANGE, problems);
  const before = messageIdOf(query, 'before', problems);
  const after = messageIdOf(query, 'after', problems);
  if (query['before'] !== undefined && query['after'] !== undefined) {
    problems.push(...['before', 'after'].map((field) => ({ field, message: 'must not come with the other one' })));
  }
  if (problems.length > 0) throw invalidRequest(...problems);
  return { cursor: cursorOf(query, before, after), limit };
}

function cursorOf(
  query: Readonly<Record<string, unknown>>,
  before: MessageId | null,
  after: MessageId | null,
): HistoryCursor | null {
  if (before !== null) return { direction: 'before', messageId: before };
  if (query['after'] === START) return { direction: 'after', messageId: 'START' };
  return after === null ? null : { direction: 'after', messageId: after };
}

function messageIdOf(
  query: Readonly<Record<string, unknown>>,
  field: string,
  problems: FieldProblem[],
): MessageId | null {
  const text = query[field];
  if (text === undefined) return null;
  const id = typeof text === 'string' ? parseMessageId(text) : null;
  if (id === null) problems.push({ field, message: 'must be the id of a message' });
  return id;
}
