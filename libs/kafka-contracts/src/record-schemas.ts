import {
  CLIENT_MESSAGE_ID_MAX_LENGTH,
  CommandTargetSchema,
  DTO_SCHEMAS,
  jsonSchemasOf,
  REACTION_MAX_CODE_POINTS,
  STORABLE_PATTERN,
  type JsonSchema,
} from '@chat/dto';
import { z } from 'zod';
import { DEAD_LETTER_HEADERS, RECORD_HEADERS } from './headers.ts';
import { TOPICS, type TopicName } from './topics.ts';

/** JSON Schemas of the records of a topic: the value is JSON; key and headers are UTF-8, and described as texts. */
export interface RecordSchemas {
  readonly key: JsonSchema;
  readonly value: JsonSchema;
  readonly headers: JsonSchema;
}

/** What records of a topic look like; a DTO in them is a `$ref`, which `refTo` makes of its name. */
export function recordSchemasOf(topic: TopicName, refTo: (dto: string) => string): RecordSchemas {
  const isMessages = topic === 'chat-messages';
  return {
    key: { ...jsonSchemaOf(KEYS[topic]), description: `${KEY_WORDS[topic]}; the partition is murmur2 of these bytes.` },
    value: { $ref: refTo(dtoNameOf(topic)), ...(isMessages && MESSAGE_RULES) },
    headers: {
      ...jsonSchemaOf(isMessages ? MessageHeadersSchema : HeadersSchema),
      description:
        'CloudEvents headers (Kafka protocol binding, binary mode). Records of this service have all of those whose names ' +
        'begin with ce_; records of other producers need none. Of a header that is repeated the first value counts.',
    },
  };
}

/** Headers of a dead letter of any topic, beside those that the record had. */
export function deadLetterHeadersSchema(): JsonSchema {
  return jsonSchemaOf(DeadLetterHeadersSchema);
}

const ID_KEY = z.string().regex(/^[1-9][0-9]{0,15}$/);
const OFFSET_TEXT = z.string().regex(/^(0|[1-9][0-9]*)$/);

const KEYS: Readonly<Record<TopicName, z.ZodType>> = {
  'chat-messages': ID_KEY,
  'command-messages': CommandTargetSchema,
  'presence-messages': ID_KEY,
  'room-events': ID_KEY,
  'session-events': ID_KEY,
  'message-receipts': ID_KEY,
  'persister-progress': OFFSET_TEXT,
};
const KEY_WORDS: Readonly<Record<TopicName, string>> = {
  'chat-messages': 'The `roomId` of the value in decimal digits',
  'command-messages': 'The `target` of the value',
  'presence-messages': 'The `userId` of the value in decimal digits',
  'room-events': 'The `roomId` of the value in decimal digits',
  'session-events': 'The `userId` of the value in decimal digits',
  'message-receipts': 'The `roomId` of the value in decimal digits',
  'persister-progress': 'The `partition` of the value in decimal digits',
};

const text = (description: string) => z.string().meta({ description }).optional();

const HeadersSchema = z.object({
  [RECORD_HEADERS.specVersion]: text('Version of CloudEvents: "1.0".'),
  [RECORD_HEADERS.id]: text('What happened has this name and no other.'),
  [RECORD_HEADERS.type]: text('`chat.` and the name of the topic.'),
  [RECORD_HEADERS.source]: text('The instance that published it.'),
  [RECORD_HEADERS.time]: text('When it happened, ISO-8601.'),
  'content-type': text('Of the value: "application/json".'),
  [RECORD_HEADERS.traceParent]: text('W3C trace context, where there is one.'),
});
const MessageHeadersSchema = HeadersSchema.extend({
  [RECORD_HEADERS.id]: text(
    'The id of the message in decimal digits; a record that repeats one in its room counts once.',
  ),
  [RECORD_HEADERS.senderId]: text('The `senderId` of the value in decimal digits.'),
  [RECORD_HEADERS.clientMessageId]: text(
    `The sender's own name for the message, of ours 1 to ${CLIENT_MESSAGE_ID_MAX_LENGTH} printable ASCII characters; a ` +
      'record that repeats one of its sender in its room counts once. Without the right sender-id it says nothing.',
  ),
});
const DeadLetterHeadersSchema = z.object({
  [DEAD_LETTER_HEADERS.topic]: text('Topic that the record lay on.'),
  [DEAD_LETTER_HEADERS.partition]: OFFSET_TEXT.optional(),
  [DEAD_LETTER_HEADERS.offset]: OFFSET_TEXT.optional(),
  [DEAD_LETTER_HEADERS.reason]: text('Why it was set aside, a sentence.'),
  [DEAD_LETTER_HEADERS.at]: text('When, ISO-8601.'),
  [DEAD_LETTER_HEADERS.nullHeaders]: text('Headers that had no value, by name with commas between.'),
});

const ofKind = (...kinds: readonly string[]) => ({ properties: { kind: { enum: kinds } }, required: ['kind'] });
const content = (limits: JsonSchema) => ({ properties: { content: limits } });

/** The rules of `decodeMessageRecord` as far as JSON Schema can say them. */
const MESSAGE_RULES = {
  description:
    'A record counts where this holds and three things do that it cannot say: no text of these fields has a lone ' +
    'surrogate, the key is `roomId`, and the record lies on the partition of its key.',
  allOf: [
    content({ pattern: STORABLE_PATTERN }),
    { if: ofKind('EDIT', 'DELETE', 'REACTION'), then: { required: ['targetId'] } },
    { if: ofKind('EDIT', 'REACTION'), then: content({ minLength: 1 }) },
    { if: ofKind('DELETE'), then: content({ maxLength: 0 }) },
    { if: ofKind('REACTION'), then: content({ maxLength: REACTION_MAX_CODE_POINTS }) },
  ],
} as const satisfies JsonSchema;

function jsonSchemaOf(schema: z.ZodType): JsonSchema {
  return jsonSchemasOf({ schema }, (name) => name)['schema'] ?? {};
}

function dtoNameOf(topic: TopicName): string {
  const { value } = TOPICS[topic];
  const name = Object.entries(DTO_SCHEMAS).find(([, schema]) => schema === value)?.[0];
  if (name === undefined) throw new TypeError(`the value of ${topic} is no DTO of the table`);
  return name;
}
