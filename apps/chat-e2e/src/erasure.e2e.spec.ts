import type { ChatRoomDTO, HistoryMessageDTO, MessageDTO, PageDTO, UnreadDTO } from '@chat/dto';
import { createToken, eventually } from '@chat/testing';
import { afterAll, describe, expect, inject, it } from 'vitest';
import { ROOMS } from './clients/chat-driver.ts';
import { marked } from './clients/content.ts';
import { newPerson, type Person } from './clients/person.ts';
import { Chatctl } from './harness/chatctl.ts';
import { idsIn, STORED } from './room-of-two.ts';
import { useSharedChat } from './shared-chat.ts';

const chat = useSharedChat();
const ctl = new Chatctl(inject('chat'));
afterAll(() => ctl.cleanUp());

async function read<Body>(person: Person, path: string): Promise<Body> {
  const { status, body } = await chat.as(person).get<Body>(`${ROOMS}${path}`);
  expect(status, path).toBe(200);
  return body;
}

const unreadOf = async (person: Person) => (await read<UnreadDTO>(person, '/unread')).rooms;

/** Tables with this text in any column of a row. */
async function tablesWith(text: string): Promise<readonly string[]> {
  const tables = await chat.query<{ name: string }>(
    `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public' ORDER BY 1`,
  );
  const found: string[] = [];
  for (const { name } of tables) {
    const rows = await chat.query(`SELECT 1 FROM "${name}" AS t WHERE strpos(to_jsonb(t)::text, $1) > 0 LIMIT 1`, [
      text,
    ]);
    if (rows.length > 0) found.push(name);
  }
  return found;
}

describe('the data of a user', () => {
  it('are nowhere after their erasure, while numbers, places and what is unread are as they were', async () => {
    const [gone, ben, cem] = [newPerson('canary'), newPerson('ben'), newPerson('cem')];
    const roomId = await chat.createRoomOf(gone, ben, cem);
    const alone = (await chat.createRoom(gone, { name: 'canary alone' })).id;
    const [ofGone, ofBen] = [await chat.connect(gone), await chat.connect(ben, 1)];
    const text = marked(`canary ${gone.id}`);
    const first = await ofGone.sendMessage(roomId, text);
    const ofOther = await ofBen.sendMessage(roomId, marked('of ben'));
    const edited = await ofGone.sendMessage(roomId, text);
    await ofGone.send(`/app/chat.edit/${roomId}`, { targetId: Number(edited), content: `${text} edited` });
    await ofGone.send(`/app/chat.react/${roomId}`, { targetId: Number(ofOther), content: 'canary!' });
    await ofGone.send(`/app/chat.send/${alone}`, { content: text }, { 'receipt-level': 'persisted' });
    await eventually(async () => expect(await unreadOf(cem)).toEqual([{ roomId, unreadCount: 3 }]), STORED);
    expect(await tablesWith('canary')).toEqual(
      expect.arrayContaining(['chat_rooms', 'messages', 'reactions', 'users']),
    );
    const places = () =>
      chat.query('SELECT id, seq, sender_ordinal FROM messages WHERE room_id = $1 AND id <= $2 ORDER BY log_offset', [
        roomId,
        edited,
      ]);
    const before = await places();

    const { code, stdout, stderr } = await ctl.run(['erase-user', String(gone.id)]);
    expect({ code, stdout, stderr }).toMatchObject({
      code: 0,
      stdout: expect.stringContaining(`user ${gone.id} is erased`) as string,
    });

    expect((await ofGone.ended).code).toBe(4003);
    expect(await tablesWith(`canary ${gone.id}`)).toEqual([]);
    expect(await tablesWith(gone.username)).toEqual([]);
    expect(await tablesWith('canary alone')).toEqual([]);
    expect(await tablesWith('canary!')).toEqual([]);
    expect(await chat.query('SELECT 1 FROM last_seen WHERE user_id = $1', [gone.id])).toEqual([]);
    expect(await unreadOf(cem), 'nobody wrote').toEqual([{ roomId, unreadCount: 3 }]);
    expect(await places()).toEqual(before);

    const { items } = await read<{ items: readonly HistoryMessageDTO[] }>(ben, `/${roomId}/messages`);
    expect(items.map(({ id, content, deletedAt }) => [String(id), content, deletedAt !== undefined])).toEqual([
      [first, '', true],
      [ofOther, marked('of ben'), false],
      [edited, '', true],
      [expect.any(String), expect.stringMatching(/^(A member left|user-)/), false],
    ]);
    const { content: rooms } = await read<PageDTO<ChatRoomDTO>>(cem, '/user');
    expect(rooms[0]).toMatchObject({ ownerId: ben.id, lastMessage: { content: '' } });

    const room = await (await chat.connect(cem)).subscribe(`/topic/chat_rooms/${roomId}`, { since: '0' });
    expect(room.receiptHeaders['recovered']).toBe('true');
    expect(idsIn(room).slice(0, 3)).toEqual([first, ofOther, edited]);
    for (const { senderId, content } of room.bodies<MessageDTO>()) {
      expect(content.includes('canary')).toBe(false);
      if (senderId === ben.id) expect(content).toBe(marked('of ben'));
    }

    const back = { ...gone, token: createToken({ userId: gone.id, claims: { username: gone.username } }) };
    expect(await read<PageDTO<ChatRoomDTO>>(back, '/user'), 'as somebody new').toMatchObject({ content: [] });
    await eventually(async () => expect(await tablesWith(gone.username)).toEqual(['users']), STORED);
  });
});
