import type { HistoryMessageDTO } from '@chat/dto';
import type { Paint } from './output.ts';
import { printable } from './printable.ts';

/** A message of the history or of a live room as one line: when, who, what. */
export function describeMessage(message: HistoryMessageDTO, paint: Paint): string {
  const at = paint('dim', message.timestamp.slice(0, 19).replace('T', ' '));
  const who = paint('cyan', `user ${message.senderId}`);
  return `${at}  ${paint('dim', String(message.id))}  ${who}: ${contentOf(message)}${reactionsOf(message)}`;
}

function contentOf({ kind, content, targetId, removed, editedAt, deletedAt }: HistoryMessageDTO) {
  if (deletedAt !== undefined) return '(deleted)';
  const text = printable(content);
  if (kind === 'EDIT') return `(edits ${targetId}) ${text}`;
  if (kind === 'DELETE') return `(deletes ${targetId})`;
  if (kind === 'REACTION') return `(${removed === true ? 'takes back from' : 'reacts to'} ${targetId}) ${text}`;
  if (kind === 'SYSTEM') return `* ${text}`;
  return editedAt === undefined ? text : `${text} (edited)`;
}

function reactionsOf({ reactions = [] }: HistoryMessageDTO): string {
  return reactions.length === 0
    ? ''
    : `  [${reactions.map(({ content, count }) => `${printable(content)} ${count}`).join(', ')}]`;
}
