import { ALL, client, closed, FROM_1_1, server, serverInAnyOrder, type Clause } from '../clause.ts';
import {
  enterRoom,
  entered,
  error,
  LISTEN_FOR_ERRORS,
  LISTEN_FOR_PONGS,
  messageOf,
  pong,
  R1,
  refusal,
  S0,
  sendToRoom,
} from '../frames.ts';

const SUBSCRIBE_ID = 'an `id` header MUST be included in the frame to uniquely identify the subscription';
const MUST_FAIL =
  'If the server cannot successfully create the subscription, the server MUST send the client an `ERROR` frame and then close the connection.';
const ROOM_NOT_FOUND = 'There is no such room.';
/** Largest id of a room; there is none. */
const NO_ROOM = '9007199254740991';
const LISTEN_WITHOUT_ID = 'SUBSCRIBE\ndestination:/user/queue/heartbeatReply\nreceipt:s0\n\n\0';
const SEND_PING = 'SEND\ndestination:/app/heartbeat\n\n\0';

/** SUBSCRIBE, UNSUBSCRIBE and the MESSAGEs between them. */
export const SUBSCRIPTION_CLAUSES: readonly Clause[] = [
  {
    id: 'subscribe/destination',
    versions: ALL,
    section: 'SUBSCRIBE',
    quote:
      'the `SUBSCRIBE` frame requires a `destination` header indicating the destination to which the client wants to subscribe',
    ours: 'A SUBSCRIBE without a destination gets ERROR and close.',
    steps: [
      client('SUBSCRIBE\nid:0\nreceipt:r1\n\n\0'),
      server(error('PROTOCOL_ERROR', 'A SUBSCRIBE needs a destination.', { receiptId: 'r1' })),
      closed(1002),
    ],
  },
  {
    id: 'subscribe/unknown-destination',
    versions: ALL,
    section: 'SUBSCRIBE',
    quote: MUST_FAIL,
    ours: 'A SUBSCRIBE to a destination that there is not gets ERROR and close.',
    steps: [
      client('SUBSCRIBE\nid:0\ndestination:/queue/foo\nreceipt:r1\n\n\0'),
      server(error('UNKNOWN_DESTINATION', 'There is no such destination for SUBSCRIBE.', { receiptId: 'r1' })),
      closed(1002),
    ],
  },
  {
    id: 'subscribe/delivers',
    versions: ALL,
    section: 'SUBSCRIBE',
    quote:
      'Any messages received on the subscribed destination will henceforth be delivered as `MESSAGE` frames from the server to the client.',
    ours: 'From the RECEIPT of a SUBSCRIBE on nothing is missed.',
    steps: [client(enterRoom('0')), server(entered('0')), client(sendToRoom('hello')), server(messageOf('m', 'hello'))],
  },
  {
    id: 'subscribe/refused',
    versions: ALL,
    section: 'SUBSCRIBE',
    quote: MUST_FAIL,
    ours: 'A refused SUBSCRIBE gets ERROR and close, unless the client listens on the error queue.',
    steps: [
      client(`SUBSCRIBE\nid:0\ndestination:/topic/chat_rooms/${NO_ROOM}\nreceipt:r1\n\n\0`),
      server(error('ROOM_NOT_FOUND', ROOM_NOT_FOUND, { receiptId: 'r1' })),
      closed(1008),
    ],
  },
  {
    id: 'subscribe/refused-on-error-queue',
    versions: ALL,
    section: 'SUBSCRIBE',
    quote: MUST_FAIL,
    ours: 'To who listens on `/user/queue/errors` a refusal comes as a MESSAGE, and the session lives: a room that was left meanwhile should not cost a chat its other rooms.',
    stance: 'refusal',
    steps: [
      client(LISTEN_FOR_ERRORS),
      server(S0),
      client(`SUBSCRIBE\nid:0\ndestination:/topic/chat_rooms/${NO_ROOM}\nreceipt:r1\n\n\0`),
      server(
        refusal(
          'refusal',
          `{"code":"ROOM_NOT_FOUND","message":"${ROOM_NOT_FOUND}","receiptId":"r1","destination":"/topic/chat_rooms/${NO_ROOM}","retryable":false}`,
        ),
      ),
    ],
  },
  {
    id: 'subscribe/own-headers',
    versions: FROM_1_1,
    section: 'SUBSCRIBE',
    quote:
      'STOMP servers MAY support additional server specific headers to customize the delivery semantics of the subscription.',
    ours: '`history: <n>` and `since: <message id>` bring what was before; each such MESSAGE has `replayed`.',
    stance: 'choice',
    steps: [
      client(enterRoom('0')),
      server(entered('0')),
      client(sendToRoom('hello')),
      server(messageOf('m', 'hello')),
      client(enterRoom('1', 'history:1\n')),
      server(messageOf('m', 'hello', { before: 'replayed:true\n', behind: 'subscription:1\n' }), entered('1')),
      client(enterRoom('2', 'since:<m>\n')),
      server(entered('2')),
    ],
  },
  {
    id: 'subscribe/selector',
    versions: ['1.0'],
    section: 'SUBSCRIBE',
    quote: 'Stomp brokers may support the *selector* header',
    ours: '`selector` is ignored.',
    stance: 'choice',
    steps: [
      client(enterRoom('0', "selector:type = 'DIRECT'\n")),
      server(entered('0')),
      client(sendToRoom('hello')),
      server(messageOf('m', 'hello')),
    ],
  },
  {
    id: 'subscribe/id',
    versions: FROM_1_1,
    section: 'SUBSCRIBE id Header',
    quote: SUBSCRIBE_ID,
    ours: 'A SUBSCRIBE without an id gets ERROR and close.',
    steps: [
      client('SUBSCRIBE\ndestination:/topic/commands\nreceipt:r1\n\n\0'),
      server(error('PROTOCOL_ERROR', 'A SUBSCRIBE needs an id.', { receiptId: 'r1' })),
      closed(1002),
    ],
  },
  {
    id: 'subscribe/id-1.0',
    versions: ['1.0'],
    section: 'SUBSCRIBE',
    quote:
      'You can also specify an *id* header which can then later on be used to UNSUBSCRIBE from the specific subscription',
    ours: 'In 1.0 the id may be left out; then its MESSAGEs name no subscription.',
    steps: [client(LISTEN_WITHOUT_ID), server(S0), client(SEND_PING), server(pong(''))],
  },
  {
    id: 'subscribe/subscription-header-1.0',
    versions: ['1.0'],
    section: 'SUBSCRIBE',
    quote:
      'If an *id* header is supplied then Stomp brokers should append a *subscription* header to any MESSAGE commands which are sent to the client',
    ours: 'In 1.0 MESSAGEs of a subscription with an id name it.',
    steps: [client(LISTEN_FOR_PONGS), server(S0), client(SEND_PING), server(pong())],
  },
  {
    id: 'subscribe/id-twice',
    versions: FROM_1_1,
    section: 'SUBSCRIBE id Header',
    quote: 'Within the same connection, different subscriptions MUST use different subscription identifiers.',
    ours: 'An id that is in use gets ERROR and close.',
    steps: [
      client(LISTEN_FOR_PONGS),
      server(S0),
      client('SUBSCRIBE\nid:0\ndestination:/topic/commands\nreceipt:r1\n\n\0'),
      server(error('PROTOCOL_ERROR', 'A subscription with this id is open already.', { receiptId: 'r1' })),
      closed(1002),
    ],
  },
  {
    id: 'subscribe/destination-twice-1.0',
    versions: ['1.0'],
    section: 'SUBSCRIBE',
    quote: 'you may end up with overlapping subscriptions using selectors with the same destination',
    ours: 'Two subscriptions to one destination need an id each: without, the second gets ERROR and close.',
    stance: 'choice',
    steps: [
      client(LISTEN_WITHOUT_ID),
      server(S0),
      client('SUBSCRIBE\ndestination:/user/queue/heartbeatReply\nreceipt:r1\n\n\0'),
      server(error('PROTOCOL_ERROR', 'A subscription with this id is open already.', { receiptId: 'r1' })),
      closed(1002),
    ],
  },
  {
    id: 'subscribe/several',
    versions: ALL,
    section: 'SUBSCRIBE id Header',
    quote: 'a single connection can have multiple open subscriptions with a server',
    ours: 'Each subscription to a destination gets a MESSAGE of its own, which names it.',
    steps: [
      client(enterRoom('0') + enterRoom('1')),
      server(entered('0'), entered('1')),
      client(sendToRoom('hello')),
      serverInAnyOrder(messageOf('m', 'hello'), messageOf('m', 'hello', { behind: 'subscription:1\n' })),
    ],
  },
  {
    id: 'unsubscribe/ends',
    versions: ALL,
    section: 'UNSUBSCRIBE',
    quote:
      'Once the subscription is removed the STOMP connections will no longer receive messages from that subscription.',
    ours: 'Nothing comes for a subscription behind the RECEIPT of its UNSUBSCRIBE.',
    steps: [
      client(enterRoom('0') + enterRoom('1')),
      server(entered('0'), entered('1')),
      client('UNSUBSCRIBE\nid:0\nreceipt:r1\n\n\0'),
      server(R1),
      client(sendToRoom('hello')),
      server(messageOf('m', 'hello', { behind: 'subscription:1\n' })),
    ],
  },
  {
    id: 'subscribe/id-again',
    versions: ALL,
    section: 'SUBSCRIBE id Header',
    quote: 'Within the same connection, different subscriptions MUST use different subscription identifiers.',
    ours: 'The id of a subscription may be used again behind its UNSUBSCRIBE.',
    stance: 'choice',
    steps: [
      client('SUBSCRIBE\nid:0\ndestination:/topic/commands\n\n\0UNSUBSCRIBE\nid:0\n\n\0'),
      client(LISTEN_FOR_PONGS),
      server(S0),
      client(SEND_PING),
      server(pong()),
    ],
  },
  {
    id: 'unsubscribe/id',
    versions: FROM_1_1,
    section: 'UNSUBSCRIBE',
    quote: 'an `id` header MUST be included in the frame to uniquely identify the subscription to remove',
    ours: 'An UNSUBSCRIBE without an id gets ERROR and close.',
    steps: [
      client('UNSUBSCRIBE\ndestination:/topic/commands\nreceipt:r1\n\n\0'),
      server(error('PROTOCOL_ERROR', 'An UNSUBSCRIBE needs the id of its subscription.', { receiptId: 'r1' })),
      closed(1002),
    ],
  },
  {
    id: 'unsubscribe/unknown',
    versions: FROM_1_1,
    section: 'UNSUBSCRIBE',
    quote: 'This header MUST match the subscription identifier of an existing subscription.',
    ours: 'An id that no subscription has gets ERROR and close.',
    steps: [
      client('UNSUBSCRIBE\nid:0\nreceipt:r1\n\n\0'),
      server(error('PROTOCOL_ERROR', 'There is no subscription with this id.', { receiptId: 'r1' })),
      closed(1002),
    ],
  },
  {
    id: 'unsubscribe/neither-1.0',
    versions: ['1.0'],
    section: 'UNSUBSCRIBE',
    quote: 'It requires either a *destination* header or an *id* header',
    ours: 'In 1.0 an UNSUBSCRIBE with neither gets ERROR and close.',
    steps: [
      client('UNSUBSCRIBE\nreceipt:r1\n\n\0'),
      server(error('PROTOCOL_ERROR', 'An UNSUBSCRIBE needs the id of its subscription.', { receiptId: 'r1' })),
      closed(1002),
    ],
  },
  {
    id: 'unsubscribe/by-destination-1.0',
    versions: ['1.0'],
    section: 'UNSUBSCRIBE',
    quote: 'to no longer receive messages from that destination',
    ours: 'In 1.0 an UNSUBSCRIBE by destination ends a subscription without an id.',
    steps: [
      client(LISTEN_WITHOUT_ID),
      server(S0),
      client('UNSUBSCRIBE\ndestination:/user/queue/heartbeatReply\nreceipt:r1\n\n\0'),
      server(R1),
      client(SEND_PING),
    ],
  },
  {
    id: 'unsubscribe/by-destination-of-several-1.0',
    versions: ['1.0'],
    section: 'UNSUBSCRIBE',
    quote: 'to no longer receive messages from that destination',
    ours: 'In 1.0 an UNSUBSCRIBE by destination ends all subscriptions to it, those with an id as well.',
    steps: [
      client(enterRoom('0') + enterRoom('1')),
      server(entered('0'), entered('1')),
      client('UNSUBSCRIBE\ndestination:/topic/chat_rooms/<room>\nreceipt:r1\n\n\0'),
      server(R1),
      client(enterRoom('2')),
      server(entered('2')),
      client(sendToRoom('hello')),
      server(messageOf('m', 'hello', { behind: 'subscription:2\n' })),
    ],
  },
];
