import { CLIENT_ERRORS } from '@chat/client';
import * as dto from '@chat/dto';
import {
  DEAD_LETTER_CONFIG,
  DEAD_LETTER_HEADERS,
  RECORD_HEADERS,
  TOPIC_NAMES,
  TOPICS,
  type TopicName,
} from '@chat/kafka-contracts';
import { tableOf } from '@chat/testing';
import { cell, code, withAllDocs } from './docs-section.ts';
import { ERROR_ADVICE } from './error-advice.ts';
import type { ProtocolTables } from './protocol-tables.ts';

/** The tables of REST as rooms-api's `describe-rest.ts` prints them. */
export interface RestTables {
  readonly statuses: Readonly<Record<string, number>>;
  readonly bodyMaxBytes: number;
  readonly pageNumberMax: number;
  readonly requestDeadlineMs: number;
}

/** Codes of ERROR that are the session's or the codec's, as `describe-protocol.ts` of the gateway prints them. */
type FaultTables = Pick<ProtocolTables, 'sessionErrors' | 'protocolErrors'>;

/** `docs/errors.md` with every code: those of the service with HTTP status and what a client does, of frames, and of the SDK. */
export function withErrors(document: string, { statuses }: RestTables, faults: FaultTables): string {
  const rows = Object.entries(dto.CHAT_ERRORS).map(([name, { retryable }]) => [
    code(name),
    String(statuses[name] ?? ''),
    retryable ? 'yes' : 'no',
    cell(ERROR_ADVICE[name as dto.ChatErrorCode]), // the keys of the table, which Object.entries forgets
  ]);
  const ofFrames = Object.entries({ ...faults.sessionErrors, ...faults.protocolErrors });
  const ofClient = Object.entries(CLIENT_ERRORS).map(([name, { retryable, message }]) => [
    code(name),
    retryable ? 'yes' : 'no',
    cell(message),
  ]);
  return withAllDocs(document, {
    errors: tableOf(['Code', 'HTTP', 'Again?', 'What a client does'], rows),
    'frame errors': tableOf(
      ['Code', 'What was wrong'],
      ofFrames.map(([name, meaning]) => [code(name), cell(meaning)]),
    ),
    'sdk errors': tableOf(['Code', 'Again?', 'Says'], ofClient),
  });
}

type LimitRow = readonly [what: string, most: number, unit: string, beyond: string];

/** `docs/limits.md` with the limits of requests and contents, from the constants that hold them. */
export function withLimits(document: string, rest: RestTables): string {
  const refused = code('INVALID_REQUEST');
  const contents: readonly LimitRow[] = [
    ['`content` of a message', dto.MESSAGE_CONTENT_MAX_CODE_POINTS, 'code points', refused],
    ['`content` of a reaction', dto.REACTION_MAX_CODE_POINTS, 'code points', refused],
    ['name of a room', dto.ROOM_NAME_MAX_CODE_POINTS, 'code points', refused],
    ['description of a room', dto.ROOM_DESCRIPTION_MAX_CODE_POINTS, 'code points', refused],
    ['`metadata` of a room', dto.ROOM_METADATA_MAX_BYTES, 'bytes of JSON', refused],
    ['free JSON inside each other', dto.JSON_MAX_DEPTH, 'levels', refused],
    ['reason of a ban', dto.BAN_REASON_MAX_CODE_POINTS, 'code points', refused],
    ['`client-message-id`', dto.CLIENT_MESSAGE_ID_MAX_LENGTH, 'printable ASCII, no spaces', refused],
    ['username of a token', dto.USERNAME_MAX_CODE_POINTS, 'code points', 'cut'],
    ['members of a room', dto.ROOM_MEMBERS_MAX_COUNT, 'users', code('ROOM_FULL')],
    ['members of a DIRECT room', dto.DIRECT_ROOM_MEMBERS_MAX_COUNT, 'users', code('ROOM_FULL')],
    ['`payload` of a command', dto.COMMAND_PAYLOAD_MAX_BYTES, 'bytes of JSON', 'dead letter'],
  ];
  const answers: readonly LimitRow[] = [
    ['body of a request', rest.bodyMaxBytes, 'bytes', code('BODY_TOO_LARGE')],
    ['`size` of a page', dto.PAGE_SIZE_MAX, `rows (${dto.PAGE_SIZE_DEFAULT} unless said)`, refused],
    ['`page`', rest.pageNumberMax, 'from 0', refused],
    ['`limit` of the history', dto.HISTORY_LIMIT_MAX, `messages (${dto.HISTORY_LIMIT_DEFAULT} unless said)`, refused],
    ['`history` of a SUBSCRIBE', dto.HISTORY_LIMIT_MAX, 'texts', refused],
    ['`userIds` of the presence batch', dto.PRESENCE_BATCH_MAX_COUNT, 'users', refused],
    ['wait for an answer', rest.requestDeadlineMs, 'ms', code('UNAVAILABLE')],
    ['users in one frame of presence', dto.PRESENCE_USERS_MAX_COUNT, 'users', 'the next frame'],
    ['users named in a `TypingDTO`', dto.TYPING_USERS_MAX_COUNT, 'users', 'counted'],
    ['different reactions shown of a message', dto.REACTIONS_SHOWN_MAX_COUNT, 'contents', 'left out'],
    ['text of a notification', dto.NOTIFICATION_PREVIEW_MAX_CODE_POINTS, 'code points', 'cut'],
  ];
  const table = (rows: readonly LimitRow[]) =>
    tableOf(
      ['Of what', 'At most', 'Unit', 'Beyond it'],
      rows.map(([what, most, unit, beyond]) => [what, most.toLocaleString('en'), unit, beyond]),
    );
  return withAllDocs(document, { contents: table(contents), requests: table(answers) });
}

/** How the key of each topic is said, what its value is, and who writes it. */
const TOPIC_WORDS: Readonly<
  Record<TopicName, { readonly key: string; readonly value: string; readonly from: string }>
> = {
  'chat-messages': { key: 'room id', value: 'MessageDTO', from: 'ws-gateway; rooms-api for removals; others' },
  'command-messages': { key: 'target', value: 'CommandDTO', from: 'any service' },
  'presence-messages': { key: 'user id', value: 'PresenceEventDTO', from: 'presence-worker' },
  'room-events': { key: 'room id', value: 'RoomEventDTO', from: 'rooms-api, by its outbox' },
  'session-events': { key: 'user id', value: 'SessionEventDTO', from: 'ws-gateway' },
  'message-receipts': { key: 'room id', value: 'ReceiptDTO', from: 'ws-gateway, rooms-api' },
  'persister-progress': { key: 'partition', value: 'PersisterProgressDTO', from: 'message-persister' },
};

const HEADER_WORDS: Readonly<Record<keyof typeof RECORD_HEADERS, string>> = {
  id: 'id of the event; on `chat-messages` the id of the message. A reader drops what it has seen',
  type: '`chat.` and the topic',
  source: 'app and instance that wrote it',
  time: 'when, ISO-8601 in UTC',
  specVersion: 'version of CloudEvents',
  traceParent: 'W3C trace context, where there is one',
  clientMessageId: 'the sender’s own name of the message; one message a name, sender and room',
  senderId: 'id of the sender',
};

const DAY_MS = 86_400_000;

/** `docs/kafka.md` with topics and headers from their tables. */
export function withKafkaTables(document: string): string {
  const topics = TOPIC_NAMES.map((name) => {
    const { partitions, config, consumers } = TOPICS[name];
    const { key, value, from } = TOPIC_WORDS[name];
    return [
      code(name),
      key,
      code(value),
      from,
      consumers.join(', '),
      String(partitions),
      daysOf(config['retention.ms'] ?? ''),
    ];
  });
  const headers = Object.entries(RECORD_HEADERS).map(([key, name]) => [
    code(name),
    HEADER_WORDS[key as keyof typeof RECORD_HEADERS], // the keys of the table, which Object.entries forgets
  ]);
  return withAllDocs(document, {
    topics: tableOf(['Topic', 'Key', 'Value', 'From', 'To', 'Partitions', 'Kept'], topics),
    headers: tableOf(['Header', 'Says'], headers),
    'dead letters': `Kept ${daysOf(DEAD_LETTER_CONFIG['retention.ms'])}, with the headers ${Object.values(
      DEAD_LETTER_HEADERS,
    )
      .map(code)
      .join(', ')}.`,
  });
}

function daysOf(ms: string): string {
  const days = Number(ms) / DAY_MS;
  return `${days} day${days === 1 ? '' : 's'}`;
}
