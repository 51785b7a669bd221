import { ALL, client, closed, FROM_1_1, server, serverInAnyOrder, type Clause } from '../clause.ts';
import {
  enterRoom,
  entered,
  error,
  invalidJson,
  LISTEN_FOR_ERRORS,
  messageOf,
  published,
  S0,
  sendNonsense,
  sendToRoom,
} from '../frames.ts';

const SECTION = 'SEND';
const MUST_FAIL =
  'If the server cannot successfully process the `SEND` frame for any reason, the server MUST send the client an `ERROR` frame and then close the connection.';

/** SEND and what becomes of it. */
export const SENDING_CLAUSES: readonly Clause[] = [
  {
    id: 'send/destination',
    versions: ALL,
    section: SECTION,
    quote: 'It has one REQUIRED header, `destination`, which indicates where to send the message.',
    ours: 'A SEND without a destination gets ERROR and close.',
    steps: [
      client('SEND\nreceipt:r1\n\n\0'),
      server(error('PROTOCOL_ERROR', 'A SEND needs a destination.', { receiptId: 'r1' })),
      closed(1002),
    ],
  },
  {
    id: 'send/unknown-destination',
    versions: ALL,
    section: SECTION,
    quote: "You should consult your STOMP server's documentation to find out how to construct a destination name",
    ours: 'A SEND to a destination that there is not gets ERROR and close.',
    stance: 'choice',
    steps: [
      client('SEND\ndestination:/queue/a\nreceipt:r1\n\nhello\0'),
      server(error('UNKNOWN_DESTINATION', 'There is no such destination for SEND.', { receiptId: 'r1' })),
      closed(1002),
    ],
  },
  {
    id: 'send/delivered',
    versions: ALL,
    section: SECTION,
    quote: 'The body of the `SEND` frame is the message to be sent.',
    ours: 'The content of a SEND to a room comes to every subscriber, the sender included, in a `MessageDTO`.',
    steps: [
      client(enterRoom('0')),
      server(entered('0')),
      client(sendToRoom('hello', 'receipt:r1\n')),
      serverInAnyOrder(published('r1', 'm'), messageOf('m', 'hello')),
    ],
  },
  {
    id: 'send/refused',
    versions: ALL,
    section: SECTION,
    quote: MUST_FAIL,
    ours: 'A refused SEND that asked for a RECEIPT gets ERROR and close, unless the client listens on the error queue.',
    steps: [
      client(sendNonsense('receipt:r1\n')),
      server(error('INVALID_JSON', 'The body is not valid JSON.', { receiptId: 'r1' })),
      closed(1008),
    ],
  },
  {
    id: 'send/refused-on-error-queue',
    versions: ALL,
    section: SECTION,
    quote: MUST_FAIL,
    ours: 'To who listens on `/user/queue/errors` a refusal comes as a MESSAGE, and the session lives: one bad message should not cost a chat its connection. It never gets a RECEIPT.',
    stance: 'refusal',
    steps: [client(LISTEN_FOR_ERRORS), server(S0), client(sendNonsense('receipt:r1\n')), server(invalidJson('"r1"'))],
  },
  {
    id: 'send/refused-unheard',
    versions: ALL,
    section: SECTION,
    quote: MUST_FAIL,
    ours: 'A refused SEND of who neither asked for a RECEIPT nor listens on the error queue is dropped and counted.',
    stance: 'refusal',
    steps: [client(sendNonsense())],
  },
  {
    id: 'send/own-headers',
    versions: FROM_1_1,
    section: SECTION,
    quote: 'The user defined headers MUST be passed through in the `MESSAGE` frame.',
    ours: 'Of the headers of a SEND only `client-message-id` is passed through: a message is a `MessageDTO`, the same in Kafka, Postgres, REST and on a replay, and has no place for headers that one client made up.',
    stance: 'refusal',
    steps: [
      client(enterRoom('0')),
      server(entered('0')),
      client(sendToRoom('hello', 'foo:bar\nclient-message-id:c1\nreceipt:r1\n')),
      serverInAnyOrder(published('r1', 'm'), messageOf('m', 'hello', { before: 'client-message-id:c1\n' })),
    ],
  },
  {
    id: 'send/order',
    versions: ALL,
    section: 'RECEIPT',
    quote:
      'the receipt is also a cumulative acknowledgment that all the previous frames have been _received_ by the server',
    ours: 'SENDs are answered in their order.',
    steps: [
      client(
        sendToRoom('one', 'receipt:r1\n') + sendToRoom('two', 'receipt:r2\n') + sendToRoom('three', 'receipt:r3\n'),
      ),
      server(published('r1', 'a'), published('r2', 'b'), published('r3', 'c')),
    ],
  },
];
