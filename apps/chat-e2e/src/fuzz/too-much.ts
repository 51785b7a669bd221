import { ROOMS, type ChatDriver, type GatewayIndex } from '../clients/chat-driver.ts';
import { marked } from '../clients/content.ts';
import { newPerson, type Person } from '../clients/person.ts';
import { rawFrame } from '../clients/raw-connection.ts';
import { RestCaller } from '../clients/rest-caller.ts';
import { RefusedError } from '../clients/stomp-session.ts';
import { INSTANCE_NAMES } from '../harness/app-instances.ts';

const GATEWAYS = [0, 1] as const;
/** As long as a message may be in characters, in bytes nearly as a frame may be. */
const LONG_CONTENT = marked('😀'.repeat(9_900));
const LONG_CONTENT_BYTES = Buffer.byteLength(LONG_CONTENT);
/** How often each of those who send it does so. */
const REPEAT_COUNT = 100;
/** At least so much comes to rooms-api and to each gateway, in bytes. */
export const FLOOD_BYTES = 2 * REPEAT_COUNT * LONG_CONTENT_BYTES;
/** How many addresses, names and ids each of them is sent that there are none of. */
export const MADE_UP_COUNT = 20;

/** Long messages to a room by two members, and refused ones by strangers, on both gateways; to rooms-api, bodies that it refuses. */
export async function sendFlood(
  chat: ChatDriver,
  { owner, member, roomId }: { readonly owner: Person; readonly member: Person; readonly roomId: number },
): Promise<void> {
  const messages = [owner, member].flatMap((person, at) => {
    const gateway: GatewayIndex = at === 0 ? 0 : 1;
    return [sendMessages(chat, person, gateway, roomId), sendMessages(chat, newPerson('stranger'), gateway, roomId)];
  });
  const bodies = GATEWAYS.map(async () => {
    for (let count = 0; count < REPEAT_COUNT; count += 1) await chat.as(owner).post(ROOMS, { name: LONG_CONTENT });
  });
  await Promise.all([...messages, ...bodies]);
}

async function sendMessages(chat: ChatDriver, who: Person, gateway: GatewayIndex, roomId: number): Promise<void> {
  const session = await chat.connect(who, gateway);
  for (let count = 0; count < REPEAT_COUNT; count += 1) {
    await session
      .sendMessage(roomId, LONG_CONTENT, { 'client-message-id': `flood-${count}` })
      .catch((error: unknown) => {
        if (!(error instanceof RefusedError)) throw error;
      });
  }
  await session.disconnect();
}

/** Names and ids that there are none of, in every place that has one; each number has its own. */
export async function sendMadeUp(chat: ChatDriver, number: number): Promise<void> {
  const [name, id, nobody] = [`made-up-${number}`, 1_000_000_000 + number, chat.as(newPerson())];
  const requests = [
    `/${name}`,
    `${ROOMS}/${name}`,
    `${ROOMS}/${id}`,
    `${ROOMS}/${id}/${name}`,
    `${ROOMS}?${name}=${id}`,
  ];
  const internalPaths = [`/${name}`, `/internal/chat/${name}`, `/internal/chat/messages/${id}/trace`];
  const frames = [
    rawFrame('SEND', { destination: `/app/chat.send/${id}` }, JSON.stringify({ content: marked(name) })),
    rawFrame('SEND', { destination: `/app/${name}` }),
    rawFrame('SUBSCRIBE', { destination: `/topic/${name}`, id: name }),
    rawFrame(name.toUpperCase(), {}),
  ];
  await Promise.all([
    ...requests.map((path) => nobody.get(path)),
    ...INSTANCE_NAMES.flatMap((instance) => {
      const internal = new RestCaller(chat.addresses.internalUrls[instance]);
      return internalPaths.map((path) => internal.get(path));
    }),
    ...GATEWAYS.flatMap((gateway) => [
      fetch(`${chat.addresses.wsUrls[gateway].replace('ws:', 'http:')}/${name}`),
      ...frames.map((frame) => sendFrameAs(chat, { name, gateway, frame })),
    ]),
  ]);
}

/** Ends the session where the frame does not. */
async function sendFrameAs(
  chat: ChatDriver,
  { name, gateway, frame }: { readonly name: string; readonly gateway: GatewayIndex; readonly frame: string },
): Promise<void> {
  const connection = await chat.openRaw(gateway);
  await connection.connect(newPerson(name).token, { 'app-version': name, host: name });
  connection.sendBytes(frame);
  connection.sendFrame('DISCONNECT', { receipt: name });
  await connection.ended();
}
