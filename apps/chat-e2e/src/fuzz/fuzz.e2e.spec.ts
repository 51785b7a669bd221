import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CHAT_ERRORS, type ChatErrorCode, type MessageDTO } from '@chat/dto';
import { eventually } from '@chat/testing';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { ROOMS, type GatewayIndex } from '../clients/chat-driver.ts';
import { marked } from '../clients/content.ts';
import { newPerson, type Person } from '../clients/person.ts';
import { RestCaller } from '../clients/rest-caller.ts';
import { INSTANCE_NAMES, type InstanceName } from '../harness/app-instances.ts';
import { STORED } from '../room-of-two.ts';
import { useSharedChat } from '../shared-chat.ts';
import { FUZZ_TIMEOUT_MS, LONG_SECONDS, playScenes } from './fuzz-scenes.ts';
import { keptBy, type KeptByApp } from './kept-by-app.ts';
import { requestsTo, type RestDocument } from './rest-requests.ts';
import { conversationsIn, type FuzzedConversation } from './stomp-conversations.ts';
import { FLOOD_BYTES, MADE_UP_COUNT, sendFlood, sendMadeUp } from './too-much.ts';

const chat = useSharedChat();
const DOCS_DIR = join(import.meta.dirname, '../../../../docs');
const documentOf = (name: string): unknown => JSON.parse(readFileSync(join(DOCS_DIR, name), 'utf8'));
const restDocument = documentOf('openapi.json') as RestDocument; // these are ours
const internalDocument = documentOf('openapi-internal.json') as RestDocument;
const { channels } = documentOf('asyncapi.json') as { channels: Record<string, { address: string | null }> };
const DESTINATIONS = Object.values(channels).flatMap(({ address }) => (address?.startsWith('/') ? [address] : []));

const REQUESTS_PER_SCENE = 30;
const SESSIONS_PER_SCENE = 8;
/** More than any frame may have: what is not ended ends by it. */
const TOO_MUCH = 'x'.repeat(70_000);
/** What an app may keep more of all of it, in bytes: of what is sent in the end alone it is half; in long runs what is remembered for a while fills up. */
const GROWTH_MAX_BYTES = LONG_SECONDS > 0 ? 32 * 2 ** 20 : FLOOD_BYTES / 2;
/** Who takes what clients send. The persister holds some of what it has fetched last. */
const FLOODED = ['rooms-api', 'ws-gateway-1', 'ws-gateway-2'] as const;
/** Until who has gone is forgotten. */
const FORGOTTEN = { deadlineMs: 10_000, everyMs: 500 };

interface Scene {
  readonly owner: Person;
  readonly member: Person;
  readonly roomId: number;
  readonly messageId: number;
}

async function newScene(): Promise<Scene> {
  const [owner, member] = [newPerson('owner'), newPerson('member')];
  const roomId = await chat.createRoomOf(owner, member);
  const session = await chat.connect(owner);
  const messageId = Number(await session.sendMessage(roomId, marked('first')));
  await session.disconnect();
  return { owner, member, roomId, messageId };
}

const keptByAll = async () =>
  Object.fromEntries(
    await Promise.all(INSTANCE_NAMES.map(async (name) => [name, await keptBy(chat.addresses, name)] as const)),
  ) as Record<InstanceName, KeptByApp>; // Object.fromEntries forgets which keys there are
let before: Awaited<ReturnType<typeof keptByAll>>;
beforeAll(async () => void (before = await keptByAll()));

/** Each request in turn; the caller throws for an answer that the document does not have: status, media type, body, code. */
async function expectDocumented(
  document: RestDocument,
  { callers, known, seed }: { callers: readonly RestCaller[]; known: readonly number[]; seed: number },
): Promise<readonly number[]> {
  const requests = fc.sample(fc.tuple(requestsTo(document, known), fc.constantFrom(...callers)), {
    ...{ seed, numRuns: REQUESTS_PER_SCENE },
  });
  const statuses = [];
  for (const [{ method, path, ...request }, caller] of requests) {
    const { status, body } = await caller.request<{ code?: string } | undefined>(method, path, request);
    const code = body?.code;
    if (status >= 500) throw new Error(`${method} ${path} ${JSON.stringify(request)} was answered ${status} ${code}`);
    statuses.push(status);
  }
  return statuses;
}

describe('REST, whatever is asked', () => {
  it('answers as its document says, and is at fault never', { timeout: FUZZ_TIMEOUT_MS }, async () => {
    const statuses = new Set<number>();
    await playScenes('REST', async (seed) => {
      const { owner, member, roomId, messageId } = await newScene();
      const callers = [chat.as(owner), chat.as(member), chat.as(newPerson('stranger')), chat.anonymous];
      const known = [roomId, owner.id, member.id, messageId];
      for (const status of await expectDocumented(restDocument, { callers, known, seed })) statuses.add(status);
    });
    expect([...statuses]).toEqual(expect.arrayContaining([200, 400, 404]));
  });

  it('and so does what is inside', { timeout: FUZZ_TIMEOUT_MS }, async () => {
    const statuses = new Set<number>();
    await playScenes('inner REST', async (seed) => {
      const { owner, member, roomId, messageId } = await newScene();
      const known = [roomId, owner.id, member.id, messageId];
      const answers = await expectDocumented(internalDocument, { callers: [chat.internal], known, seed });
      for (const status of answers) statuses.add(status);
    });
    expect([...statuses]).toEqual(expect.arrayContaining([200, 400, 404]));
  });
});

describe('STOMP, whatever is sent', () => {
  it(
    'goes on to the RECEIPT of DISCONNECT, or ends with ERROR and the close code of its table',
    { timeout: FUZZ_TIMEOUT_MS },
    async () => {
      const ends = new Map<string, number>();
      await playScenes('STOMP', async (seed) => {
        const scene = await newScene();
        const bystander = await chat.connect(scene.owner, 1);
        const heard = await bystander.subscribe(`/topic/chat_rooms/${scene.roomId}`);
        const people = [scene.owner, scene.member, newPerson('stranger')];
        const sessions = fc.sample(
          fc.record({
            person: fc.constantFrom(...people),
            gateway: fc.constantFrom<GatewayIndex>(0, 1),
            conversation: conversationsIn({ ...scene, destinations: DESTINATIONS }),
          }),
          { seed, numRuns: SESSIONS_PER_SCENE },
        );
        const ended = await Promise.all(sessions.map(expectKnownEnd));
        for (const end of ended) ends.set(end, (ends.get(end) ?? 0) + 1);
        const last = await bystander.sendMessage(scene.roomId, marked('last'));
        await eventually(() => expect(heard.messages.at(-1)?.headers['message-id']).toBe(last));
        await expectHistoryAsHeard(scene, heard.bodies<MessageDTO>());
        await bystander.disconnect();
      });
      console.log(`STOMP ended with ${JSON.stringify(Object.fromEntries(ends))}`);
      expect([...ends.keys()]).toEqual(expect.arrayContaining(['DISCONNECT', 'PROTOCOL_ERROR']));
    },
  );
});

/** Sends all of it, then a DISCONNECT: its RECEIPT comes, or an ERROR. Returns the code of that. */
async function expectKnownEnd(session: {
  readonly person: Person;
  readonly gateway: GatewayIndex;
  readonly conversation: FuzzedConversation;
}): Promise<string> {
  const { bytes, versions, cutAt, isBroken } = session.conversation;
  const connection = await chat.openRaw(session.gateway);
  await connection.connect(session.person.token, { 'accept-version': versions });
  const ends = [...cutAt, bytes.length];
  for (const [at, end] of ends.entries()) connection.sendBytes(bytes.subarray(ends[at - 1] ?? 0, end));
  connection.sendFrame('DISCONNECT', { receipt: 'the-end' });
  if (isBroken) connection.sendBytes(TOO_MUCH);
  const { code: closed } = await connection.ended();
  const last = connection.frames.at(-1);
  if (last?.command === 'RECEIPT' && last.headers['receipt-id'] === 'the-end' && closed === 1000) return 'DISCONNECT';
  const code = last?.headers['code'] ?? '';
  if (last?.command === 'ERROR' && code !== 'INTERNAL' && closed === closeCodeOf(code)) return code;
  const sent = JSON.stringify(bytes.toString('latin1'));
  throw new Error(`closed with ${closed} behind ${JSON.stringify(last)}, in ${versions}, after ${sent}`);
}

/** As docs/stomp.md says behind its tables of codes. */
function closeCodeOf(code: string): number {
  if (code === 'FRAME_TOO_LARGE' || code === 'BODY_TOO_LARGE') return 1009;
  if (code === 'UNKNOWN_DESTINATION' || !(code in CHAT_ERRORS)) return 1002;
  return CHAT_ERRORS[code as ChatErrorCode].retryable ? 1013 : 1008; // it is in the table
}

/** Whatever was said, history and live stream have the same; of the first message the listener may have come too late. */
async function expectHistoryAsHeard({ owner, roomId, messageId }: Scene, heard: readonly MessageDTO[]): Promise<void> {
  const saidIn = (messages: readonly MessageDTO[]) =>
    messages.filter(({ kind, id }) => kind === undefined && id !== messageId).map(({ id }) => id);
  const path = `${ROOMS}/${roomId}/messages?after=0&limit=200`;
  await eventually(async () => {
    const { body } = await chat.as(owner).get<{ items: readonly MessageDTO[] }>(path);
    expect(saidIn(body.items)).toEqual(saidIn(heard));
  }, STORED);
}

describe('after all of it', () => {
  it.each(INSTANCE_NAMES)('%s is the same process, alive and ready', async (name) => {
    const internal = new RestCaller(chat.addresses.internalUrls[name]);
    process.kill(chat.addresses.pids[name], 0); // throws where it is gone
    expect((await internal.get('/livez')).status).toBe(200);
    expect((await internal.get('/readyz')).status).toBe(200);
  });

  it('none that clients speak to has kept what it was sent', { timeout: FUZZ_TIMEOUT_MS }, async () => {
    await sendFlood(chat, await newScene());
    await eventually(async () => {
      const after = await keptByAll();
      const grownBy = FLOODED.map((name) => [name, after[name].bytes - before[name].bytes] as const);
      expect(grownBy.filter(([, bytes]) => bytes > GROWTH_MAX_BYTES)).toEqual([]);
    }, FORGOTTEN);
  });

  it('names and ids that are made up make no series of metrics', async () => {
    await sendMadeUp(chat, 0);
    const first = await keptByAll();
    await Promise.all(Array.from({ length: MADE_UP_COUNT }, (_, at) => sendMadeUp(chat, at + 1)));
    const last = await keptByAll();
    const more = INSTANCE_NAMES.map((name) => [name, last[name].seriesCount - first[name].seriesCount] as const);
    expect(more.filter(([, count]) => count >= MADE_UP_COUNT)).toEqual([]);
  });
});
