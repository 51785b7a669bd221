import {
  CLIENT_MESSAGE_ID_MAX_LENGTH,
  CommandDTOSchema,
  ErasureDTOSchema,
  LastSeenDTOSchema,
  MessageTraceDTOSchema,
  PRESENCE_BATCH_MAX_COUNT,
  RevocationRequestSchema,
} from '@chat/dto';
import { ID_SCHEMA } from './document.ts';
import type { Operations } from './operation.ts';
import { REST_SCHEMAS } from './schemas.ts';

/** Everything under `/internal/chat`. */
export const INTERNAL_OPERATIONS = {
  presence: {
    listRoomPresence: {
      method: 'get',
      path: '/chat-rooms/{id}/presence/websocket/users/batch',
      summary: 'Who of a room is online',
      about: 'All members, or the users named, members or not.',
      query: {
        userIds: {
          about: `At most ${PRESENCE_BATCH_MAX_COUNT} user ids, separated by commas.`,
          schema: { type: 'string', pattern: '^[1-9][0-9]{0,15}(,[1-9][0-9]{0,15})*$', examples: ['1,2'] },
        },
      },
      answers: { 200: { about: 'The users.', body: REST_SCHEMAS.BasicUserInfoList } },
      refusals: ['ROOM_NOT_FOUND'],
    },
    getLastSeen: {
      method: 'get',
      path: '/room_last_seen',
      summary: 'Up to when a user has seen a room',
      query: {
        chatRoomId: { about: 'Id of the room.', schema: ID_SCHEMA, isRequired: true },
        userId: { about: 'Id of the user.', schema: ID_SCHEMA, isRequired: true },
      },
      answers: { 200: { about: 'When.', body: LastSeenDTOSchema } },
      refusals: ['LAST_SEEN_NOT_FOUND'],
    },
  },
  stories: {
    findStory: {
      method: 'get',
      path: '/messages/{id}/trace',
      summary: 'What became of a message',
      about:
        'The record tells what it has for good; every gateway that runs is asked what it still remembers, and named in `notHeard` ' +
        'where it does not answer within a second. Nothing of the content is told.',
      answers: { 200: { about: 'The story.', body: MessageTraceDTOSchema } },
      refusals: ['MESSAGE_NOT_FOUND'],
    },
    findStoryOfName: {
      method: 'get',
      path: '/messages/trace',
      summary: 'What became of a SEND, by its client-message-id',
      about: 'Also of one that was refused, which has no id, for as long as the gateway that refused it remembers.',
      query: {
        roomId: { about: 'Id of the room.', schema: ID_SCHEMA, isRequired: true },
        senderId: { about: 'Id of the sender.', schema: ID_SCHEMA, isRequired: true },
        clientMessageId: {
          about: 'Its `client-message-id`.',
          schema: { type: 'string', pattern: '^[\\x21-\\x7e]+$', maxLength: CLIENT_MESSAGE_ID_MAX_LENGTH },
          isRequired: true,
        },
      },
      answers: { 200: { about: 'The story.', body: MessageTraceDTOSchema } },
      refusals: ['MESSAGE_NOT_FOUND'],
    },
  },
  access: {
    revoke: {
      method: 'post',
      path: '/revocations',
      summary: 'Revoke the tokens of a user, a session, or a token',
      about:
        'Ends the sessions that are meant within a second, and refuses their tokens on every instance from then on. UNAVAILABLE ' +
        'while an instance of an older build runs, which would do neither.',
      body: RevocationRequestSchema,
      answers: { 202: { about: 'The command, which Kafka has.', body: CommandDTOSchema } },
      refusals: ['FORBIDDEN', 'UNKNOWN', 'OVERLOADED'],
    },
  },
  erasures: {
    eraseUser: {
      method: 'post',
      path: '/users/{userId}/erasure',
      summary: "Erase a user's data, a step a request",
      about:
        'Ends the sessions of the user, takes them out of their rooms and erases what they wrote and what is known of them. A step ' +
        'takes some seconds at most; ask again, a second later, until `isComplete`. After ten minutes without a step the sessions are ended ' +
        'again. A complete erasure that is asked for again begins anew. UNAVAILABLE while an instance of an older build runs.',
      answers: { 200: { about: 'How far it has come.', body: ErasureDTOSchema } },
      refusals: ['FORBIDDEN', 'UNKNOWN', 'OVERLOADED'],
    },
  },
} as const satisfies Readonly<Record<string, Operations>>;
