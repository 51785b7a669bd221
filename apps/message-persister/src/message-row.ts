import type { NewMessageRow } from '@chat/database';
import { changeOf, type MessageDTO } from '@chat/dto';

/** A record that counts, as it will stand in Postgres: the type alone, decisions know no database. */
export type MessageRow = NewMessageRow;

/** The row of a message; its repeat keys must be storable. */
export function toMessageRow(
  message: MessageDTO,
  logOffset: number,
  keys: { eventId: string | null; clientMessageId: string | null },
): MessageRow {
  const change = changeOf(message);
  return {
    logOffset,
    roomId: message.roomId,
    id: message.id,
    senderId: message.senderId,
    content: message.content,
    type: message.type,
    kind: message.kind ?? null,
    system: message.system === undefined ? null : JSON.stringify(message.system),
    targetId: change === null ? null : change.targetId,
    removed: change !== null && change.isRemoval,
    counts: message.kind === undefined, // edits, deletes and reactions speak of a message, SYSTEM is nobody's word
    sentAtMs: Date.parse(message.timestamp),
    ...keys,
  };
}
