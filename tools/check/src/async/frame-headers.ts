import type { JsonSchema } from '@chat/dto';

/** Headers of a frame by name: required, or not. */
export interface FrameHeaders {
  readonly required?: Readonly<Record<string, JsonSchema>>;
  readonly optional?: Readonly<Record<string, JsonSchema>>;
}

const text = (description: string, more: JsonSchema = {}): JsonSchema => ({ type: 'string', description, ...more });
const oneOf = (description: string, ...values: readonly string[]) => text(description, { enum: values });
const flag = (description: string) => oneOf(description, 'true');

const RECEIPT = text('Asks for a RECEIPT that names it.');
const TRANSACTION = text('The transaction that the frame is part of.');
const BODY_HEADERS = {
  'content-type': text('Of the body.'),
  'content-length': text('Bytes of the body.'),
};
const CLIENT_MESSAGE_ID = text('The name that the sender gave the message.');

/** What every SEND may carry, and what those of messages may beside. */
export const SEND_HEADERS = { receipt: RECEIPT, ...BODY_HEADERS } as const;
export const MESSAGE_SEND_HEADERS = {
  'client-message-id': text(
    "The sender's own name of the message; a SEND under one that was used is the same message.",
  ),
  resend: flag('This may have been published before; answer exactly.'),
  'receipt-level': oneOf(
    'When its RECEIPT is due: in the log, as without it, or in Postgres.',
    ...['accepted', 'persisted'],
  ),
  transaction: TRANSACTION,
  traceparent: text('W3C trace context of whoever sends; followed where the service traces, and as far as it samples.'),
} as const;

/** What every MESSAGE carries. */
export const MESSAGE_HEADERS: FrameHeaders = {
  required: {
    'message-id': text('Unique among the MESSAGEs of a session; of a room’s messages the id of the message.'),
    'content-type': oneOf('Of the body.', 'application/json'),
  },
  optional: {
    subscription: text('The id of the SUBSCRIBE; left out where a client of 1.0 named none.'),
    'content-length': BODY_HEADERS['content-length'],
    ack: text('What the id of its ACK or NACK must say, in 1.2 and the client modes.'),
  },
};
/** What MESSAGEs of some destinations carry beside, by the kind of the destination. */
export const MORE_MESSAGE_HEADERS: Readonly<Record<string, Readonly<Record<string, JsonSchema>>>> = {
  room: {
    'client-message-id': CLIENT_MESSAGE_ID,
    prev: text("The id of the room's message before it; absent where unknown."),
    replayed: flag('It was there before the subscription.'),
  },
  commands: { replayed: flag('It stood before the subscription.') },
  'user-commands': { replayed: flag('It was kept for the user.') },
};

/** Frames of the server that go to no destination; `codes` are those of ERROR. */
export function serverFrames(codes: readonly string[]): Readonly<Record<string, FrameHeaders>> {
  return {
    CONNECTED: {
      required: {
        version: oneOf('Version that both speak from here on.', '1.0', '1.1', '1.2'),
        'heart-beat': text('What the server sends and wants, in ms: `sends,wants`.'),
        session: text('Id of the session.'),
        server: text('What answers.'),
        'user-name': text('Id of the user.'),
      },
    },
    RECEIPT: {
      required: { 'receipt-id': text('The `receipt` of the frame.') },
      optional: {
        'message-id': text('Of a SEND to a room: id of the message that Kafka has acknowledged.'),
        recovered: oneOf(
          'Of a SUBSCRIBE with `since` or `history`: whether nothing is missing before it.',
          'true',
          'false',
        ),
        aborted: flag('The frame was part of a transaction that was aborted.'),
      },
    },
    ERROR: {
      required: {
        message: text('A sentence for a developer.'),
        code: oneOf('For programs; later versions may know more.', ...codes),
        'content-type': oneOf('Of the body.', 'text/plain'),
      },
      optional: {
        'receipt-id': text('The `receipt` of the frame at fault.'),
        version: text('Of VERSION_NOT_SUPPORTED: the versions that there are.'),
        'content-length': BODY_HEADERS['content-length'],
      },
    },
  };
}

/** Frames of a client that go to no destination. */
export const CLIENT_FRAMES: Readonly<Record<string, FrameHeaders>> = {
  CONNECT: {
    required: { Authorization: text('`Bearer <JWT>`.') },
    optional: {
      'accept-version': text('Versions that the client speaks, with commas between; without it 1.0.'),
      host: text('Not looked at.'),
      'heart-beat': text('What the client sends and wants, in ms.'),
      'app-version': text('Version of the app, for commands that are meant for some.'),
      receipt: RECEIPT,
    },
  },
  SUBSCRIBE: {
    required: { destination: text('Where to.') },
    optional: {
      id: text('Of the subscription; 1.0 may leave it out.'),
      ack: oneOf('How messages are acknowledged.', 'auto', 'client', 'client-individual'),
      since: text('Of a room: id of the last message that the client has; `0` for everything.'),
      history: text('Of a room: how many of the last texts to bring first, at most 200.'),
      users: oneOf('Of presence: name everybody who is online, however large the room.', 'all'),
      receipt: RECEIPT,
    },
  },
  UNSUBSCRIBE: {
    optional: { id: text('Of the SUBSCRIBE.'), destination: text('In 1.0, in place of the id.'), receipt: RECEIPT },
  },
  ...Object.fromEntries(
    ['ACK', 'NACK'].map((command) => [
      command,
      {
        optional: {
          id: text('In 1.2: `ack` of the MESSAGE.'),
          'message-id': text('In 1.0 and 1.1: of the MESSAGE.'),
          subscription: text('In 1.1: of the MESSAGE.'),
          transaction: TRANSACTION,
          receipt: RECEIPT,
        },
      },
    ]),
  ),
  ...Object.fromEntries(
    ['BEGIN', 'COMMIT', 'ABORT'].map((command) => [
      command,
      { required: { transaction: text('Name of the transaction.') }, optional: { receipt: RECEIPT } },
    ]),
  ),
  DISCONNECT: { optional: { receipt: RECEIPT } },
};

/** JSON Schema of headers. */
export function headersSchema({ required = {}, optional = {} }: FrameHeaders): JsonSchema {
  const names = Object.keys(required);
  return {
    type: 'object',
    ...(names.length > 0 && { required: names }),
    properties: { ...required, ...optional },
  };
}
