import { randomInt } from 'node:crypto';
import { eventually, openTcpProxy, type TcpProxy } from '@chat/testing';
import { describe, expect, it } from 'vitest';
import { marked } from './clients/content.ts';
import { newPerson } from './clients/person.ts';
import { seededRandom, type Random } from './faults/random.ts';
import { collect, useSdkClients, type SdkClient } from './sdk-clients.ts';
import { useSharedChat } from './shared-chat.ts';

const CUTS = 100;
/** Between two cuts, and between two sends of each, in ms. */
const CUT_EVERY_MS = { least: 20, most: 250 };
const SEND_EVERY_MS = { least: 5, most: 40 };
/** All that was sent is answered and delivered so long after the last cut at the latest, in ms. */
const SETTLED_DEADLINE_MS = 20_000;

const chat = useSharedChat();
const open = useSdkClients(chat);

/** Each way to break a connection: towards both sides, in the middle of an exchange, or silently for a while. */
function cut(proxy: TcpProxy, random: Random): void {
  const way = random.pick(['reset', 'reset', 'before reply', 'refuse']);
  if (way === 'reset') proxy.reset();
  else if (way === 'before reply') proxy.cutBeforeReply();
  else proxy.cut();
}

/** Most cuts end a session; the others come while one is being opened or resumed. */
async function flap(proxies: readonly TcpProxy[], clients: readonly SdkClient[], random: Random): Promise<void> {
  for (let at = 0; at < CUTS; at += 1) {
    await pause(random.between(CUT_EVERY_MS.least, CUT_EVERY_MS.most));
    for (const proxy of proxies) proxy.mend();
    const endsASession = random.chance(0.7);
    const ports = await eventually(() => {
      const inUse = clients.flatMap(({ client }) => {
        const state = client.connection.get();
        return state.name === 'connected' ? [new URL(state.gatewayUrl).port] : [];
      });
      if (endsASession) expect(inUse).not.toEqual([]);
      return inUse;
    });
    const used = proxies.filter(({ port }) => ports.includes(String(port)));
    cut(random.pick(endsASession ? used : proxies), random);
  }
  for (const proxy of proxies) proxy.mend();
}

/** Sends until it is told to stop; every send must be answered with an id. */
async function talk({ client }: SdkClient, roomId: number, name: string, random: Random, isOver: () => boolean) {
  const sends: Promise<{ readonly id: number; readonly content: string }>[] = [];
  while (!isOver()) {
    const content = marked(`${name} ${sends.length}`);
    sends.push(
      client
        .room(roomId)
        .send(content)
        .then((id) => ({ id, content })),
    );
    await pause(random.between(SEND_EVERY_MS.least, SEND_EVERY_MS.most));
  }
  return Promise.all(sends);
}

/** Time passes between one deed of the test and the next; nothing is waited for. */
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe('a network that flaps', () => {
  it(`${CUTS} random cuts under traffic in both directions lose, double and reorder nothing in the callback`, async () => {
    const seed = Number(process.env['CHAT_FLAP_SEED'] ?? randomInt(2 ** 31));
    const random = seededRandom(seed);
    const [ann, ben] = [newPerson('ann'), newPerson('ben')];
    const roomId = await chat.createRoomOf(ann, ben);
    const proxies = await Promise.all(
      chat.addresses.wsUrls.map((url) =>
        openTcpProxy({ host: new URL(url).hostname, port: Number(new URL(url).port) }),
      ),
    );
    const gatewayUrl = proxies.map(({ host, port }) => `ws://${host}:${port}/ws`);
    const limits = { backoffMinMs: 20, backoffMaxMs: 150, retryMaxMs: 500, queueMaxCount: 10_000 };
    const clients = [ann, ben].map((person) => open(person, 0, { gatewayUrl, limits }));
    let sessionCount = 0;
    for (const { client } of clients)
      client.connection.subscribe(({ name }) => (sessionCount += Number(name === 'connected')));
    const views = clients.map(({ client }) => collect(client, roomId));
    await eventually(() => expect(views.map((view) => view.open.state.get().name)).toEqual(['live', 'live']));
    try {
      let isOver = false;
      const talking = clients.map((one, at) => talk(one, roomId, `of ${at}:`, random.fork(), () => isOver));
      await flap(proxies, clients, random.fork());
      isOver = true;
      const sent = await Promise.all(talking);
      const count = sent.flat().length;
      await eventually(() => views.forEach((view) => expect(view.messages.length).toBeGreaterThanOrEqual(count)), {
        deadlineMs: SETTLED_DEADLINE_MS,
      });
      const rows = await eventually(async () => {
        const found = await chat.query<{ id: string }>(
          'SELECT id FROM messages WHERE room_id = $1 ORDER BY epoch, log_offset',
          [roomId],
        );
        expect(found).toHaveLength(count);
        return found.map(({ id }) => Number(id));
      });
      for (const view of views) {
        expect(view.ids()).toEqual(rows);
        expect(view.gaps).toEqual([]);
        for (const [at, ofOne] of sent.entries()) {
          const own = view.messages.filter(({ content }) => content.startsWith(`of ${at}:`));
          expect(own.map(({ id, content }) => ({ id, content }))).toEqual(ofOne);
        }
      }
      expect(sessionCount).toBeGreaterThan(CUTS / 2);
      console.log(`${count} messages over ${sessionCount} sessions`);
    } catch (error) {
      throw new Error(`with CHAT_FLAP_SEED=${seed}`, { cause: error });
    } finally {
      await Promise.all(clients.map(({ client }) => client.close()));
      await Promise.all(proxies.map((proxy) => proxy.close()));
    }
  }, 90_000);
});
