import type { ChatRoomDTO } from '@chat/dto';
import { eventually } from '@chat/testing';
import { ROOMS } from '../../clients/chat-driver.ts';
import { RestCaller } from '../../clients/rest-caller.ts';
import type { Person } from '../../clients/person.ts';

/** Requests under way at a time. */
const PARALLEL = 4;
const JOIN_DEADLINE_MS = 30_000;

/** Makes a public room of the first of its people; the others join. Answers its id. */
export async function openRoom(restUrl: string, people: readonly Person[]): Promise<number> {
  const [owner, ...others] = people;
  if (owner === undefined) throw new RangeError('a room needs people');
  const { status, body } = await callerOf(restUrl, owner).post<ChatRoomDTO>(ROOMS, { name: 'Under faults' });
  if (status !== 201) throw new Error(`the room was not created: ${status}`);
  for (let at = 0; at < others.length; at += PARALLEL) {
    await Promise.all(others.slice(at, at + PARALLEL).map((person) => join(restUrl, person, body.id)));
  }
  return body.id;
}

/** Asks again while the service is busy: nothing is broken yet, and joining again changes nothing. */
async function join(restUrl: string, person: Person, room: number): Promise<void> {
  const attempt = async () => {
    const { status } = await callerOf(restUrl, person).post(`${ROOMS}/join/${room}`);
    if (status !== 200) throw new Error(`the room was not joined: ${status}`);
  };
  await eventually(attempt, { deadlineMs: JOIN_DEADLINE_MS, everyMs: 500 });
}

function callerOf(restUrl: string, { token }: Person): RestCaller {
  return new RestCaller(restUrl, { authorization: `Bearer ${token}` });
}
