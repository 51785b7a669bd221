import type { UserPresenceDTO } from '@chat/dto';
import { eventually } from '@chat/testing';
import { expect } from 'vitest';
import type { ChatDriver } from './clients/chat-driver.ts';
import { newPerson, type Person } from './clients/person.ts';
import type { OpenSubscription } from './clients/stomp-session.ts';

/** Longest wait for what is to be stored, by a persister that has to take over first. */
export const STORED = { deadlineMs: 30_000, everyMs: 100 };

/** A room of two, each of whom listens to it at another gateway. */
export async function roomOfTwo(chat: ChatDriver) {
  const [ann, ben] = [newPerson('ann'), newPerson('ben')];
  const roomId = await chat.createRoomOf(ann, ben);
  const [ofAnn, ofBen] = await Promise.all([chat.connect(ann, 0), chat.connect(ben, 1)]);
  const destination = `/topic/chat_rooms/${roomId}`;
  const [roomOfAnn, roomOfBen] = await Promise.all([ofAnn.subscribe(destination), ofBen.subscribe(destination)]);
  return { ann, ben, roomId, ofAnn, ofBen, roomOfAnn, roomOfBen };
}

/** Message ids in the order of their arrival. */
export const idsIn = (room: OpenSubscription): readonly (string | undefined)[] =>
  room.messages.map(({ headers }) => headers['message-id']);

/** What a presence subscription was told of one user. */
export const presenceOf = (presence: OpenSubscription, { id }: Person): readonly UserPresenceDTO[] =>
  presence.bodies<UserPresenceDTO>().filter((event) => event.id === id);

/** Names of the events that a presence subscription was told of one user. */
export const eventsOf = (presence: OpenSubscription, person: Person): readonly (string | undefined)[] =>
  presenceOf(presence, person).map(({ event }) => event);

/** What was stored is what the subscription received: each once, in the same order, with dense numbers. */
export async function expectStored(chat: ChatDriver, roomId: number, room: OpenSubscription): Promise<void> {
  await eventually(async () => {
    const rows = await chat.query<{ id: string; seq: string }>(
      'SELECT id, seq FROM messages WHERE room_id = $1 ORDER BY epoch, log_offset',
      [roomId],
    );
    expect(rows.map(({ id }) => id)).toEqual(idsIn(room));
    expect(rows.map(({ seq }) => Number(seq))).toEqual(rows.map((_, at) => at + 1));
  }, STORED);
}
