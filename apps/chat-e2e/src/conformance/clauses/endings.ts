import type { StompVersion } from '@chat/stomp';
import {
  ALL,
  client,
  closed,
  FROM_1_1,
  inEach,
  secondClient,
  server,
  serverInAnyOrder,
  serverToSecond,
  type Clause,
} from '../clause.ts';
import {
  enterRoom,
  entered,
  error,
  LISTEN_FOR_PONGS,
  messageOf,
  PING,
  pong,
  published,
  R1,
  S0,
  sendToRoom,
} from '../frames.ts';

const RECEIPT_QUOTE =
  'This will cause the server to acknowledge the processing of the client frame with a `RECEIPT` frame';

/** One client frame that asks for a RECEIPT, behind frames that it needs. */
function receiptOf(command: string, steps: Clause['steps'], versions: readonly StompVersion[] = ALL): Clause {
  const ours = `${command} with \`receipt\` is answered by RECEIPT.`;
  return {
    id: `receipts/${command.toLowerCase()}`,
    versions,
    section: 'Header receipt',
    quote: RECEIPT_QUOTE,
    ours,
    steps,
  };
}

/** A message that awaits no ACK, as ACK and NACK name it. */
const ANY_MESSAGE = { '1.0': 'message-id:7', '1.1': 'subscription:0\nmessage-id:7', '1.2': 'id:0\\c7' };

/** RECEIPT, ERROR, DISCONNECT and the WebSocket around it all. */
export const ENDING_CLAUSES: readonly Clause[] = [
  receiptOf('SEND', [client(PING), server(R1)]),
  receiptOf('SUBSCRIBE', [client('SUBSCRIBE\nid:0\ndestination:/topic/commands\nreceipt:r1\n\n\0'), server(R1)]),
  receiptOf('UNSUBSCRIBE', [
    client('SUBSCRIBE\nid:0\ndestination:/topic/commands\n\n\0UNSUBSCRIBE\nid:0\nreceipt:r1\n\n\0'),
    server(R1),
  ]),
  receiptOf(
    'ACK',
    inEach(ALL, (version) => [client(`ACK\n${ANY_MESSAGE[version]}\nreceipt:r1\n\n\0`), server(R1)]),
  ),
  receiptOf(
    'NACK',
    inEach(FROM_1_1, (version) => [client(`NACK\n${ANY_MESSAGE[version]}\nreceipt:r1\n\n\0`), server(R1)]),
    FROM_1_1,
  ),
  receiptOf('BEGIN', [client('BEGIN\ntransaction:t\nreceipt:r1\n\n\0'), server(R1)]),
  receiptOf('COMMIT', [client('BEGIN\ntransaction:t\n\n\0COMMIT\ntransaction:t\nreceipt:r1\n\n\0'), server(R1)]),
  receiptOf('ABORT', [client('BEGIN\ntransaction:t\n\n\0ABORT\ntransaction:t\nreceipt:r1\n\n\0'), server(R1)]),
  {
    id: 'receipts/id',
    versions: ALL,
    section: 'RECEIPT',
    quote:
      'A `RECEIPT` frame MUST include the header `receipt-id`, where the value is the value of the `receipt` header in the frame which this is a receipt for.',
    ours: 'A RECEIPT has `receipt-id`, no body, and what the outcome adds: `message-id` of a SEND to a room, `recovered` of a SUBSCRIBE to one.',
    steps: [
      client('SEND\ndestination:/app/heartbeat\nreceipt:message-12345\n\n\0'),
      server('RECEIPT\nreceipt-id:message-12345\n\n\0'),
      client(enterRoom('0')),
      server('RECEIPT\nreceipt-id:s0\nrecovered:true\n\n\0'),
      client(sendToRoom('hello', 'receipt:r1\n')),
      serverInAnyOrder('RECEIPT\nreceipt-id:r1\nmessage-id:<m>\n\n\0', messageOf('m', 'hello')),
    ],
  },
  {
    id: 'receipts/none',
    versions: ALL,
    section: 'RECEIPT',
    quote: 'a client frame that requests a receipt',
    ours: 'A frame that asks for none gets none.',
    steps: [client('SEND\ndestination:/app/heartbeat\n\n\0'), client(PING), server(R1)],
  },
  {
    id: 'receipts/after-disconnect',
    versions: ALL,
    section: 'RECEIPT',
    quote: 'If the client disconnects, previously received frames SHOULD continue to get processed by the server.',
    ours: 'A SEND before a DISCONNECT is published, with or without a RECEIPT.',
    steps: [
      secondClient(enterRoom('0')),
      serverToSecond(entered('0')),
      client(`${sendToRoom('last words')}DISCONNECT\n\n\0`),
      closed(1000),
      serverToSecond(messageOf('m', 'last words')),
    ],
  },
  {
    id: 'disconnect/receipt',
    versions: ALL,
    section: 'DISCONNECT',
    quote: 'wait for the `RECEIPT` frame response to the `DISCONNECT`',
    ours: 'DISCONNECT is answered by RECEIPT, then close 1000.',
    steps: [client('DISCONNECT\nreceipt:77\n\n\0'), server('RECEIPT\nreceipt-id:77\n\n\0'), closed(1000)],
  },
  {
    id: 'disconnect/last',
    versions: ALL,
    section: 'DISCONNECT',
    quote: 'the client is assured that all previous frames have been received by the server',
    ours: 'The RECEIPT of a DISCONNECT comes behind the answers to all frames before it.',
    steps: [
      client(`${sendToRoom('one', 'receipt:r1\n')}${sendToRoom('two', 'receipt:r2\n')}DISCONNECT\nreceipt:77\n\n\0`),
      server(published('r1', 'a'), published('r2', 'b'), 'RECEIPT\nreceipt-id:77\n\n\0'),
      closed(1000),
    ],
  },
  {
    id: 'disconnect/nothing-behind',
    versions: FROM_1_1,
    section: 'DISCONNECT',
    quote: 'Clients MUST NOT send any more frames after the `DISCONNECT` frame is sent.',
    ours: 'What comes behind a DISCONNECT is ignored.',
    stance: 'choice',
    steps: [client(`DISCONNECT\nreceipt:77\n\n\0${PING}`), server('RECEIPT\nreceipt-id:77\n\n\0'), closed(1000)],
  },
  {
    id: 'message/headers',
    versions: FROM_1_1,
    section: 'MESSAGE',
    quote:
      'The `MESSAGE` frame MUST also contain a `message-id` header with a unique identifier for that message and a `subscription` header matching the identifier of the subscription that is receiving the message.',
    ours: 'A MESSAGE has `destination`, `message-id`, `content-type`, `content-length` and `subscription`.',
    steps: [
      client(LISTEN_FOR_PONGS),
      server(S0),
      client('SEND\ndestination:/app/heartbeat\n\n\0'),
      server(
        'MESSAGE\ndestination:/user/queue/heartbeatReply\nmessage-id:<pong>\ncontent-type:application/json\ncontent-length:<length>\nsubscription:0\n\n{"type":"PONG","at":"<at>"}\0',
      ),
    ],
  },
  {
    id: 'message/headers-1.0',
    versions: ['1.0'],
    section: 'MESSAGE',
    quote: 'It will also contain a *message-id* header with a unique identifier for that message.',
    ours: 'A MESSAGE has `destination`, `message-id`, `content-type` and `content-length`.',
    steps: [
      client('SUBSCRIBE\ndestination:/user/queue/heartbeatReply\nreceipt:s0\n\n\0'),
      server(S0),
      client('SEND\ndestination:/app/heartbeat\n\n\0'),
      server(
        'MESSAGE\ndestination:/user/queue/heartbeatReply\nmessage-id:<pong>\ncontent-type:application/json\ncontent-length:<length>\n\n{"type":"PONG","at":"<at>"}\0',
      ),
    ],
  },
  {
    id: 'message/subscription-escaped',
    versions: FROM_1_1,
    section: 'MESSAGE',
    quote: 'a `subscription` header matching the identifier of the subscription that is receiving the message',
    ours: 'An id of a subscription may have any characters; they come back escaped.',
    steps: [
      client('SUBSCRIBE\nid:a\\cb\\n\\\\ü\ndestination:/user/queue/heartbeatReply\nreceipt:s0\n\n\0'),
      server(S0),
      client('SEND\ndestination:/app/heartbeat\n\n\0'),
      server(pong('subscription:a\\cb\\n\\\\ü\n')),
    ],
  },
  {
    id: 'message/id-unique',
    versions: ALL,
    section: 'MESSAGE',
    quote: 'a `message-id` header with a unique identifier for that message',
    ours: 'No two MESSAGEs of a subscription have the same `message-id`; in a room it is the id of the message.',
    steps: [
      client(LISTEN_FOR_PONGS),
      server(S0),
      client('SEND\ndestination:/app/heartbeat\n\n\0SEND\ndestination:/app/heartbeat\n\n\0'),
      server(pong(), pong().replace('<pong>', '<pong-2>').replace('<at>', '<at-2>')),
    ],
  },
  {
    id: 'message/destination',
    versions: FROM_1_1,
    section: 'MESSAGE',
    quote:
      'If the message has been sent using STOMP, this `destination` header SHOULD be identical to the one used in the corresponding `SEND` frame.',
    ours: 'The destination of a MESSAGE is the one that was subscribed to: SENDs go to `/app/…`, where the application judges them, and come from `/topic/…` or `/user/queue/…`.',
    stance: 'choice',
    steps: [client(enterRoom('0')), server(entered('0')), client(sendToRoom('hello')), server(messageOf('m', 'hello'))],
  },
  {
    id: 'message/server-headers',
    versions: ALL,
    section: 'Frames and Headers',
    quote: 'STOMP servers MAY use additional headers to give access to features like persistency or expiration.',
    ours: 'A MESSAGE of a room has `prev`, the id of the one before it, where that is known.',
    stance: 'choice',
    steps: [
      client(enterRoom('0')),
      server(entered('0')),
      client(sendToRoom('one') + sendToRoom('two')),
      server(messageOf('a', 'one'), messageOf('b', 'two', { before: 'prev:<a>\n' })),
    ],
  },
  {
    id: 'error/message',
    versions: ALL,
    section: 'ERROR',
    quote: 'The `ERROR` frame SHOULD contain a `message` header with a short description of the error',
    ours: 'ERROR has a sentence in `message` and as its body, and a `code` that never changes.',
    steps: [client('SEND\n\n\0'), server(error('PROTOCOL_ERROR', 'A SEND needs a destination.')), closed(1002)],
  },
  {
    id: 'error/receipt-id',
    versions: FROM_1_1,
    section: 'ERROR',
    quote:
      'if the frame included a receipt header, the `ERROR` frame SHOULD set the `receipt-id` header to match the value of the `receipt` header of the frame which the error is related to',
    ours: 'ERROR has the `receipt-id` of the frame at fault, also of one that could not be read to its end.',
    steps: [
      client('SEND\nreceipt:message-12345\ndestination:/app/heartbeat\nno colon\n\n\0'),
      server(
        error('MALFORMED_HEADER', 'A header line must be a name, a colon and a value.', {
          receiptId: 'message-12345',
        }),
      ),
      closed(1002),
    ],
  },
  {
    id: 'error/content',
    versions: ALL,
    section: 'ERROR',
    quote: '`ERROR` frames SHOULD include a `content-length` header and a `content-type` header if a body is present.',
    ours: 'ERROR always has both.',
    steps: [
      client('SEND\n\n\0'),
      server(
        'ERROR\nmessage:A SEND needs a destination.\ncode:PROTOCOL_ERROR\ncontent-type:text/plain\ncontent-length:27\n\nA SEND needs a destination.\0',
      ),
      closed(1002),
    ],
  },
  {
    id: 'websocket/binary',
    versions: ALL,
    section: 'WebSocket messages',
    quote: null,
    ours: 'Binary messages are read as text ones are; what we send is text.',
    stance: 'choice',
    steps: [client(PING, { isBinary: true }), server(R1), client(PING), server(R1)],
  },
  {
    id: 'websocket/several-frames',
    versions: ALL,
    section: 'WebSocket messages',
    quote: null,
    ours: 'A message may carry several frames.',
    stance: 'choice',
    steps: [client(PING + PING + PING), server(R1, R1, R1)],
  },
  {
    id: 'websocket/part-of-a-frame',
    versions: ALL,
    section: 'WebSocket messages',
    quote: null,
    ours: 'A frame may come in several messages, down to a byte each.',
    stance: 'choice',
    steps: [
      client('SEND\ndestination:/app/heartbeat\nreceipt:ü😀\n\n\0', { inMessages: 'many', isBinary: true }),
      server('RECEIPT\nreceipt-id:ü😀\n\n\0'),
    ],
  },
  {
    id: 'websocket/text-in-parts',
    versions: ALL,
    section: 'WebSocket messages',
    quote: null,
    ours: 'The end of a frame and the beginning of the next may share a message.',
    stance: 'choice',
    steps: [
      client('SEND\ndestination:/app/heartbeat\nrec'),
      client('eipt:r1\n\n\0SEND\ndestination:/app/heartbeat\n'),
      client('receipt:r2\n\n\0'),
      server(R1, 'RECEIPT\nreceipt-id:r2\n\n\0'),
    ],
  },
];
