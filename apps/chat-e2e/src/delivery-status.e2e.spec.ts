import type { MessageStatusDTO } from '@chat/dto';
import { eventually } from '@chat/testing';
import { describe, expect, it } from 'vitest';
import { ROOMS, type GatewayIndex } from './clients/chat-driver.ts';
import { marked } from './clients/content.ts';
import { newPerson, type Person } from './clients/person.ts';
import { idsIn, roomOfTwo } from './room-of-two.ts';
import { expectShape } from './shapes.ts';
import { useSharedChat } from './shared-chat.ts';

const chat = useSharedChat();

/** Marks are told once a second, the first of a subscription once more after five. */
const WAIT = { deadlineMs: 15_000, everyMs: 200 };

const topicOf = (roomId: number) => `/topic/chat_rooms/${roomId}`;

async function statusOf(asker: Person, roomId: number, messageId: string): Promise<MessageStatusDTO> {
  const { status, body } = await chat
    .as(asker)
    .get<MessageStatusDTO>(`${ROOMS}/${roomId}/messages/${messageId}/status`);
  if (status !== 200) throw new Error(`no status: ${status} ${JSON.stringify(body)}`);
  return body;
}

const expectStatus = (asker: Person, roomId: number, messageId: string, status: string) =>
  eventually(async () => expect((await statusOf(asker, roomId, messageId)).status).toBe(status), WAIT);

/** A room of Ann, who sends, and Ben, who listens to it in an ack mode at another gateway. */
async function annAndBen(ack: string) {
  const [ann, ben] = [newPerson('ann'), newPerson('ben')];
  const roomId = await chat.createRoomOf(ann, ben);
  const ofAnn = await chat.connect(ann, 0);
  const listen = async (gateway: GatewayIndex, headers = {}) => {
    const session = await chat.connect(ben, gateway);
    return { session, room: await session.subscribe(topicOf(roomId), { ack, ...headers }) };
  };
  const send = () => ofAnn.sendMessage(roomId, marked('hi'));
  return { ann, ben, roomId, listen, send };
}

/** What was delivered before this is judged once what is delivered now is. */
async function marksToBeStored(): Promise<void> {
  const { ann, roomId, listen, send } = await annAndBen('auto');
  await listen(1);
  await expectStatus(ann, roomId, await send(), 'DELIVERED');
}

describe('the status of a message', () => {
  it('is DELIVERED once it was written to the socket of a client in mode auto, and has its documented shape', async () => {
    const { ann, ben, roomId, ofAnn, roomOfBen } = await roomOfTwo(chat);
    const id = await ofAnn.sendMessage(roomId, marked('hi'));
    await eventually(() => expect(idsIn(roomOfBen)).toEqual([id]));
    await expectStatus(ann, roomId, id, 'DELIVERED');
    const status = await statusOf(ann, roomId, id);
    expectShape(status, { required: ['status', 'deliveredCount', 'readCount', 'members'] });
    expect(status).toMatchObject({
      deliveredCount: 1,
      readCount: 0,
      members: [{ userId: ben.id, status: 'DELIVERED' }],
    });
  });

  it('is DELIVERED with ACK, not before, in the client modes', async () => {
    const { ann, roomId, listen, send } = await annAndBen('client-individual');
    const { room } = await listen(1);
    const ids = [await send(), await send(), await send()];
    await eventually(() => expect(idsIn(room)).toEqual(ids));
    room.answer('ACK', 0);
    room.answer('ACK', 2);
    const [first = '', second = '', third = ''] = ids;
    await expectStatus(ann, roomId, first, 'DELIVERED');
    expect((await statusOf(ann, roomId, second)).status).toBe('PERSISTED');
    expect((await statusOf(ann, roomId, third)).status).toBe('PERSISTED'); // what lies before it is missing
    room.answer('ACK', 1);
    await expectStatus(ann, roomId, third, 'DELIVERED');
  });

  it('is never DELIVERED after NACK', async () => {
    const { ann, roomId, listen, send } = await annAndBen('client');
    const { room } = await listen(1);
    const ids = [await send(), await send()];
    await eventually(() => expect(idsIn(room)).toEqual(ids));
    room.answer('ACK', 0);
    room.answer('NACK', 1);
    const [taken = '', refused = ''] = ids;
    await expectStatus(ann, roomId, taken, 'DELIVERED');
    const last = await send();
    await eventually(() => expect(idsIn(room)).toHaveLength(3));
    room.answer('ACK', 2);
    await marksToBeStored();
    expect((await statusOf(ann, roomId, last)).status).toBe('PERSISTED');
    expect((await statusOf(ann, roomId, refused)).status).toBe('PERSISTED');
  });

  it('is DELIVERED when a recipient who was away resumes, at another gateway, and not while something is left out', async () => {
    const { ann, roomId, listen, send } = await annAndBen('auto');
    const first = await listen(0);
    const seen = await send();
    await expectStatus(ann, roomId, seen, 'DELIVERED');
    first.session.cut();
    const missed = [await send(), await send()];

    const careless = await listen(1);
    const later = await send();
    await eventually(() => expect(idsIn(careless.room)).toEqual([later]));
    await marksToBeStored();
    for (const id of [...missed, later]) expect((await statusOf(ann, roomId, id)).status).toBe('PERSISTED');

    const careful = await listen(1, { since: seen });
    expect(idsIn(careful.room)).toEqual([...missed, later]);
    for (const id of [...missed, later]) await expectStatus(ann, roomId, id, 'DELIVERED');
  });

  it('counts the members of a group who have got it, without who came later or has left', async () => {
    const { ann, ben, roomId, ofAnn, roomOfBen } = await roomOfTwo(chat);
    const cid = await chat.newMember(roomId, 'cid');
    const id = await ofAnn.sendMessage(roomId, marked('hi'));
    await eventually(() => expect(idsIn(roomOfBen)).toEqual([id]));
    await eventually(async () => expect((await statusOf(ann, roomId, id)).deliveredCount).toBe(1), WAIT);
    await chat.newMember(roomId, 'dan');
    expect(await statusOf(ann, roomId, id)).toMatchObject({
      status: 'PERSISTED',
      members: [
        { userId: ben.id, status: 'DELIVERED' },
        { userId: cid.id, status: 'PERSISTED' },
      ],
    });
    const left = await chat.as(cid).delete(`${ROOMS}/${roomId}/members/${cid.id}`);
    expect(left.status).toBe(204);
    expect(await statusOf(ann, roomId, id)).toMatchObject({ status: 'DELIVERED', members: [{ userId: ben.id }] });
  });

  it('is told to members alone, and of messages that there are', async () => {
    const { ann, roomId, ofAnn } = await roomOfTwo(chat);
    const id = await ofAnn.sendMessage(roomId, marked('hi'));
    const path = `${ROOMS}/${roomId}/messages`;
    expect(await chat.as(newPerson()).get(`${path}/${id}/status`)).toMatchObject({
      status: 403,
      body: { code: 'NOT_A_MEMBER' },
    });
    expect(await chat.as(ann).get(`${path}/12345/status`)).toMatchObject({
      status: 404,
      body: { code: 'MESSAGE_NOT_FOUND' },
    });
    expect(await chat.as(ann).get(`${path}/none/status`)).toMatchObject({
      status: 400,
      body: { code: 'INVALID_REQUEST' },
    });
  });
});
