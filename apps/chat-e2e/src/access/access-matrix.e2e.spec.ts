import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createToken } from '@chat/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { ROOMS } from '../clients/chat-driver.ts';
import { marked } from '../clients/content.ts';
import { newPerson } from '../clients/person.ts';
import type { RestAnswer } from '../clients/rest-caller.ts';
import { RefusedError, SessionEndedError, type StompSession } from '../clients/stomp-session.ts';
import { useSharedChat } from '../shared-chat.ts';
import {
  AUTHORS,
  DESTINATION_RULES,
  expectedAnswer,
  expectedOutcome,
  isForAuthors,
  OPERATION_RULES,
  type Author,
} from './operation-rules.ts';
import { createScene, type RoomScene } from './room-scene.ts';
import { readRoomState, readSettledState } from './room-state.ts';
import { isDirect, ROOM_KINDS, standingsIn, type RoomKind, type Standing } from './standings.ts';

const chat = useSharedChat();
const DOCS_DIR = join(import.meta.dirname, '../../../../docs');

/** What they make of the room for who comes after them: each has a scene of its own. */
const CONSUMING = ['joinRoom', 'declineInvitation', 'archiveRoom'];

type Call = (scene: RoomScene, who: Standing) => Promise<RestAnswer<unknown>>;

const roomPath = ({ roomId }: RoomScene, rest = '') => `${ROOMS}/${roomId}${rest}`;
/** Somebody to be taken away, where that may come about; else somebody who must stay, and is another than who asks. */
function target(scene: RoomScene, who: Standing, kind: 'spareMember' | 'spareBanned'): number {
  const { member, admin, owner } = scene.people;
  if (isDirect(scene.kind)) return who === 'member' ? owner.id : member.id;
  return who === 'owner' || who === 'admin' ? scene[kind]().id : admin.id;
}

/** How each operation of the OpenAPI document is called, by its `operationId`. */
const CALLS: Readonly<Record<string, Call>> = {
  listPublicRooms: (scene, who) => scene.callerOf(who).get(ROOMS),
  createRoom: (scene, who) => scene.callerOf(who).post(ROOMS, { name: 'one more' }),
  listOwnRooms: (scene, who) => scene.callerOf(who).get(`${ROOMS}/user`),
  countUnread: (scene, who) => scene.callerOf(who).get(`${ROOMS}/unread`),
  listOwnInvitations: (scene, who) => scene.callerOf(who).get(`${ROOMS}/invitations`),
  openDirectRoom: (scene, who) => scene.callerOf(who).post(`${ROOMS}/direct/${newPerson().id}`),
  declineInvitation: (scene, who) => scene.callerOf(who).delete(`${ROOMS}/invitations/${scene.roomId}`),
  joinRoom: (scene, who) => scene.callerOf(who).post(`${ROOMS}/join/${scene.roomId}`),
  getRoom: (scene, who) => scene.callerOf(who).get(roomPath(scene)),
  updateRoom: (scene, who) => scene.callerOf(who).patch(roomPath(scene), { description: `by ${who}` }),
  archiveRoom: (scene, who) => scene.callerOf(who).delete(roomPath(scene)),
  listMembers: (scene, who) => scene.callerOf(who).get(roomPath(scene, '/members')),
  addMember: (scene, who) => scene.callerOf(who).post(roomPath(scene, '/members'), { userId: newPerson().id }),
  changeRole: (scene, who) => {
    const userId = who === 'owner' ? target(scene, who, 'spareMember') : scene.people.member.id;
    return scene.callerOf(who).patch(roomPath(scene, `/members/${userId}`), { role: 'ADMIN' });
  },
  removeMember: (scene, who) =>
    scene.callerOf(who).delete(roomPath(scene, `/members/${target(scene, who, 'spareMember')}`)),
  listBans: (scene, who) => scene.callerOf(who).get(roomPath(scene, '/bans')),
  banUser: (scene, who) => scene.callerOf(who).put(roomPath(scene, `/bans/${newPerson().id}`), {}),
  liftBan: (scene, who) => scene.callerOf(who).delete(roomPath(scene, `/bans/${target(scene, who, 'spareBanned')}`)),
  listMessages: (scene, who) => scene.callerOf(who).get(roomPath(scene, '/messages')),
  getMessageStatus: (scene, who) =>
    scene.callerOf(who).get(roomPath(scene, `/messages/${scene.messageIds.owner}/status`)),
};

/** Bodies of SENDs by their destination; `messageId` is that of a message of somebody. */
const BODIES: Readonly<Record<string, (messageId: number, token: string) => unknown>> = {
  '/app/chat.send/{roomId}': () => ({ content: marked('said') }),
  '/app/chat.edit/{roomId}': (targetId) => ({ targetId, content: marked('edited') }),
  '/app/chat.delete/{roomId}': (targetId) => ({ targetId }),
  '/app/chat.react/{roomId}': (targetId) => ({ targetId, content: '👍' }),
  '/app/chat.read/{roomId}': (messageId) => ({ messageId }),
  '/app/chat.typing/{roomId}': () => '',
  '/app/unsubscribe/chat_rooms/{roomId}': () => '',
  '/app/heartbeat': () => '',
  '/app/auth.refresh': (_, token) => ({ token }),
};

interface Cell {
  readonly room: RoomKind;
  readonly who: Standing;
  readonly what: string;
}

/** At a destination, where it may matter whose message is changed. */
interface DestinationCell extends Cell {
  readonly author: Author;
}

const destinationCellsOf = (room: RoomKind, who: Standing): readonly DestinationCell[] =>
  Object.keys(DESTINATION_RULES).flatMap((what) =>
    (isForAuthors(what) ? AUTHORS : (['owner'] as const)).map((author) => ({ room, who, what, author })),
  );

const cellsOf = (room: RoomKind, whats: readonly string[]): readonly Cell[] =>
  whats.flatMap((what) => standingsIn(room).map((who) => ({ room, who, what })));

/** One sentence a cell, so that what differs can be read. */
const sentence = ({ room, who, what, author }: Cell & { author?: Author }, outcome: string) =>
  `${what}${author === 'member' ? ' of a message of the member' : ''} as ${who} in a ${room} room: ${outcome}`;

async function answerOf(scene: RoomScene, { who, what }: Cell): Promise<string> {
  const call = CALLS[what];
  if (call === undefined) throw new Error(`nobody has said how to ${what}`);
  const { status, body } = await call(scene, who);
  const code = (body as { code?: string } | undefined)?.code;
  return code === undefined ? String(status) : `${status} ${code}`;
}

async function openSession(scene: RoomScene, who: Standing): Promise<StompSession | null> {
  const person = who === 'anonymous' ? { ...scene.people.stranger, token: '' } : scene.people[who];
  return chat.connect(person, who === 'owner' ? 0 : 1).catch((error: unknown) => {
    if (error instanceof SessionEndedError) return null;
    throw error;
  });
}

async function outcomeOf(
  scene: RoomScene,
  session: StompSession | null,
  cell: Cell,
  messageId: string,
): Promise<string> {
  if (session === null) return 'no session';
  const destination = cell.what.replace('{roomId}', String(scene.roomId));
  const body = BODIES[cell.what];
  const token = createToken({ userId: scene.people[cell.who].id });
  try {
    if (body !== undefined) await session.send(destination, body(Number(messageId), token));
    else await (await session.subscribe(destination)).unsubscribe();
    return 'RECEIPT';
  } catch (error) {
    if (error instanceof RefusedError) return error.refusal.code;
    throw error;
  }
}

async function inTurn<Item, Value>(items: readonly Item[], work: (item: Item) => Promise<Value>): Promise<Value[]> {
  const values: Value[] = [];
  for (const item of items) values.push(await work(item));
  return values;
}

describe('the matrix of who may do what', () => {
  it('has every operation of the OpenAPI document, and no other', () => {
    const { paths } = JSON.parse(readFileSync(join(DOCS_DIR, 'openapi.json'), 'utf8')) as {
      paths: Readonly<Record<string, Readonly<Record<string, { operationId?: string }>>>>;
    }; // our own document
    const operations = Object.values(paths).flatMap((path) =>
      Object.values(path).flatMap((each) => each.operationId ?? []),
    );
    expect(Object.keys(OPERATION_RULES).sort()).toEqual(operations.sort());
    expect(Object.keys(CALLS).sort()).toEqual(operations.sort());
  });

  it('has every destination of the AsyncAPI document, and no other', () => {
    const { channels } = JSON.parse(readFileSync(join(DOCS_DIR, 'asyncapi.json'), 'utf8')) as {
      channels: Readonly<Record<string, { address: string | null }>>;
    }; // our own document
    const destinations = Object.values(channels).flatMap(({ address }) => (address?.startsWith('/') ? [address] : []));
    expect(Object.keys(DESTINATION_RULES).sort()).toEqual(destinations.sort());
    expect(Object.keys(BODIES).sort()).toEqual(destinations.filter((each) => each.startsWith('/app/')).sort());
  });
});

describe.each(ROOM_KINDS)('in a %s room', (room) => {
  let scene: RoomScene;
  beforeAll(async () => {
    scene = await createScene(chat, room, { hasSpares: true });
  });

  it('every operation of REST answers everybody by the rules, and a refused one changes nothing', () =>
    expectRules(
      scene,
      Object.keys(OPERATION_RULES).filter((operation) => !CONSUMING.includes(operation)),
    ));

  it.each(CONSUMING)('%s answers everybody by the rules, and changes nothing where it is refused', async (operation) =>
    expectRules(await createScene(chat, room, { hasSpares: false }), [operation]),
  );

  it('every destination of STOMP takes from everybody what the rules allow; the session lives, and what is refused changes nothing', async () => {
    const sessions = new Map(
      await Promise.all(standingsIn(room).map(async (who) => [who, await openSession(scene, who)] as const)),
    );
    const tellAll = async (isWanted: (outcome: string) => boolean) => {
      const ofEach = standingsIn(room).map((who) => {
        const wanted = destinationCellsOf(room, who).filter((cell) => isWanted(outcomeBy(cell)));
        return inTurn(wanted, (cell) => told(scene, cell, sessions));
      });
      return (await Promise.all(ofEach)).flat();
    };
    const before = await readSettledState(chat, scene.roomId);
    expect(before['messages']).not.toEqual([]);
    const refused = await tellAll((outcome) => outcome !== 'RECEIPT');
    expect(await readSettledState(chat, scene.roomId)).toEqual(before);
    expectAsWanted([...refused, ...(await tellAll((outcome) => outcome === 'RECEIPT'))]);
    for (const session of sessions.values()) expect(session?.isConnected ?? true).toBe(true);
  });
});

/** A cell as it came out, and as the rules want it. */
interface Told {
  readonly got: string;
  readonly wanted: string;
}

const expectAsWanted = (told: readonly Told[]) =>
  expect(told.map(({ got }) => got)).toEqual(told.map(({ wanted }) => wanted));

/** What is refused comes first, so that a change by it is none of those who may. */
async function expectRules(scene: RoomScene, operations: readonly string[]): Promise<void> {
  const cells = cellsOf(scene.kind, operations);
  const isDone = ({ what, who, room }: Cell) => expectedAnswer(what, who, room).startsWith('2');
  const [done, refused] = [cells.filter(isDone), cells.filter((cell) => !isDone(cell))];
  const before = await readRoomState(chat, scene.roomId);
  expect(before['chat_rooms']).toHaveLength(1);
  const toldRefused = await Promise.all(
    standingsIn(scene.kind).map((who) =>
      inTurn(
        refused.filter((cell) => cell.who === who),
        (cell) => answered(scene, cell),
      ),
    ),
  );
  expect(await readRoomState(chat, scene.roomId)).toEqual(before);
  expectAsWanted([...toldRefused.flat(), ...(await inTurn(done, (cell) => answered(scene, cell)))]);
}

type Sessions = ReadonlyMap<Standing, StompSession | null>;

const outcomeBy = ({ what, who, room, author }: DestinationCell) => expectedOutcome(what, who, room, author);

async function told(scene: RoomScene, cell: DestinationCell, sessions: Sessions): Promise<Told> {
  const messageId = await messageFor(scene, cell, sessions);
  const outcome = await outcomeOf(scene, sessions.get(cell.who) ?? null, cell, messageId);
  return { got: sentence(cell, outcome), wanted: sentence(cell, outcomeBy(cell)) };
}

async function answered(scene: RoomScene, cell: Cell): Promise<Told> {
  const wanted = expectedAnswer(cell.what, cell.who, cell.room);
  return { got: sentence(cell, await answerOf(scene, cell)), wanted: sentence(cell, wanted) };
}

/** The message that is to be changed: one of its own where it is to be deleted. */
async function messageFor(scene: RoomScene, cell: DestinationCell, sessions: Sessions): Promise<string> {
  const isDeleted = cell.what === '/app/chat.delete/{roomId}' && outcomeBy(cell) === 'RECEIPT';
  const ofAuthor = sessions.get(cell.author) ?? null;
  if (!isDeleted || ofAuthor === null) return scene.messageIds[cell.author];
  return ofAuthor.sendMessage(scene.roomId, marked('to be deleted'));
}
