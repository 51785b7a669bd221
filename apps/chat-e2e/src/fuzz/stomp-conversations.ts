import fc from 'fast-check';
import { marked } from '../clients/content.ts';
import { rawFrame } from '../clients/raw-connection.ts';
import { mostly, oddBody, oddText } from './odd-values.ts';

/** What a client sends behind CONNECTED. */
export interface FuzzedConversation {
  /** Of CONNECT. */
  readonly versions: string;
  readonly bytes: Buffer;
  /** Whether bytes were changed, so that the last frame may not end. */
  readonly isBroken: boolean;
  /** Rising offsets that cut the bytes into WebSocket messages. */
  readonly cutAt: readonly number[];
}

/** What a conversation is about. */
export interface FuzzedScene {
  /** Addresses of the AsyncAPI document. */
  readonly destinations: readonly string[];
  readonly roomId: number;
  readonly messageId: number;
}

const COMMANDS = [
  ...['SEND', 'SUBSCRIBE', 'UNSUBSCRIBE', 'ACK', 'NACK', 'BEGIN', 'COMMIT', 'ABORT', 'CONNECT', 'STOMP'],
  ...['MESSAGE', 'send', ''],
];
const HEADERS = [
  ...['id', 'receipt', 'transaction', 'ack', 'message-id', 'subscription', 'content-length', 'content-type'],
  ...['client-message-id', 'since', 'history', 'resend', 'receipt-level', 'users', 'traceparent', '__proto__', 'x'],
];
const WORDS = ['0', '1', '2', 'tx', 'client', 'client-individual', 'auto', 'true', 'persisted', 'application/json'];
const FIELDS = ['content', 'targetId', 'messageId', 'token', 'isTyping', 'removed'];
const FRAMES_MAX = 12;
/** Who does not listen there is ended by the first refusal. */
const HEARS_ERRORS = rawFrame('SUBSCRIBE', { destination: '/user/queue/errors', id: 'errors' });
const BROKEN_BYTES = [0, 0x0a, 0x0d, 0x3a, 0x5c, 0xc0, 0xff];

/** Conversations of clients that mostly know what they say, and what is changed of some of them on the way. */
export function conversationsIn(scene: FuzzedScene): fc.Arbitrary<FuzzedConversation> {
  const oddByte = fc.oneof(fc.constantFrom(...BROKEN_BYTES), fc.nat({ max: 255 }));
  const changes = fc.array(fc.tuple(fc.nat(), oddByte), { minLength: 1, maxLength: 3 });
  return fc
    .record({
      versions: fc.constantFrom('1.0', '1.1', '1.2', '1.0,1.1,1.2'),
      first: mostly(fc.constant(HEARS_ERRORS), fc.constant('')),
      frames: fc.array(framesIn(scene), { minLength: 1, maxLength: FRAMES_MAX }),
      changes: mostly(fc.constant<[number, number][]>([]), changes),
      cuts: fc.array(fc.nat(), { maxLength: 4 }),
    })
    .map(({ versions, first, frames, changes: changed, cuts }) => {
      const numbered = frames.map((frame, at) => frame.replaceAll('{n}', () => String(at)));
      const bytes = Buffer.from(first + numbered.join(''));
      for (const [at, byte] of changed) bytes[at % bytes.length] = byte;
      const cutAt = cuts.map((cut) => cut % bytes.length).toSorted((one, other) => one - other);
      return { versions, bytes, isBroken: changed.length > 0, cutAt };
    });
}

/** In texts `{n}` is the number of the frame. */
function framesIn(scene: FuzzedScene): fc.Arbitrary<string> {
  const { destinations } = scene;
  const sends = sendsTo(
    destinations.filter((each) => each.startsWith('/app/')),
    scene,
  );
  const subscribes = subscribesTo(
    destinations.filter((each) => !each.startsWith('/app/')),
    scene,
  );
  const ofTransaction = fc
    .tuple(fc.array(sends, { maxLength: 3 }), fc.constantFrom('COMMIT', 'ABORT'))
    .map(inTransaction);
  const known = fc.oneof(
    { weight: 6, arbitrary: sends },
    { weight: 3, arbitrary: subscribes },
    { weight: 1, arbitrary: ofTransaction },
  );
  return fc.oneof({ weight: 29, arbitrary: known }, { weight: 1, arbitrary: oddFrames(scene) });
}

function inTransaction([sends, end]: readonly [readonly string[], string]): string {
  const within = sends.map((send) => send.replace('\n', '\ntransaction:t{n}\n'));
  const [first, last] = ['BEGIN', end].map((command) => rawFrame(command, { transaction: 't{n}', receipt: 'r{n}' }));
  return [first, ...within, last].join('');
}

const OF_A_SEND = ['client-message-id', 'resend', 'receipt-level', 'traceparent', 'content-type', 'x'];
const OF_A_SUBSCRIBE = ['ack', 'since', 'history', 'users', 'x'];

function sendsTo(destinations: readonly string[], scene: FuzzedScene): fc.Arbitrary<string> {
  const message = fc.string({ maxLength: 30 }).map((words) => JSON.stringify({ content: marked(words) }));
  const value = fc.constantFrom(scene.messageId, marked('words'), true);
  return fc
    .tuple(placesOf(destinations, scene), headersOf(OF_A_SEND, scene), fc.oneof(message, oddBody(FIELDS, value)))
    .map(([destination, headers, body]) => rawFrame('SEND', { destination, receipt: 'r{n}', ...headers }, body));
}

function subscribesTo(destinations: readonly string[], scene: FuzzedScene): fc.Arbitrary<string> {
  return fc
    .tuple(placesOf(destinations, scene), headersOf(OF_A_SUBSCRIBE, scene))
    .map(([destination, headers]) => rawFrame('SUBSCRIBE', { destination, id: 's{n}', receipt: 'r{n}', ...headers }));
}

/** Addresses with the room of the scene in them, or with another. */
function placesOf(destinations: readonly string[], { roomId }: FuzzedScene): fc.Arbitrary<string> {
  const room = mostly(fc.constant(roomId), fc.nat());
  return fc
    .tuple(fc.constantFrom(...destinations), room)
    .map(([address, id]) => address.replace('{roomId}', String(id)));
}

/** Some of these headers, with values that a line can hold. */
function headersOf(names: readonly string[], { messageId }: FuzzedScene): fc.Arbitrary<Record<string, string>> {
  const value = fc.oneof(fc.constantFrom(...WORDS, String(messageId)), oddText);
  const held = value.map((text) => text.replaceAll(/[\0\r\n:\\]/g, ''));
  return fc
    .array(fc.tuple(fc.constantFrom(...names), held), { maxLength: 2 })
    .map((pairs) => Object.fromEntries(pairs));
}

/** Whatever a parser may have to bear. */
function oddFrames({ destinations, messageId }: FuzzedScene): fc.Arbitrary<string> {
  const text = fc.oneof(fc.constantFrom(...WORDS, String(messageId)), oddText);
  const headers = fc.array(fc.tuple(fc.constantFrom(...HEADERS, 'destination'), text), { maxLength: 5 });
  const body = fc.oneof(fc.constant(''), fc.string({ unit: 'binary', maxLength: 200 }));
  return fc
    .tuple(fc.constantFrom(...COMMANDS), fc.option(fc.constantFrom(...destinations)), headers, body)
    .map(([command, destination, pairs, sent]) =>
      rawFrame(command, { ...(destination !== null && { destination }), ...Object.fromEntries(pairs) }, sent),
    );
}
