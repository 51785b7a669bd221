import type { JsonSchema } from '@chat/dto';
import { deadLetterHeadersSchema, recordSchemasOf, TOPIC_NAMES, TOPICS, type TopicName } from '@chat/kafka-contracts';
import { describedDtoSchemas } from '../contracts/contract-schemas.ts';
import {
  CLIENT_FRAMES,
  headersSchema,
  MESSAGE_HEADERS,
  MESSAGE_SEND_HEADERS,
  MORE_MESSAGE_HEADERS,
  SEND_HEADERS,
  serverFrames,
} from './frame-headers.ts';

interface DestinationRow {
  readonly kind: string;
  readonly destination: string;
  readonly about: string;
}

/** What the document takes from the gateway's tables, as its `describe-protocol.ts` prints them. */
export interface AsyncTables {
  readonly sendDestinations: readonly (DestinationRow & {
    readonly body: string | null;
    readonly isBodyOptional?: true;
  })[];
  readonly subscribeDestinations: readonly (DestinationRow & { readonly bodies: readonly string[] })[];
  /** By code. */
  readonly chatErrors: Readonly<Record<string, unknown>>;
  readonly sessionErrors: Readonly<Record<string, unknown>>;
  readonly protocolErrors: Readonly<Record<string, unknown>>;
  readonly closeCodes: readonly { readonly code: number; readonly meaning: string; readonly reconnect: string }[];
}

type Part = Readonly<Record<string, unknown>>;

/** A channel with what goes over it, and what the service does with that. */
interface ChannelPart {
  readonly channel: string;
  readonly server: 'gateway' | 'kafka';
  readonly address: string | null;
  readonly about: string;
  readonly parameters?: Part;
  readonly bindings?: Part;
  /** By name; the channel is put before it. */
  readonly messages: Readonly<Record<string, Part>>;
  /** From the side of the service: it sends what clients and other services receive. */
  readonly operations: Readonly<
    Record<string, { readonly action: 'send' | 'receive'; readonly messages?: readonly string[] }>
  >;
}

const refTo = (name: string) => `#/components/schemas/${name}`;
const MESSAGE_KINDS: ReadonlySet<string> = new Set(['send', 'edit', 'delete', 'react']);
const ROOM_PARAMETER = { roomId: { description: 'Id of a room, a whole number.' } };
const KAFKA_BINDING = { bindingVersion: '0.5.0' };

/** AsyncAPI of everything that goes over STOMP and Kafka, from the side of the service. */
export function asyncDocument(tables: AsyncTables): Part {
  const parts = [
    sessionPart(tables),
    ...tables.sendDestinations.map(sendPart),
    ...tables.subscribeDestinations.map(subscribePart),
    ...TOPIC_NAMES.map(topicPart),
    deadLetterPart(),
  ];
  return {
    asyncapi: '3.1.0',
    info: {
      title: 'Chat Service',
      version: '1.0.0',
      description:
        'STOMP 1.0 to 1.2 over WebSocket for clients, Kafka for other services. REST is told of by `openapi.json`. Readers pass over ' +
        'fields and frames that they do not know. Close codes of the WebSocket stand in `x-close-codes`.',
      license: { name: 'Unlicensed' },
      contact: { name: 'Chat Service' },
      tags: [{ name: 'stomp' }, { name: 'kafka' }],
    },
    'x-close-codes': tables.closeCodes,
    defaultContentType: 'application/json',
    servers: {
      gateway: {
        ...{ host: '127.0.0.1:8081', pathname: '/ws', protocol: 'ws', protocolVersion: '13' },
        description:
          'STOMP frames; sub-protocols v12.stomp, v11.stomp, v10.stomp. A frame may come in several messages.',
        security: [{ $ref: '#/components/securitySchemes/token' }],
        tags: [{ name: 'stomp' }],
      },
      kafka: {
        ...{ host: '127.0.0.1:9092', protocol: 'kafka' },
        description:
          'Values are JSON; metadata is in CloudEvents headers, binary mode. The partition of a key is murmur2.',
        tags: [{ name: 'kafka' }],
      },
    },
    channels: Object.fromEntries(parts.map((part) => [part.channel, channelOf(part)])),
    operations: Object.fromEntries(parts.flatMap(operationsOf)),
    components: {
      schemas: describedDtoSchemas(refTo),
      messages: Object.fromEntries(parts.flatMap(messagesOf)),
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: 'Header Authorization of CONNECT.' },
      },
    },
  };
}

/** Frames that go to no destination. */
function sessionPart({ chatErrors, sessionErrors, protocolErrors }: AsyncTables): ChannelPart {
  const ofServer = serverFrames(Object.keys({ ...chatErrors, ...sessionErrors, ...protocolErrors }));
  const withoutBody = ([command, headers]: readonly [string, Parameters<typeof headersSchema>[0]]) =>
    [command, { summary: `The frame ${command}.`, headers: headersSchema(headers) }] as const;
  const { ERROR: errorHeaders = {}, ...others } = ofServer;
  const error = {
    summary: 'What ends the session; its body is the sentence once more.',
    contentType: 'text/plain',
    headers: headersSchema(errorHeaders),
    payload: { type: 'string' },
  };
  return {
    channel: 'session',
    server: 'gateway',
    address: null,
    about: 'Frames that open, order and end a session. After ERROR the connection is closed.',
    messages: {
      ...Object.fromEntries(Object.entries({ ...CLIENT_FRAMES, ...others }).map(withoutBody)),
      ERROR: error,
    },
    operations: {
      'receive-frame': { action: 'receive', messages: Object.keys(CLIENT_FRAMES) },
      'send-frame': { action: 'send', messages: Object.keys(ofServer) },
    },
  };
}

function sendPart({
  kind,
  destination,
  about,
  body,
  isBodyOptional,
}: AsyncTables['sendDestinations'][number]): ChannelPart {
  const optional = { ...SEND_HEADERS, ...(MESSAGE_KINDS.has(kind) && MESSAGE_SEND_HEADERS) };
  const required = { destination: { type: 'string', description: 'The address of the channel.' } };
  const name = body ?? 'Anything';
  return {
    channel: `send-${kind}`,
    server: 'gateway',
    address: destination,
    about: sentenceOf(about),
    ...(destination.includes('{roomId}') && { parameters: ROOM_PARAMETER }),
    messages: {
      [name]: {
        summary: `SEND to ${destination}${isBodyOptional === true ? ', also without a body' : ''}.`,
        headers: headersSchema({ required, optional }),
        ...(body !== null && { payload: { $ref: refTo(body) } }),
      },
    },
    operations: { [`receive-${kind}`]: { action: 'receive' } },
  };
}

function subscribePart({
  kind,
  destination,
  about,
  bodies,
}: AsyncTables['subscribeDestinations'][number]): ChannelPart {
  const headers = headersSchema({
    required: {
      destination: { type: 'string', description: 'The address of the channel.' },
      ...MESSAGE_HEADERS.required,
    },
    optional: { ...MESSAGE_HEADERS.optional, ...MORE_MESSAGE_HEADERS[kind] },
  });
  return {
    channel: `subscribe-${kind}`,
    server: 'gateway',
    address: destination,
    about: sentenceOf(about),
    ...(destination.includes('{roomId}') && { parameters: ROOM_PARAMETER }),
    messages: Object.fromEntries(
      bodies.map((body) => [body, { summary: `MESSAGE of ${destination}.`, headers, payload: { $ref: refTo(body) } }]),
    ),
    operations: { [`send-${kind}`]: { action: 'send' } },
  };
}

function topicPart(topic: TopicName): ChannelPart {
  const { consumers, partitions, config } = TOPICS[topic];
  const { key, value, headers } = recordSchemasOf(topic, refTo);
  return {
    channel: `topic-${topic}`,
    server: 'kafka',
    address: topic,
    about: `Read by ${consumers.join(', ')}.`,
    bindings: {
      kafka: {
        ...KAFKA_BINDING,
        topic,
        partitions,
        topicConfiguration: { 'retention.ms': Number(config['retention.ms']) },
      },
    },
    messages: {
      Record: {
        summary: `A record of ${topic}.`,
        headers,
        payload: withoutSiblings(value),
        bindings: { kafka: { ...KAFKA_BINDING, key } },
      },
    },
    operations: {
      ...(topic !== 'command-messages' && { [`publish-${topic}`]: { action: 'send' } as const }),
      [`consume-${topic}`]: { action: 'receive' },
    },
  };
}

function deadLetterPart(): ChannelPart {
  return {
    channel: 'topic-dlq',
    server: 'kafka',
    address: '{topic}.dlq',
    about: 'Records that were set aside, bytes as they were.',
    parameters: { topic: { description: 'Where the record lay.', enum: TOPIC_NAMES } },
    messages: {
      Record: {
        summary: 'A dead letter.',
        contentType: 'application/octet-stream',
        headers: deadLetterHeadersSchema(),
      },
    },
    operations: { 'publish-dlq': { action: 'send' } },
  };
}

function channelOf({ channel, server, address, about, parameters, bindings, messages }: ChannelPart): Part {
  return {
    address,
    description: about,
    servers: [{ $ref: `#/servers/${server}` }],
    ...(parameters && { parameters }),
    messages: Object.fromEntries(
      Object.keys(messages).map((name) => [name, { $ref: `#/components/messages/${channel}.${name}` }]),
    ),
    ...(bindings && { bindings }),
  };
}

function messagesOf({ channel, messages }: ChannelPart): readonly (readonly [string, Part])[] {
  return Object.entries(messages).map(([name, message]) => [`${channel}.${name}`, { name, title: name, ...message }]);
}

function operationsOf({ channel, about, messages, operations }: ChannelPart): readonly (readonly [string, Part])[] {
  return Object.entries(operations).map(([name, { action, messages: named = Object.keys(messages) }]) => [
    name,
    {
      action,
      summary: about,
      channel: { $ref: `#/channels/${channel}` },
      messages: named.map((message) => ({ $ref: `#/channels/${channel}/messages/${message}` })),
    },
  ]);
}

/** Beside a `$ref` the schemas of AsyncAPI look at nothing. */
function withoutSiblings({ $ref, allOf = [], ...rest }: JsonSchema): JsonSchema {
  const rules = allOf as readonly JsonSchema[]; // of the keyword
  return rules.length === 0 && Object.keys(rest).length === 0 ? { $ref } : { ...rest, allOf: [{ $ref }, ...rules] };
}

function sentenceOf(about: string): string {
  return `${about.charAt(0).toUpperCase()}${about.slice(1)}.`;
}
