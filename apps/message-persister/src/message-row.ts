import type { MessageDTO, MessageKind } from '@chat/dto';

/** A record that counts, as it will stand in Postgres. */
export interface MessageRow {
  readonly logOffset: number;
  readonly roomId: number;
  readonly id: number;
  readonly senderId: number;
  readonly content: string;
  readonly type: string;
  readonly kind: MessageKind | null;
  /** Whether it takes a number in its room and an ordinal of its sender. */
  readonly counts: boolean;
  readonly sentAtMs: number;
  readonly eventId: string | null;
  readonly clientMessageId: string | null;
}

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
