import type { ChatRoomDTO, MessageStatusDTO, PageDTO, UnreadDTO } from '@chat/dto';
import { eventually } from '@chat/testing';
import { describe, expect, it } from 'vitest';
import { refusalOf, ROOMS } from './clients/chat-driver.ts';
import { marked } from './clients/content.ts';
import { newPerson, type Person } from './clients/person.ts';
import { idsIn, roomOfTwo } from './room-of-two.ts';
import { expectShape } from './shapes.ts';
import { useSharedChat } from './shared-chat.ts';

const chat = useSharedChat();

const WAIT = { deadlineMs: 15_000, everyMs: 100 };
const readAt = (roomId: number) => `/app/chat.read/${roomId}`;

async function unreadOf(person: Person): Promise<UnreadDTO> {
  const { status, body } = await chat.as(person).get<UnreadDTO>(`${ROOMS}/unread`);
  expect(status).toBe(200);
  return body;
}

/** The user's count of the one room, by both endpoints, comes to this. */
const unreadToBe = (person: Person, roomId: number, unreadCount: number) =>
  eventually(async () => {
    expect(await unreadOf(person)).toEqual({ total: unreadCount, rooms: [{ roomId, unreadCount }] });
    const { body } = await chat.as(person).get<PageDTO<ChatRoomDTO>>(`${ROOMS}/user`);
    expect(body.content.map((room) => room.unreadCount)).toEqual([unreadCount]);
  }, WAIT);

/** Ben has got so many messages of Ann, each at another gateway. */
async function benHasGot(count: number) {
  const two = await roomOfTwo(chat);
  const ids: string[] = [];
  for (let n = 0; n < count; n += 1) ids.push(await two.ofAnn.sendMessage(two.roomId, marked(`message ${n}`)));
  await eventually(() => expect(idsIn(two.roomOfBen)).toEqual(ids));
  return { ...two, ids: ids.map(Number) };
}

describe('what is unread', () => {
  it('is what others wrote since the read mark, which never goes back, whatever order devices tell in', async () => {
    const { ann, ben, roomId, ofBen, ids } = await benHasGot(4);
    await unreadToBe(ben, roomId, 4);
    expectShape(await unreadOf(ben), { required: ['total', 'rooms'] });

    await ofBen.send(readAt(roomId), { messageId: ids[2] });
    await unreadToBe(ben, roomId, 1);
    const otherDevice = await chat.connect(ben, 0);
    await otherDevice.send(readAt(roomId), { messageId: ids[0] });
    await otherDevice.send(readAt(roomId), { messageId: ids[2] });
    await otherDevice.send(readAt(roomId), { messageId: ids[1] });
    await ofBen.sendMessage(roomId, marked('mine'));
    await unreadToBe(ann, roomId, 1); // by then the later marks are stored as well
    await unreadToBe(ben, roomId, 1);

    await otherDevice.send(readAt(roomId), { messageId: ids[3] });
    await unreadToBe(ben, roomId, 0);
  });

  it('does not count what was there before the joining, and begins anew for who comes back', async () => {
    const { ann, ben, roomId, ofAnn } = await benHasGot(2);
    await unreadToBe(ben, roomId, 2);
    const cid = await chat.newMember(roomId, 'cid');
    await unreadToBe(cid, roomId, 0);
    await ofAnn.sendMessage(roomId, marked('for Cid too'));
    await unreadToBe(cid, roomId, 1);
    expect((await chat.as(ann).delete(`${ROOMS}/${roomId}/members/${ben.id}`)).status).toBe(204);
    expect(await unreadOf(ben)).toEqual({ total: 0, rooms: [] });
    await chat.join(ben, roomId);
    await unreadToBe(ben, roomId, 0);
  });

  it('knows the own message as soon as it was sent, and shows its sender who has read it', async () => {
    const { ann, ben, roomId, ofAnn, ofBen, roomOfBen } = await roomOfTwo(chat);
    const id = await ofAnn.sendMessage(roomId, marked('read me'));
    await ofAnn.send(readAt(roomId), { messageId: Number(id) });
    await eventually(() => expect(idsIn(roomOfBen)).toEqual([id]));
    await ofBen.send(readAt(roomId), { messageId: Number(id) });
    await eventually(async () => {
      const { body } = await chat.as(ann).get<MessageStatusDTO>(`${ROOMS}/${roomId}/messages/${id}/status`);
      expect(body).toMatchObject({ status: 'READ', readCount: 1, members: [{ userId: ben.id, status: 'READ' }] });
    }, WAIT);
  });
});

describe('/app/chat.read', () => {
  it('refuses ids that were made up, and those of other rooms: nothing is read by them', async () => {
    const { ben, roomId, ofBen, ids } = await benHasGot(1);
    const other = await chat.createRoomOf(ben);
    const foreign = Number(await ofBen.sendMessage(other, marked('elsewhere')));
    for (const messageId of [12_345, foreign, Number.MAX_SAFE_INTEGER]) {
      const refusal = await refusalOf(ofBen.send(readAt(roomId), { messageId }));
      expect(refusal).toMatchObject({ code: 'MESSAGE_NOT_FOUND', retryable: false, destination: readAt(roomId) });
    }
    expect(await refusalOf(ofBen.send(readAt(roomId), { messageId: 'x' }))).toMatchObject({ code: 'INVALID_REQUEST' });
    expect((await unreadOf(ben)).rooms).toContainEqual({ roomId, unreadCount: ids.length });
  });

  it('is for members', async () => {
    const { roomId, ids } = await benHasGot(1);
    const stranger = await chat.connect(newPerson('stranger'), 1);
    const refusal = await refusalOf(stranger.send(readAt(roomId), { messageId: ids[0] }));
    expect(refusal).toMatchObject({ code: 'NOT_A_MEMBER' });
  });
});
