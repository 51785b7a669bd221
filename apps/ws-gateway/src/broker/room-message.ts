import type { RoomId, UserId } from '@chat/dto';
import type { StompHeader } from '@chat/stomp';
import { roomDestination } from './destinations.ts';
import type { OutboundMessage } from './fan-out.ts';

/** One message of a room on its way to subscribers. */
export interface RoomMessage {
  readonly roomId: RoomId;
  readonly messageId: string;
  readonly senderId: UserId;
  /** Where it lies in the log of the room's partition. */
  readonly offset: number;
  /** JSON text of the MessageDTO, in UTF-8. */
  readonly body: Uint8Array;
  /** As its sender named it; null where it has no such name. */
  readonly clientMessageId: string | null;
  /** Id of the room's message before it; null where that is unknown, never guessed. */
  readonly prev: string | null;
  /** Whether it comes from the history rather than live. */
  readonly isReplayed: boolean;
}

/** What a message weighs beside its body, in bytes: command, headers, WebSocket header. */
const FRAME_OVERHEAD_BYTES = 250;

/** Bytes that a MESSAGE is at most, but for the length of its client-message-id. */
export function weightOf({ body, clientMessageId }: RoomMessage): number {
  return FRAME_OVERHEAD_BYTES + body.length + (clientMessageId?.length ?? 0);
}

/** The MESSAGE that subscribers of the room get. */
export function outboundOf({ roomId, messageId, offset, body, ...about }: RoomMessage): OutboundMessage {
  const headers: StompHeader[] = [];
  if (about.clientMessageId !== null) headers.push(['client-message-id', about.clientMessageId]);
  if (about.prev !== null) headers.push(['prev', about.prev]);
  if (about.isReplayed) headers.push(['replayed', 'true']);
  return { destination: roomDestination(roomId), messageId, offset, body, headers };
}
