import { createToken, eventually } from '@chat/testing';
import { ROOMS, type ChatDriver } from '../clients/chat-driver.ts';
import { marked } from '../clients/content.ts';
import { newPerson, type Person } from '../clients/person.ts';
import type { RestCaller } from '../clients/rest-caller.ts';
import { STORED } from '../room-of-two.ts';
import type { Author } from './operation-rules.ts';
import { isArchived, isDirect, isKnown, isPrivate, type RoomKind, type Standing } from './standings.ts';

/** Members and banned of whom one is used up by each operation that takes somebody away. */
const SPARE_COUNT = 4;

/** A room of a kind, and somebody in each standing to it. */
export interface RoomScene {
  readonly kind: RoomKind;
  readonly roomId: number;
  /** A message of each, stored. */
  readonly messageIds: Readonly<Record<Author, string>>;
  readonly people: Readonly<Record<Standing, Person>>;
  callerOf(who: Standing): RestCaller;
  /** A member whom nothing else depends on; each once. */
  spareMember(): Person;
  spareBanned(): Person;
}

/** Makes it by REST, as its people would. */
export async function createScene(
  chat: ChatDriver,
  kind: RoomKind,
  { hasSpares }: { hasSpares: boolean },
): Promise<RoomScene> {
  const people = Object.fromEntries(
    (['anonymous', 'stranger', 'invited', 'removed', 'banned', 'member', 'admin', 'owner'] as const).map((who) => [
      who,
      newPerson(who),
    ]),
  ) as Record<Exclude<Standing, 'expired'>, Person>; // Object.fromEntries forgets which keys there are
  const owner = chat.as(people.owner);
  const roomId = isDirect(kind)
    ? (await owner.post<{ id: number }>(`${ROOMS}/direct/${people.member.id}`)).body.id
    : (await chat.createRoom(people.owner, { visibility: isPrivate(kind) ? 'PRIVATE' : 'PUBLIC' })).id;
  const spares = (name: string) => (hasSpares ? Array.from({ length: SPARE_COUNT }, () => newPerson(name)) : []);
  const [members, banned] = [spares('spare'), spares('banned-spare')];

  const add = async (person: Person, role = 'MEMBER') => {
    await expectDone(owner.post(`${ROOMS}/${roomId}/members`, { userId: person.id, role }));
    if (isPrivate(kind)) await chat.join(person, roomId);
  };
  const ban = (person: Person) => expectDone(owner.put(`${ROOMS}/${roomId}/bans/${person.id}`, {}));
  if (!isDirect(kind)) {
    await add(people.member);
    await add(people.admin, 'ADMIN');
    await add(people.removed);
    await expectDone(owner.delete(`${ROOMS}/${roomId}/members/${people.removed.id}`));
    await ban(people.banned);
    if (isPrivate(kind)) await expectDone(owner.post(`${ROOMS}/${roomId}/members`, { userId: people.invited.id }));
    await Promise.all([...members.map((person) => add(person)), ...banned.map(ban)]);
  }
  const [ofOwner, ofMember] = await Promise.all([
    sayFirst(chat, people.owner, roomId),
    sayFirst(chat, people.member, roomId),
  ]);
  if (isArchived(kind)) await expectDone(owner.delete(`${ROOMS}/${roomId}`));

  const expired = { ...people.stranger, token: createToken({ userId: people.stranger.id, expiresInSeconds: -60 }) };
  const all = { ...people, expired };
  const taken = (from: Person[]) => {
    const next = from.pop();
    if (next === undefined) throw new Error('nobody is left to be taken away');
    return next;
  };
  return {
    kind,
    roomId,
    messageIds: { owner: ofOwner, member: ofMember },
    people: all,
    callerOf: (who) => (isKnown(who) || who === 'expired' ? chat.as(all[who]) : chat.anonymous),
    spareMember: () => taken(members),
    spareBanned: () => taken(banned),
  };
}

/** A message of somebody, once it is stored. */
async function sayFirst(chat: ChatDriver, author: Person, roomId: number): Promise<string> {
  const session = await chat.connect(author);
  const messageId = await session.sendMessage(roomId, marked('first'));
  await eventually(async () => {
    const { status } = await chat.as(author).get(`${ROOMS}/${roomId}/messages/${messageId}/status`);
    if (status !== 200) throw new Error(`the message is not stored: ${status}`);
  }, STORED);
  return messageId;
}

async function expectDone(request: Promise<{ readonly status: number; readonly body: unknown }>): Promise<void> {
  const { status, body } = await request;
  if (status >= 300) throw new Error(`the scene was not set: ${status} ${JSON.stringify(body)}`);
}
