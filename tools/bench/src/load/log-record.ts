import { asMessageId, asRoomId, asUserId } from '@chat/dto';
import { encodeRecord } from '@chat/kafka-contracts';
import { MessageTemplate, prepareRecipient } from '@chat/stomp';
import type { BacklogRecord } from './backlog.ts';
import { markedMessage, markOf } from './marked-message.ts';

/** The nth record of all, from 0, as a gateway would publish it; `sequence`th of its room, from 1. */
export function recordOf(n: number, roomId: number, sequence: number): BacklogRecord {
  const { id, content, type, timestamp } = markedMessage(n, roomId, markOf(roomId, sequence), OVERHEAD_BYTES);
  const ids = { id: asMessageId(id), senderId: asUserId(1), roomId: asRoomId(roomId) };
  const { key, value, headers } = encodeRecord(
    'chat-messages',
    ids.roomId,
    { ...ids, content, type, timestamp },
    { id: String(id), source: 'ws-gateway/bench', time: timestamp, headers: { 'sender-id': '1' } },
  );
  return { key, value: Buffer.from(value), headers: { ...headers } };
}

/** Bytes of a MESSAGE beside its body, for ids and bodies as long as these. */
const OVERHEAD_BYTES = (() => {
  const id = String(1e15);
  const headers = [
    ['destination', '/topic/chat_rooms/1001'],
    ['message-id', id],
    ['content-type', 'application/json'],
    ['prev', id],
  ] as const;
  const body = new Uint8Array(100);
  const recipient = prepareRecipient({ version: '1.2', subscriptionId: 'sub-0', ackId: null });
  return new MessageTemplate(headers, body).serialize(recipient).length - body.length;
})();

/** Characters of content that make a MESSAGE as long as all other frames, for ids as long as these. */
export const CONTENT_BYTES = markedMessage(0, 1_001, markOf(1_001, 1), OVERHEAD_BYTES).content.length;
