import type { RequestListener } from 'node:http';
import type { MessageName } from '@chat/database';
import { parseMessageId, parseRoomId, parseUserId } from '@chat/dto';
import type { MessageStories } from './message-stories.ts';

/** Where rooms-api asks what this instance remembers of a message. */
export const MEMORY_PATH = '/internal/chat/message-memory';

/**
 * `GET /internal/chat/message-memory` with `messageId`, or `roomId`, `senderId` and `clientMessageId`, or all of them; on the
 * internal listener alone.
 */
export function storyRoute(stories: MessageStories): RequestListener {
  return (request, response) => {
    const { pathname, searchParams: query } = new URL(request.url ?? '/', 'http://gateway');
    const answer = (status: number, body: object) =>
      void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    if (pathname !== MEMORY_PATH) return answer(404, { code: 'NOT_FOUND' });
    if (request.method !== 'GET') return answer(405, { code: 'METHOD_NOT_ALLOWED' });
    const messageId = parseMessageId(query.get('messageId') ?? '');
    const name = nameOf(query);
    if (messageId === null && name === null) return answer(400, { code: 'INVALID_REQUEST' });
    answer(200, stories.find(messageId, name));
  };
}

function nameOf(query: URLSearchParams): MessageName | null {
  const roomId = parseRoomId(query.get('roomId') ?? '');
  const senderId = parseUserId(query.get('senderId') ?? '');
  const clientMessageId = query.get('clientMessageId');
  return roomId === null || senderId === null || clientMessageId === null
    ? null
    : { roomId, senderId, clientMessageId };
}
