import { asMessageId, asRoomId, asUserId, type LogPosition } from '@chat/dto';
import { ChatError } from '@chat/service-kit';
import { describe, expect, it } from 'vitest';
import type { OpenSession } from '../broker/gateway.ts';
import type { Membership } from '../membership/membership-index.ts';
import { markRead, type MarkReadOptions } from './mark-read.ts';

const roomId = asRoomId(7);
const bob = asUserId(2);
const session = { sessionId: 's', userId: bob } as OpenSession; // it asks for no more
const position: LogPosition = { epoch: 1, partition: 0, offset: 5 };

function reading(more: Partial<MarkReadOptions> = {}) {
  const published: LogPosition[] = [];
  const options: MarkReadOptions = {
    findMembership: () => Promise.resolve({ roomId, userId: bob } as Membership), // nor here
    findPosition: (_, messageId) => Promise.resolve(messageId === asMessageId(41) ? position : null),
    publish: async (_room, _user, mark) => void published.push(mark),
    ...more,
  };
  const read = (body: string) => markRead(session, { roomId, body: new TextEncoder().encode(body) }, options);
  return { published, read };
}

describe('/app/chat.read', () => {
  it('makes a mark of the position of the message', async () => {
    const { published, read } = reading();
    expect(await read('{"messageId":41}')).toEqual({});
    expect(published).toEqual([position]);
  });

  it.each([
    ['{"messageId":42}', 'MESSAGE_NOT_FOUND'],
    ['{"messageId":"41"}', 'INVALID_REQUEST'],
    ['{}', 'INVALID_REQUEST'],
    ['', 'INVALID_JSON'],
  ])('refuses %j with %s, and marks nothing', async (body, code) => {
    const { published, read } = reading();
    await expect(read(body)).rejects.toMatchObject({ code });
    expect(published).toEqual([]);
  });

  it('is for members, whatever the message', async () => {
    const { published, read } = reading({ findMembership: () => Promise.reject(new ChatError('NOT_A_MEMBER')) });
    await expect(read('{"messageId":41}')).rejects.toMatchObject({ code: 'NOT_A_MEMBER' });
    expect(published).toEqual([]);
  });

  it('is refused where Kafka does not take the mark', async () => {
    const { read } = reading({ publish: () => Promise.reject(new ChatError('UNAVAILABLE')) });
    await expect(read('{"messageId":41}')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });
});
