import type { MessageTraceDTO } from '@chat/dto';
import { eventually } from '@chat/testing';
import { afterAll, describe, expect, it } from 'vitest';
import { refusalOf } from './clients/chat-driver.ts';
import { CONTENT_MARK, marked } from './clients/content.ts';
import { newPerson } from './clients/person.ts';
import { Chatctl } from './harness/chatctl.ts';
import { roomOfTwo, STORED } from './room-of-two.ts';
import { useSharedChat } from './shared-chat.ts';

const chat = useSharedChat();
const chatctl = new Chatctl(chat.addresses);
afterAll(() => chatctl.cleanUp());

const storyOf = (messageId: string) => chat.internal.get<MessageTraceDTO>(`/internal/chat/messages/${messageId}/trace`);

const storyOfName = (roomId: number, senderId: number, clientMessageId: string) => {
  const query = new URLSearchParams({ roomId: String(roomId), senderId: String(senderId), clientMessageId }).toString();
  return chat.internal.get<MessageTraceDTO>(`/internal/chat/messages/trace?${query}`);
};

/** The story of a message once it is stored. */
const storedStory = (messageId: string) =>
  eventually(async () => {
    const { body } = await storyOf(messageId);
    expect(body.outcome).toBe('STORED');
    return body;
  }, STORED);

describe('the story of a message', () => {
  it('tells who took it, where it lies, when it was stored, and to how many each gateway handed it', async () => {
    const { ann, roomId, ofAnn } = await roomOfTwo(chat);
    const messageId = await ofAnn.sendMessage(roomId, marked('hi'), { 'client-message-id': 'told' });
    const story = await storedStory(messageId);

    const [row] = await chat.query<{ partition: number; log_offset: string; stored_at: Date }>(
      'SELECT partition, log_offset, stored_at FROM messages WHERE room_id = $1 AND id = $2',
      [roomId, messageId],
    );
    expect(story).toMatchObject({
      messageId: Number(messageId),
      roomId,
      senderId: ann.id,
      clientMessageId: 'told',
      acceptedBy: 'ws-gateway-1',
      position: { partition: row?.partition, offset: Number(row?.log_offset) },
      storedAt: row?.stored_at.toISOString(),
      recipients: { recipientCount: 1 },
      notHeard: [],
    });
    const deliveries = story.gateways.map(({ instanceId, deliveredCount, heldCount }) => [
      ...[instanceId, deliveredCount, heldCount],
    ]);
    expect(deliveries.toSorted()).toEqual([
      ['ws-gateway-1', 1, 0],
      ['ws-gateway-2', 1, 0],
    ]);
    expect(JSON.stringify(story)).not.toContain(CONTENT_MARK);
    await eventually(async () => {
      expect((await storyOf(messageId)).body.recipients).toEqual({
        recipientCount: 1,
        deliveredCount: 1,
        readCount: 0,
      });
    }, STORED);
  });

  it('tells of each time that it was sent', async () => {
    const { ann, ben, roomId, ofAnn, ofBen } = await roomOfTwo(chat);
    const content = marked('again');
    const messageId = await ofAnn.sendMessage(roomId, content, { 'client-message-id': 'twice' });
    await eventually(async () => {
      const again = await (await chat.connect(ann, 1)).sendMessage(roomId, content, { 'client-message-id': 'twice' });
      expect(again).toBe(messageId);
    });
    await refusalOf(ofAnn.sendMessage(roomId, marked('other'), { 'client-message-id': 'twice' }));
    await ofBen.sendMessage(roomId, content, { 'client-message-id': 'twice' }); // another one of that name
    const { answers } = await storedStory(messageId);

    expect(answers.map(({ instanceId, messageId: id, code }) => [instanceId, code ?? id])).toEqual([
      ['ws-gateway-1', Number(messageId)],
      ['ws-gateway-2', Number(messageId)],
      ['ws-gateway-1', 'IDEMPOTENCY_CONFLICT'],
    ]);
    const named = await storyOfName(roomId, ann.id, 'twice');
    expect(named.body).toMatchObject({ messageId: Number(messageId), outcome: 'STORED' });
    expect((await storyOfName(roomId, ben.id, 'twice')).body.messageId).not.toBe(Number(messageId));
  });

  it('tells by its name why a SEND was refused', async () => {
    const stranger = newPerson();
    const { id: roomId } = await chat.createRoom(newPerson());
    const session = await chat.connect(stranger, 1);
    await refusalOf(session.sendMessage(roomId, marked('hi'), { 'client-message-id': 'refused' }));
    const { status, body } = await storyOfName(roomId, stranger.id, 'refused');

    expect(status).toBe(200);
    expect(body).toMatchObject({
      outcome: 'REFUSED',
      roomId,
      senderId: stranger.id,
      answers: [{ instanceId: 'ws-gateway-2', code: 'NOT_A_MEMBER' }],
      gateways: [],
    });
    expect(body).not.toHaveProperty('messageId');
  });

  it('is none where nobody knows the message', async () => {
    const { status, body } = await storyOf('1');
    expect(status).toBe(404);
    expect(body).toMatchObject({ code: 'MESSAGE_NOT_FOUND' });
    expect((await storyOf('x')).status).toBe(400);
    expect((await storyOfName(1, 1, 'never-sent')).status).toBe(404);
  });

  it('is told on no public listener', async () => {
    expect((await chat.anonymous.get('/internal/chat/messages/1/trace')).status).toBe(404);
    const ofGateway = '/internal/chat/message-memory';
    for (const url of chat.addresses.wsUrls) {
      const publicUrl = url.replace(/^ws(.*)\/ws$/, 'http$1');
      expect((await fetch(`${publicUrl}${ofGateway}?messageId=1`)).status).toBe(404);
    }
    const internal = await fetch(`${chat.addresses.internalUrls['ws-gateway-1']}${ofGateway}`);
    expect(internal.status).toBe(400); // it is there, and says that nothing was asked for
  });

  it('is told by chatctl', async () => {
    const { roomId, ofAnn } = await roomOfTwo(chat);
    const messageId = await ofAnn.sendMessage(roomId, marked('hi'));
    await storedStory(messageId);
    const { code, stdout } = await chatctl.run(['trace', messageId]);
    expect(code).toBe(0);
    expect(stdout).toContain(`${messageId} of user`);
    expect(stdout).toContain('by ws-gateway-2 to 1 subscriptions');
    expect((await chatctl.run(['trace', '1'])).code).toBe(1);
  });
});
