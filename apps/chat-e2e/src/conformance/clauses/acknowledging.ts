import type { StompVersion } from '@chat/stomp';
import {
  ALL,
  client,
  closed,
  cut,
  FROM_1_1,
  inEach,
  secondClient,
  server,
  serverInAnyOrder,
  serverToSecond,
  type Clause,
  type Step,
  type StepsByVersion,
} from '../clause.ts';
import { enterRoom, entered, error, MAX_UNACKNOWLEDGED, messageOf, R1, sendToRoom } from '../frames.ts';

const TOO_MANY = error(
  'TOO_MANY_UNACKNOWLEDGED',
  `A subscription may have at most ${MAX_UNACKNOWLEDGED} messages that are not acknowledged.`,
);
const CUMULATIVE = 'The `ACK` frames sent by the client will be treated as a cumulative acknowledgment.';

/** How a version names a message in ACK and NACK. */
const NAMES: Readonly<Record<StompVersion, (message: string, id: string) => string>> = {
  '1.0': (message) => `message-id:<${message}>\n`,
  '1.1': (message, id) => `subscription:${id}\nmessage-id:<${message}>\n`,
  '1.2': (message, id) => `id:${id}\\c<${message}>\n`,
};

/** A conversation in one version in which messages are acknowledged. */
class Talk {
  readonly #version: StompVersion;
  #previous: string | null = null;

  constructor(version: StompVersion) {
    this.#version = version;
  }

  /** The client says something and gets it back under these subscription ids, which await ACK. */
  says(message: string, ...ids: readonly string[]): Step[] {
    const prev = this.#previous;
    this.#previous = message;
    const frames = ids.map((id) => this.#message(message, id, prev));
    return [client(sendToRoom(message)), serverInAnyOrder(...frames)];
  }

  ack(message: string, { id = '0', headers = '', command = 'ACK' } = {}): string {
    return `${command}\n${NAMES[this.#version](message, id)}${headers}\n\0`;
  }

  #message(message: string, id: string, prev: string | null): string {
    const ack = this.#version === '1.2' ? `ack:${id}\\c<${message}>\n` : '';
    const before = prev === null ? '' : `prev:<${prev}>\n`;
    return messageOf(message, message, { before, behind: `subscription:${id}\n${ack}` });
  }
}

/** A conversation told for each of these versions. */
function talkIn(versions: readonly StompVersion[], steps: (talk: Talk) => readonly Step[]): StepsByVersion {
  return inEach(versions, (version) => steps(new Talk(version)));
}

const enter = (id: string, mode: string): Step[] => [client(enterRoom(id, `ack:${mode}\n`)), server(entered(id))];

/** The ack modes; ACK and NACK. */
export const ACKNOWLEDGING_CLAUSES: readonly Clause[] = [
  {
    id: 'ack-mode/values',
    versions: FROM_1_1,
    section: 'SUBSCRIBE ack Header',
    quote: 'The valid values for the `ack` header are `auto`, `client`, or `client-individual`.',
    ours: 'An ack mode that there is not gets ERROR and close.',
    steps: [
      client('SUBSCRIBE\nid:0\ndestination:/topic/commands\nack:sometimes\nreceipt:r1\n\n\0'),
      server(error('PROTOCOL_ERROR', 'ack must be one of auto, client, client-individual.', { receiptId: 'r1' })),
      closed(1002),
    ],
  },
  {
    id: 'ack-mode/individual-1.0',
    versions: ['1.0'],
    section: 'SUBSCRIBE',
    quote: 'The valid values for *ack* are *auto* (the default if the header is not included) and *client*.',
    ours: 'A session of 1.0 may say `client-individual` as well.',
    stance: 'choice',
    steps: [
      client('SUBSCRIBE\nid:0\ndestination:/topic/commands\nack:client-individual\nreceipt:r1\n\n\0'),
      server(R1),
    ],
  },
  {
    id: 'ack-mode/auto',
    versions: ALL,
    section: 'SUBSCRIBE ack Header',
    quote: 'If the header is not set, it defaults to `auto`.',
    ours: 'Without the header nothing awaits ACK, and no MESSAGE has `ack`.',
    steps: [
      client(enterRoom('0')),
      server(entered('0')),
      client(sendToRoom('a') + sendToRoom('b') + sendToRoom('c') + sendToRoom('d')),
      server(
        messageOf('a', 'a'),
        messageOf('b', 'b', { before: 'prev:<a>\n' }),
        messageOf('c', 'c', { before: 'prev:<b>\n' }),
        messageOf('d', 'd', { before: 'prev:<c>\n' }),
      ),
    ],
  },
  {
    id: 'ack-mode/client',
    versions: ALL,
    section: 'SUBSCRIBE ack Header',
    quote:
      'When the `ack` mode is `client`, then the client MUST send the server `ACK` frames for the messages it processes.',
    ours: 'Messages await ACK, a bounded number of them; one more gets ERROR and close 1013.',
    steps: talkIn(ALL, (talk) => [
      ...enter('0', 'client'),
      ...['a', 'b', 'c', 'd'].flatMap((message) => talk.says(message, '0')),
      server(TOO_MANY),
      closed(1013),
    ]),
  },
  {
    id: 'ack/cumulative',
    versions: FROM_1_1,
    section: 'SUBSCRIBE ack Header',
    quote: CUMULATIVE,
    ours: 'In mode `client` an ACK is for all messages of its subscription up to it.',
    steps: talkIn(FROM_1_1, (talk) => [
      ...enter('0', 'client'),
      ...['a', 'b', 'c'].flatMap((message) => talk.says(message, '0')),
      client(talk.ack('c')),
      ...['d', 'e', 'f'].flatMap((message) => talk.says(message, '0')),
    ]),
  },
  {
    id: 'ack/cumulative-1.0',
    versions: ['1.0'],
    section: 'ACK',
    quote:
      'any messages received from that destination will not be considered to have been consumed (by the server) until the message has been acknowledged via an ACK',
    ours: 'In mode `client` an ACK is for all messages up to it, as later versions have it.',
    stance: 'choice',
    steps: talkIn(['1.0'], (talk) => [
      ...enter('0', 'client'),
      ...['a', 'b', 'c'].flatMap((message) => talk.says(message, '0')),
      client(talk.ack('c')),
      ...['d', 'e', 'f'].flatMap((message) => talk.says(message, '0')),
    ]),
  },
  {
    id: 'ack/cumulative-up-to',
    versions: FROM_1_1,
    section: 'SUBSCRIBE ack Header',
    quote: "all messages sent to the subscription before the `ACK`'ed message",
    ours: 'Messages behind the one that an ACK names go on to await ACK.',
    steps: talkIn(FROM_1_1, (talk) => [
      ...enter('0', 'client'),
      ...['a', 'b', 'c'].flatMap((message) => talk.says(message, '0')),
      client(talk.ack('b')),
      ...['d', 'e', 'f'].flatMap((message) => talk.says(message, '0')),
      server(TOO_MANY),
      closed(1013),
    ]),
  },
  {
    id: 'ack/own-subscription',
    versions: FROM_1_1,
    section: 'SUBSCRIBE ack Header',
    quote: "all messages sent to the subscription before the `ACK`'ed message",
    ours: 'An ACK is for its own subscription: messages of another go on to await ACK.',
    steps: talkIn(FROM_1_1, (talk) => [
      ...enter('0', 'client'),
      ...enter('1', 'client'),
      ...['a', 'b', 'c'].flatMap((message) => talk.says(message, '0', '1')),
      client(talk.ack('c', { id: '1' })),
      ...talk.says('d', '0'),
      server(TOO_MANY),
      closed(1013),
    ]),
  },
  {
    id: 'ack/any-subscription-1.0',
    versions: ['1.0'],
    section: 'ACK',
    quote: 'which must contain a value matching the *message-id* for the MESSAGE being acknowledged',
    ours: 'In 1.0, whose ACK names no subscription, it is for the message wherever it awaits ACK.',
    stance: 'choice',
    steps: talkIn(['1.0'], (talk) => [
      ...enter('0', 'client'),
      ...enter('1', 'client'),
      ...['a', 'b', 'c'].flatMap((message) => talk.says(message, '0', '1')),
      client(talk.ack('c')),
      ...['d', 'e', 'f'].flatMap((message) => talk.says(message, '0', '1')),
    ]),
  },
  {
    id: 'ack/individual',
    versions: FROM_1_1,
    section: 'SUBSCRIBE ack Header',
    quote:
      'This means that an `ACK` or `NACK` frame for a subsequent message MUST NOT cause a previous message to get acknowledged.',
    ours: 'In mode `client-individual` an ACK is for one message alone.',
    steps: talkIn(FROM_1_1, (talk) => [
      ...enter('0', 'client-individual'),
      ...['a', 'b', 'c'].flatMap((message) => talk.says(message, '0')),
      client(talk.ack('c')),
      ...['d', 'e'].flatMap((message) => talk.says(message, '0')),
      server(TOO_MANY),
      closed(1013),
    ]),
  },
  {
    id: 'nack/cumulative',
    versions: FROM_1_1,
    section: 'NACK',
    quote:
      "`NACK` applies either to one single message (if the subscription's `ack` mode is `client-individual`) or to all messages sent before and not yet `ACK`'ed or `NACK`'ed (if the subscription's `ack` mode is `client`).",
    ours: 'In mode `client` a NACK is for all messages of its subscription up to it.',
    steps: talkIn(FROM_1_1, (talk) => [
      ...enter('0', 'client'),
      ...['a', 'b', 'c'].flatMap((message) => talk.says(message, '0')),
      client(talk.ack('c', { command: 'NACK' })),
      ...['d', 'e', 'f'].flatMap((message) => talk.says(message, '0')),
    ]),
  },
  {
    id: 'nack/individual',
    versions: FROM_1_1,
    section: 'NACK',
    quote: "`NACK` applies either to one single message (if the subscription's `ack` mode is `client-individual`)",
    ours: 'In mode `client-individual` a NACK is for one message alone.',
    steps: talkIn(FROM_1_1, (talk) => [
      ...enter('0', 'client-individual'),
      ...['a', 'b', 'c'].flatMap((message) => talk.says(message, '0')),
      client(talk.ack('c', { command: 'NACK' })),
      ...['d', 'e'].flatMap((message) => talk.says(message, '0')),
      server(TOO_MANY),
      closed(1013),
    ]),
  },
  {
    id: 'nack/discards',
    versions: FROM_1_1,
    section: 'NACK',
    quote:
      'The server can then either send the message to a different client, discard it, or put it in a dead letter queue. The exact behavior is server specific.',
    ours: 'What a client did not consume is not sent to it again: it is in the room, and a SUBSCRIBE with `since` brings it.',
    stance: 'choice',
    steps: talkIn(FROM_1_1, (talk) => [
      ...enter('0', 'client-individual'),
      ...talk.says('a', '0'),
      client(talk.ack('a', { command: 'NACK', headers: 'receipt:r1\n' })),
      server(R1),
    ]),
  },
  {
    id: 'ack/redelivery',
    versions: FROM_1_1,
    section: 'SUBSCRIBE ack Header',
    quote:
      'If the connection fails before a client sends an `ACK` frame for the message the server will assume the message has not been processed and MAY redeliver the message to another client.',
    ours: 'Nothing is sent again by itself; who comes back says with `since` what it has seen.',
    stance: 'choice',
    steps: talkIn(FROM_1_1, (talk) => [
      ...enter('0', 'client'),
      ...talk.says('a', '0'),
      cut(),
      secondClient(enterRoom('0', 'ack:client\n')),
      serverToSecond(entered('0')),
    ]),
  },
  {
    id: 'ack/any-id',
    versions: ['1.2'],
    section: 'MESSAGE',
    quote: 'This header will be used to relate the message to a subsequent `ACK` or `NACK` frame.',
    ours: 'The `ack` of a MESSAGE tells messages and subscriptions apart, whatever characters their ids have.',
    steps: [
      client('SUBSCRIBE\nid:a\\cb\ndestination:/topic/chat_rooms/<room>\nack:client\nreceipt:s0\n\n\0'),
      server(entered('0')),
      client(sendToRoom('hello')),
      server(messageOf('m', 'hello', { behind: 'subscription:a\\cb\nack:<ack>\n' })),
      client('ACK\nid:<ack>\nreceipt:r1\n\n\0'),
      server(R1),
    ],
  },
  {
    id: 'ack/id',
    versions: ['1.2'],
    section: 'ACK',
    quote: 'The `ACK` frame MUST include an `id` header matching the `ack` header of the `MESSAGE` being acknowledged.',
    ours: 'An ACK without an id that we made gets ERROR and close.',
    steps: [
      client('ACK\nsubscription:0\nmessage-id:7\nreceipt:r1\n\n\0'),
      server(error('PROTOCOL_ERROR', 'ACK and NACK need as id what a MESSAGE had as ack.', { receiptId: 'r1' })),
      closed(1002),
    ],
  },
  {
    id: 'nack/id',
    versions: ['1.2'],
    section: 'NACK',
    quote: '`NACK` takes the same headers as `ACK`: `id` (REQUIRED) and `transaction` (OPTIONAL).',
    ours: 'A NACK without an id that we made gets ERROR and close.',
    steps: [
      client('NACK\nreceipt:r1\n\n\0'),
      server(error('PROTOCOL_ERROR', 'ACK and NACK need as id what a MESSAGE had as ack.', { receiptId: 'r1' })),
      closed(1002),
    ],
  },
  ...['ACK', 'NACK'].flatMap((command) =>
    ['subscription:0\n', 'message-id:7\n'].map((header): Clause => ({
      id: `${command.toLowerCase()}/${header.startsWith('sub') ? 'message-id' : 'subscription'}-1.1`,
      versions: ['1.1'],
      section: command,
      quote:
        command === 'ACK'
          ? '`ACK` has two REQUIRED headers'
          : '`NACK` takes the same headers as `ACK`: `message-id` (mandatory), `subscription` (mandatory) and `transaction` (OPTIONAL).',
      ours: `A ${command} without one of the two gets ERROR and close.`,
      steps: [
        client(`${command}\n${header}receipt:r1\n\n\0`),
        server(
          error('PROTOCOL_ERROR', 'ACK and NACK need the subscription and the message-id of a MESSAGE.', {
            receiptId: 'r1',
          }),
        ),
        closed(1002),
      ],
    })),
  ),
  {
    id: 'ack/message-id-1.0',
    versions: ['1.0'],
    section: 'ACK',
    quote:
      'ACK has one required header, *message-id*, which must contain a value matching the *message-id* for the MESSAGE being acknowledged.',
    ours: 'An ACK of 1.0 without message-id gets ERROR and close.',
    steps: [
      client('ACK\nreceipt:r1\n\n\0'),
      server(error('PROTOCOL_ERROR', 'ACK needs the message-id of a MESSAGE.', { receiptId: 'r1' })),
      closed(1002),
    ],
  },
  {
    id: 'ack/twice',
    versions: ALL,
    section: 'ACK',
    quote:
      '`ACK` is used to acknowledge consumption of a message from a subscription using `client` or `client-individual` acknowledgment.',
    ours: 'An ACK of what awaits none, or no more, changes nothing.',
    stance: 'choice',
    steps: talkIn(ALL, (talk) => [
      ...enter('0', 'client'),
      ...talk.says('a', '0'),
      client(talk.ack('a', { headers: 'receipt:r1\n' })),
      server(R1),
      client(talk.ack('a', { headers: 'receipt:r1\n' })),
      server(R1),
    ]),
  },
  {
    id: 'ack/committed',
    versions: ALL,
    section: 'ACK',
    quote:
      'Optionally, a `transaction` header MAY be specified, indicating that the message acknowledgment SHOULD be part of the named transaction.',
    ours: 'An ACK in a transaction takes effect when it is committed; its RECEIPT comes then.',
    steps: talkIn(ALL, (talk) => [
      ...enter('0', 'client'),
      ...['a', 'b', 'c'].flatMap((message) => talk.says(message, '0')),
      client('BEGIN\ntransaction:t\n\n\0'),
      client(talk.ack('c', { headers: 'transaction:t\nreceipt:r1\n' })),
      client('COMMIT\ntransaction:t\nreceipt:r2\n\n\0'),
      server(R1, 'RECEIPT\nreceipt-id:r2\n\n\0'),
      ...['d', 'e', 'f'].flatMap((message) => talk.says(message, '0')),
    ]),
  },
  {
    id: 'nack/committed',
    versions: FROM_1_1,
    section: 'NACK',
    quote: '`NACK` takes the same headers as `ACK`',
    ours: 'A NACK in a transaction takes effect when it is committed; its RECEIPT comes then.',
    steps: talkIn(FROM_1_1, (talk) => [
      ...enter('0', 'client'),
      ...['a', 'b', 'c'].flatMap((message) => talk.says(message, '0')),
      client('BEGIN\ntransaction:t\n\n\0'),
      client(talk.ack('c', { command: 'NACK', headers: 'transaction:t\nreceipt:r1\n' })),
      client('COMMIT\ntransaction:t\nreceipt:r2\n\n\0'),
      server(R1, 'RECEIPT\nreceipt-id:r2\n\n\0'),
      ...['d', 'e', 'f'].flatMap((message) => talk.says(message, '0')),
    ]),
  },
  {
    id: 'ack/aborted',
    versions: ALL,
    section: 'BEGIN',
    quote:
      'any messages sent or acknowledged during a transaction will be processed atomically based on the transaction',
    ours: 'An ACK in a transaction that is aborted had no effect; its RECEIPT says `aborted`.',
    steps: talkIn(ALL, (talk) => [
      ...enter('0', 'client'),
      ...['a', 'b', 'c'].flatMap((message) => talk.says(message, '0')),
      client('BEGIN\ntransaction:t\n\n\0'),
      client(talk.ack('c', { headers: 'transaction:t\nreceipt:r1\n' })),
      client('ABORT\ntransaction:t\nreceipt:r2\n\n\0'),
      server('RECEIPT\nreceipt-id:r1\naborted:true\n\n\0', 'RECEIPT\nreceipt-id:r2\n\n\0'),
      ...talk.says('d', '0'),
      server(TOO_MANY),
      closed(1013),
    ]),
  },
  {
    id: 'ack/message-of-history',
    versions: ['1.2'],
    section: 'MESSAGE',
    quote:
      'If the message is received from a subscription that requires explicit acknowledgment (either `client` or `client-individual` mode) then the `MESSAGE` frame MUST also contain an `ack` header with an arbitrary value.',
    ours: 'MESSAGEs in a client mode have `ack`, those that are replayed as well.',
    steps: [
      client(enterRoom('0')),
      server(entered('0')),
      client(sendToRoom('hello')),
      server(messageOf('m', 'hello')),
      client(enterRoom('1', 'ack:client\nhistory:1\n')),
      server(
        messageOf('m', 'hello', { before: 'replayed:true\n', behind: 'subscription:1\nack:1\\c<m>\n' }),
        entered('1'),
      ),
    ],
  },
];
