import type { NewMessageRow } from '@chat/database';
import type { MessageDTO, MessageKind } from '@chat/dto';

/** A record that counts, as it will stand in Postgres: the type alone, decisions know no database. */
export type MessageRow = NewMessageRow;

/** Kinds that change or mark another message and are none themselves. */
const UNCOUNTED: ReadonlySet<MessageKind> = new Set(['EDIT', 'DELETE', 'REACTION']);

/** The row of a message; its repeat keys must be storable. */
export function toMessageRow(
  message: MessageDTO,
  logOffset: number,
  keys: { eventId: string | null; clientMessageId: string | null },
): MessageRow {
  const kind = message.kind ?? null;
  return {
    logOffset,
    roomId: message.roomId,
    id: message.id,
    senderId: message.senderId,
    content: message.content,
    type: message.type,
    kind,
    counts: kind === null || !UNCOUNTED.has(kind),
    sentAtMs: Date.parse(message.timestamp),
    ...keys,
  };
}
