import type { RoomNotificationDTO } from '@chat/dto';
import { eventually } from '@chat/testing';
import { describe, expect, it } from 'vitest';
import { ROOMS, type GatewayIndex } from './clients/chat-driver.ts';
import { marked } from './clients/content.ts';
import { newPerson, type Person } from './clients/person.ts';
import type { OpenSubscription } from './clients/stomp-session.ts';
import { expectShape, MESSAGE } from './shapes.ts';
import { useSharedChat } from './shared-chat.ts';

const chat = useSharedChat();

const WAIT = { deadlineMs: 15_000, everyMs: 50 };
const NOTIFICATIONS = '/user/queue/notifications';

const told = (device: OpenSubscription) => device.bodies<RoomNotificationDTO>();
const lastOf = (device: OpenSubscription) => told(device).at(-1);

/** A room of Ann, who writes at one gateway, and Ben, who listens to his notifications on two devices at the two of them. */
async function annAndBen() {
  const [ann, ben] = [newPerson('ann'), newPerson('ben')];
  const roomId = await chat.createRoomOf(ann, ben);
  const ofAnn = await chat.connect(ann, 0);
  const deviceOf = async (person: Person, gateway: GatewayIndex) => {
    const session = await chat.connect(person, gateway);
    return { session, notifications: await session.subscribe(NOTIFICATIONS) };
  };
  const [phone, laptop] = [await deviceOf(ben, 0), await deviceOf(ben, 1)];
  const write = (content = marked('hi')) => ofAnn.sendMessage(roomId, content);
  return { ann, ben, roomId, ofAnn, phone, laptop, write, deviceOf };
}

describe('/user/queue/notifications', () => {
  it('tells every device of news in a room that it does not have open: what, cut short, and how much is unread', async () => {
    const { ann, ben, roomId, ofAnn, phone, laptop, write } = await annAndBen();
    const ownNews = await ofAnn.subscribe(NOTIFICATIONS);
    await write();
    for (const { notifications } of [phone, laptop]) {
      await eventually(() => expect(lastOf(notifications)).toMatchObject({ roomId, unreadCount: 1 }), WAIT);
    }
    const id = await write('😀'.repeat(400));
    for (const { notifications } of [phone, laptop]) {
      await eventually(() => expect(lastOf(notifications)?.lastMessage?.id).toBe(Number(id)), WAIT);
      const last = lastOf(notifications) ?? {};
      expectShape(last, { required: ['roomId', 'unreadCount', 'lastMessage'] });
      expect(last).toMatchObject({ unreadCount: 2, lastMessage: { senderId: ann.id, content: '😀'.repeat(200) } });
      expectShape(lastOf(notifications)?.lastMessage ?? {}, MESSAGE);
    }
    const answer = await chat.as(ben).get(`${ROOMS}/unread`);
    expect(answer.body).toEqual({ total: 2, rooms: [{ roomId, unreadCount: 2 }] });
    expect(ownNews.messages).toEqual([]);
  });

  it('tells of a room at most once a second, of its last message for sure, with the right count', async () => {
    const { phone, laptop, write } = await annAndBen();
    const count = 60;
    let id = '';
    for (let n = 0; n < count; n += 1) {
      id = await write(marked(`message ${n}`));
      await new Promise((resolve) => setTimeout(resolve, 30)); // a pace of writing, nothing is waited for
    }
    for (const { notifications } of [phone, laptop]) {
      await eventually(() => {
        expect(lastOf(notifications)).toMatchObject({ unreadCount: count, lastMessage: { id: Number(id) } });
      }, WAIT);
      const times = notifications.messages.map(({ at }) => at);
      const gaps = times.slice(1).map((at, index) => at - (times[index] ?? 0));
      expect(notifications.messages.length).toBeLessThanOrEqual(6);
      for (const gap of gaps) expect(gap).toBeGreaterThan(800); // a second at the gateway, less what the way here differs
    }
  });

  it('does not tell the device that has the room open, and tells it once that left the tab', async () => {
    const { roomId, phone, laptop, write } = await annAndBen();
    const room = await phone.session.subscribe(`/topic/chat_rooms/${roomId}`);
    await write();
    await eventually(() => expect(told(laptop.notifications)).toHaveLength(1), WAIT);
    expect(room.messages).toHaveLength(1);
    expect(phone.notifications.messages).toEqual([]);
    await phone.session.send(`/app/unsubscribe/chat_rooms/${roomId}`);
    await write();
    await eventually(() => expect(lastOf(phone.notifications)).toMatchObject({ roomId, unreadCount: 2 }), WAIT);
  });

  it('tells all other devices what is unread once the user has read on one, wherever they are', async () => {
    const { roomId, phone, laptop, write } = await annAndBen();
    await phone.session.subscribe(`/topic/chat_rooms/${roomId}`);
    const ids = [await write(), await write(), await write()].map(Number);
    await eventually(() => expect(lastOf(laptop.notifications)).toMatchObject({ unreadCount: 3 }), WAIT);
    await phone.session.send(`/app/chat.read/${roomId}`, { messageId: ids[1] });
    for (const { notifications } of [phone, laptop]) {
      await eventually(() => expect(lastOf(notifications)).toEqual({ roomId, unreadCount: 1 }), WAIT);
    }
    await laptop.session.send(`/app/chat.read/${roomId}`, { messageId: ids[2] });
    for (const { notifications } of [phone, laptop]) {
      await eventually(() => expect(lastOf(notifications)).toEqual({ roomId, unreadCount: 0 }), WAIT);
    }
  });

  it('tells of rooms joined while it listens, and of none that the user was removed from', async () => {
    const { ann, ben, ofAnn, phone, laptop } = await annAndBen();
    /** A room that Ben joins and both of his devices hear of. */
    const joinedRoom = async () => {
      const { id } = await chat.createRoom(ann);
      await chat.join(ben, id);
      await eventually(async () => {
        await ofAnn.sendMessage(id, marked('welcome'));
        expect(lastOf(laptop.notifications)).toMatchObject({ roomId: id });
        expect(lastOf(phone.notifications)).toMatchObject({ roomId: id });
      }, WAIT);
      return id;
    };
    const other = await joinedRoom();
    expect((await chat.as(ann).delete(`${ROOMS}/${other}/members/${ben.id}`)).status).toBe(204);
    const marker = await joinedRoom(); // behind the removal in the log of events
    const [before, beforeOnPhone] = [told(laptop.notifications).length, told(phone.notifications).length];
    await ofAnn.sendMessage(other, marked('gone'));
    await ofAnn.sendMessage(marker, marked('marker again'));
    for (const [device, count] of [
      [laptop, before],
      [phone, beforeOnPhone],
    ] as const) {
      await eventually(() => expect(told(device.notifications).length).toBeGreaterThan(count), WAIT);
      expect(
        told(device.notifications)
          .slice(count)
          .map(({ roomId }) => roomId),
      ).not.toContain(other);
    }
  });
});
