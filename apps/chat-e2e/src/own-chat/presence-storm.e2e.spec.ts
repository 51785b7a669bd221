import { setTimeout as pause } from 'node:timers/promises';
import type { RoomPresenceDTO, UserPresenceDTO } from '@chat/dto';
import { eventually } from '@chat/testing';
import { describe, expect, it } from 'vitest';
import type { ChatDriver, GatewayIndex } from '../clients/chat-driver.ts';
import { newPerson, type Person } from '../clients/person.ts';
import type { RawConnection } from '../clients/raw-connection.ts';
import type { OpenSubscription } from '../clients/stomp-session.ts';
import { useOwnChat } from './own-chat.ts';
import { knowledgeOf } from '../presence-knowledge.ts';

/** Sessions that join, and those of them that leave again, within so many ms. */
const JOINING_COUNT = 1_000;
const LEAVING_COUNT = 350;
/** Every so many of them listens to the presence of the room, too: this process could not read for all of them as fast. */
const LISTENS_EVERY = 10;
const STORM_MS = 5_000;
/** The bound of docs/guarantees.md (P6), with far fewer events an interval than this storm has, so that it binds. */
const INTERVAL_MS = 1_000;
const EVENTS_PER_INTERVAL = 20;
const LARGE_ROOM_ONLINE = 500;
const framesWithin = (spanMs: number) => (EVENTS_PER_INTERVAL + 1) * (spanMs / INTERVAL_MS + 2);
/** By how much the arrival of a frame may be off its leaving on a busy machine, in ms. */
const JITTER_MS = 400;

let chat: ChatDriver;
useOwnChat('presence-storm', { presenceEventsPerInterval: EVENTS_PER_INTERVAL }, (own) => ({ chat } = own));

/** Members by the table itself, as fast as nobody can join by REST. */
async function addMembers(roomId: number, people: readonly Person[]): Promise<void> {
  await chat.query(
    `INSERT INTO memberships (room_id, user_id, role, version, joined_at)
     SELECT $1, user_id, 'MEMBER', 1, now() FROM unnest($2::bigint[]) AS m (user_id)`,
    [roomId, people.map(({ id }) => id)],
  );
}

/** Comes, listens where there is something to listen to, and goes after a while where it does not stay. */
async function visit(person: Person, at: GatewayIndex, destination: string | null, leavesAfterMs: number | null) {
  const connection = await chat.openRaw(at);
  await connection.connect(person.token);
  if (destination !== null) connection.sendFrame('SUBSCRIBE', { id: 'p', destination });
  if (leavesAfterMs === null) return connection;
  await pause(leavesAfterMs);
  connection.sendFrame('DISCONNECT', { receipt: 'gone' });
  return connection;
}

const arrivals = (presence: OpenSubscription, isMeant: (frame: RoomPresenceDTO) => boolean) => {
  const bodies = presence.bodies<UserPresenceDTO | RoomPresenceDTO>();
  return presence.messages.filter((_, index) => {
    const body = bodies[index];
    return body !== undefined && 'roomId' in body && isMeant(body);
  });
};

/** The most changes that were told one by one between two frames that tell of several. */
function mostSingleEvents(presence: OpenSubscription): number {
  let [most, run] = [0, 0];
  for (const body of presence.bodies<UserPresenceDTO | RoomPresenceDTO>()) {
    run = 'roomId' in body ? 0 : run + 1;
    most = Math.max(most, run);
  }
  return most;
}

describe('1,000 sessions that join and leave one room within 5 s', () => {
  it('are told to each client within the bound, and everybody knows who is there in the end', async () => {
    const [ann, ben, eve] = [newPerson('ann'), newPerson('ben'), newPerson('eve')];
    const people = Array.from({ length: JOINING_COUNT }, () => newPerson('visitor'));
    const roomId = await chat.createRoomOf(ann, ben, eve);
    await addMembers(roomId, people);
    const destination = `/topic/chat_rooms/${roomId}/presence`;
    const [ofAnn, ofBen] = await Promise.all([chat.connect(ann, 0), chat.connect(ben, 1)]);
    const watchers = await Promise.all([ofAnn, ofBen].map((session) => session.subscribe(destination)));

    const beganAt = performance.now();
    const everyMs = (0.8 * STORM_MS) / JOINING_COUNT;
    const stays = (index: number) => index >= LEAVING_COUNT;
    const connections = await Promise.all(
      people.map(async (person, index) => {
        await pause(index * everyMs);
        const listensTo = index % LISTENS_EVERY === 0 ? destination : null;
        return visit(person, (index % 2) as GatewayIndex, listensTo, stays(index) ? null : 500 + (index % 500));
      }),
    );
    const tookMs = performance.now() - beganAt;
    const online = [ann, ben, ...people.filter((_, index) => stays(index))].map(({ id }) => id).sort((a, b) => a - b);
    const areRight = async () => {
      await eventually(
        () => {
          for (const watcher of watchers) {
            const { onlineIds, onlineCount } = knowledgeOf(watcher);
            expect(onlineCount).toBe(online.length);
            expect(onlineIds).toEqual(online);
          }
        },
        { deadlineMs: 15_000, everyMs: 200 },
      );
    };
    await areRight();

    const most = framesWithin(performance.now() - beganAt);
    for (const { frames } of connections) expect(frames.length).toBeLessThanOrEqual(most);
    for (const watcher of watchers) {
      expect(watcher.messages.length).toBeLessThanOrEqual(most);
      // twice as many where an interval had no more of them than it tells one by one
      expect(mostSingleEvents(watcher)).toBeGreaterThanOrEqual(EVENTS_PER_INTERVAL);
      expect(mostSingleEvents(watcher)).toBeLessThanOrEqual(2 * EVENTS_PER_INTERVAL);
      const whileLarge = arrivals(
        watcher,
        ({ kind, onlineCount }) => kind === 'CHANGES' && onlineCount > LARGE_ROOM_ONLINE,
      );
      const spanMs = (whileLarge.at(-1)?.at ?? 0) - (whileLarge[0]?.at ?? 0) + JITTER_MS;
      expect(whileLarge.length).toBeGreaterThan(0);
      expect(whileLarge.length).toBeLessThanOrEqual(spanMs / INTERVAL_MS + 1);
    }
    expect(tookMs).toBeLessThan(4 * STORM_MS); // else it was no storm

    const ofEve = await chat.connect(eve, 0);
    const all = await ofEve.subscribe(destination, { users: 'all' });
    const known = knowledgeOf(all);
    expect(known.isComplete).toBe(true);
    expect(known.onlineIds.filter((id) => id !== eve.id)).toEqual(online);

    await ofEve.disconnect();
    await leave(connections.filter((_, index) => stays(index)).slice(100));
    online.splice(0, Infinity, ...stayed(people.slice(LEAVING_COUNT, LEAVING_COUNT + 100), [ann, ben]));
    await areRight();
    for (const watcher of watchers) expect(knowledgeOf(watcher).isComplete).toBe(true);
  });
});

const stayed = (...groups: readonly (readonly Person[])[]) =>
  groups
    .flat()
    .map(({ id }) => id)
    .sort((a, b) => a - b);

async function leave(connections: readonly RawConnection[]): Promise<void> {
  for (const connection of connections) connection.sendFrame('DISCONNECT', { receipt: 'gone' });
  await Promise.all(connections.map((connection) => connection.ended()));
}
