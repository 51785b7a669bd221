import type { ChatRoomDTO } from '@chat/dto';
import { createToken } from '@chat/testing';
import { ROOMS } from '../clients/chat-driver.ts';
import { newPerson, type Person } from '../clients/person.ts';
import { RestCaller } from '../clients/rest-caller.ts';
import type { FaultChat } from '../faults/chat/fault-chat.ts';
import type { Scene } from '../faults/runs/scene.ts';
import { until } from '../faults/runs/until.ts';
import type { Query } from './restored-numbers.ts';

/** How long what was revoked may take to be known, in ms. */
const REVOKED_WITHIN_MS = 5_000;
const AN_HOUR_S = 3_600;
/** More than the 32 numbers that Postgres reserves of a sequence in its log, by which a copy of its disk is ahead. */
const NEW_ROOM_COUNT = 40;

/** What happens to a few people around a backup, and what of it has to be true after the restore. */
export class RestoreStory {
  readonly #chat: FaultChat;
  readonly #owner = newPerson('owner');
  readonly #removed = newPerson('removed');
  readonly #guest = newPerson('guest');
  readonly #member = newPerson('member');
  readonly #leaver = newPerson('leaver');
  readonly #shutOut = withOldToken(newPerson('shut-out'));
  #room = 0;
  #newestRoom = 0;

  private constructor(chat: FaultChat) {
    this.#chat = chat;
  }

  /** Before the backup: a private room of three, somebody who is invited, and somebody with a token. */
  static async begin({ chat, leaveOut }: Pick<Scene, 'chat' | 'leaveOut'>): Promise<RestoreStory> {
    const story = new RestoreStory(chat);
    story.#room = await story.#makeRoom();
    leaveOut(story.#room);
    for (const person of [story.#removed, story.#member, story.#leaver, story.#guest]) await story.#invite(person);
    for (const person of [story.#removed, story.#member, story.#leaver]) await story.#join(person);
    await story.#takeOut(story.#leaver); // by a message of rooms-api, whose instance number is a used one from then on
    expectStatus('a member reads the room', await story.#statusOfRoom(story.#removed), 200);
    expectStatus('a token counts', await story.#statusOfToken(), 200);
    return story;
  }

  /** After the backup: what a restore would undo. */
  async goOn(): Promise<void> {
    for (let at = 0; at < NEW_ROOM_COUNT; at += 1) this.#newestRoom = await this.#makeRoom();
    await this.#join(this.#guest);
    for (const person of [this.#removed, this.#guest]) await this.#takeOut(person);
    const internal = new RestCaller(this.#chat.app('rooms-api').internalUrl);
    const what = { userId: this.#shutOut.id };
    expectStatus('a user is shut out', (await internal.post('/internal/chat/revocations', what)).status, 202);
    const isShutOut = async () => (await this.#statusOfToken()) === 401;
    if ((await until(isShutOut, REVOKED_WITHIN_MS)) === null) throw new Error('a revoked token still counts');
  }

  /** Who is in the room by the rows, or may come in, and should not. */
  async stillIn(query: Query): Promise<readonly string[]> {
    const ofThem = `room_id = ${this.#room} AND user_id IN (${this.#removed.id}, ${this.#guest.id})`;
    const members = await query(`SELECT user_id FROM memberships WHERE ${ofThem}`);
    const invited = await query(`SELECT user_id FROM invitations WHERE ${ofThem}`);
    return [...members.map(() => 'a removed member is one again'), ...invited.map(() => 'a used invitation is back')];
  }

  /** Whether it is stored that somebody was shut out. */
  async isRevoked(query: Query): Promise<boolean> {
    return (await query(`SELECT 1 FROM revocations WHERE subject = 'user:${this.#shutOut.id}'`)).length > 0;
  }

  /** After the restore. */
  async expectKept(): Promise<void> {
    for (const person of [this.#removed, this.#guest]) {
      expectStatus('who was removed reads the room after the restore', await this.#statusOfRoom(person), 404);
    }
    expectStatus('who stayed reads the room after the restore', await this.#statusOfRoom(this.#member), 200);
    expectStatus('a revoked token counts after the restore', await this.#statusOfToken(), 401);
    const room = await this.#makeRoom();
    if (room <= this.#newestRoom) throw new Error(`room ${room} was there before, up to ${this.#newestRoom}`);
  }

  async #makeRoom(): Promise<number> {
    const about = { name: 'Around a backup', visibility: 'PRIVATE' };
    const { status, body } = await this.#as(this.#owner).post<ChatRoomDTO>(ROOMS, about);
    expectStatus('a room is made', status, 201);
    return body.id;
  }

  async #invite({ id: userId }: Person): Promise<void> {
    const { status } = await this.#as(this.#owner).post(`${ROOMS}/${this.#room}/members`, { userId });
    if (status >= 300) throw new Error(`nobody could be invited: ${status}`);
  }

  async #takeOut(person: Person): Promise<void> {
    const path = `${ROOMS}/${this.#room}/members/${person.id}`;
    expectStatus('a member is removed', (await this.#as(this.#owner).delete(path)).status, 204);
    expectStatus('who was removed reads the room', await this.#statusOfRoom(person), 404);
  }

  async #join(person: Person): Promise<void> {
    expectStatus('joining', (await this.#as(person).post(`${ROOMS}/join/${this.#room}`)).status, 200);
  }

  async #statusOfRoom(person: Person): Promise<number> {
    return (await this.#as(person).get(`${ROOMS}/${this.#room}`)).status;
  }

  async #statusOfToken(): Promise<number> {
    return (await this.#as(this.#shutOut).get(`${ROOMS}/user`)).status;
  }

  #as({ token }: Person): RestCaller {
    return new RestCaller(this.#chat.restUrl, { authorization: `Bearer ${token}` });
  }
}

/** Issued an hour ago: before all that is revoked here. */
function withOldToken(person: Person): Person {
  const claims = { iat: Math.floor(Date.now() / 1_000) - AN_HOUR_S };
  return { ...person, token: createToken({ userId: person.id, claims }) };
}

function expectStatus(what: string, status: number, expected: number): void {
  if (status !== expected) throw new Error(`${what}: ${status}, not ${expected}`);
}
