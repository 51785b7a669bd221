import {
  AddMemberRequestSchema,
  BanRequestSchema,
  ChangeRoleRequestSchema,
  ChatRoomDTOSchema,
  CreateRoomRequestSchema,
  InvitationDTOSchema,
  MessageStatusDTOSchema,
  RoomBanDTOSchema,
  RoomMemberDTOSchema,
  UnreadDTOSchema,
  UpdateRoomRequestSchema,
} from '@chat/dto';
import { HISTORY_LIMIT_RANGE } from '../http/history-query.ts';
import { PAGE_RANGE, PAGE_SIZE_RANGE, type NumberRange } from '../http/pagination.ts';
import { BANS_MAX_COUNT, OWN_INVITATIONS_MAX_COUNT } from '../limits.ts';
import type { Operations, QueryParameter } from './operation.ts';
import { REST_SCHEMAS } from './schemas.ts';

const numberParameter = (about: string, { min, max, standard }: NumberRange): QueryParameter => ({
  about,
  schema: { type: 'integer', minimum: min, maximum: max, default: standard },
});

const PAGE_QUERY = {
  page: numberParameter('Which page, from 0.', PAGE_RANGE),
  size: numberParameter('Rooms on a page.', PAGE_SIZE_RANGE),
};
const CURSOR_SCHEMA = { type: 'integer', minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER };

/** Of what changes a room: changes of one room take turns. */
const CHANGE = ['ROOM_NOT_FOUND', 'OVERLOADED'] as const;
/** Of those whose role decides whether they may. */
const CHANGE_BY_ROLE = [...CHANGE, 'NOT_A_MEMBER', 'FORBIDDEN'] as const;
const MEMBERS_ONLY = ['ROOM_NOT_FOUND', 'NOT_A_MEMBER'] as const;

const NO_BODY = 'Done.';
const ROOM = { about: 'The room.', body: ChatRoomDTOSchema };
const NEW_ROOM = { about: 'The new room.', body: ChatRoomDTOSchema, headers: ['Location'] } as const;

/** `…/chat-rooms/invitations`. */
const INVITATIONS = {
  listOwnInvitations: {
    method: 'get',
    path: '/invitations',
    summary: 'Invitations of the caller',
    about: `Newest first, at most ${OWN_INVITATIONS_MAX_COUNT}; joining the room uses one up.`,
    answers: { 200: { about: 'The invitations.', body: REST_SCHEMAS.OwnInvitationList } },
    refusals: [],
  },
  declineInvitation: {
    method: 'delete',
    path: '/invitations/{roomId}',
    summary: 'Decline an invitation',
    answers: { 204: { about: NO_BODY } },
    refusals: ['INVITATION_NOT_FOUND'],
  },
} as const satisfies Operations;

/** `…/chat-rooms`. Fixed words come before `/{id}`. */
const ROOMS = {
  listPublicRooms: {
    method: 'get',
    path: '/',
    summary: 'Public rooms',
    about: 'Those that are not archived, newest first.',
    query: PAGE_QUERY,
    answers: { 200: { about: 'A page.', body: REST_SCHEMAS.ChatRoomPage, headers: ['Link'] } },
    refusals: [],
  },
  createRoom: {
    method: 'post',
    path: '/',
    summary: 'Create a room',
    about: 'The caller becomes its owner and first member.',
    body: CreateRoomRequestSchema,
    answers: { 201: NEW_ROOM },
    refusals: [],
  },
  listOwnRooms: {
    method: 'get',
    path: '/user',
    summary: 'Rooms of the caller',
    about: 'Newest activity first, with `unreadCount` and `lastMessage`.',
    query: PAGE_QUERY,
    answers: { 200: { about: 'A page.', body: REST_SCHEMAS.ChatRoomPage, headers: ['Link'] } },
    refusals: [],
  },
  countUnread: {
    method: 'get',
    path: '/unread',
    summary: 'What the caller has not read',
    answers: { 200: { about: 'Every room of the caller, by id.', body: UnreadDTOSchema } },
    refusals: [],
  },
  joinRoom: {
    method: 'post',
    path: '/join/{id}',
    summary: 'Join a room',
    about: 'An invitation is used up and gives its role; who is a member already stays what they are.',
    answers: { 200: ROOM },
    refusals: [...CHANGE, 'BANNED', 'ROOM_ARCHIVED', 'ROOM_FULL', 'DIRECT_ROOM_FIXED'],
  },
  openDirectRoom: {
    method: 'post',
    path: '/direct/{userId}',
    summary: 'The direct room with a user',
    about: 'There is one of each two users; it is made where there is none.',
    answers: { 200: ROOM, 201: NEW_ROOM },
    refusals: ['ROOM_NOT_FOUND'],
  },
  getRoom: {
    method: 'get',
    path: '/{id}',
    summary: 'A room',
    about: 'A private room is not found by who is neither member nor invited.',
    answers: { 200: ROOM },
    refusals: ['ROOM_NOT_FOUND'],
  },
  updateRoom: {
    method: 'patch',
    path: '/{id}',
    summary: 'Change a room',
    about: 'By owner and admins; what is left out stays.',
    body: UpdateRoomRequestSchema,
    answers: { 200: ROOM },
    refusals: [...CHANGE_BY_ROLE, 'ROOM_ARCHIVED'],
  },
  archiveRoom: {
    method: 'delete',
    path: '/{id}',
    summary: 'Archive a room',
    about: 'By its owner, for good: its history stays readable to its members.',
    answers: { 204: { about: NO_BODY } },
    refusals: [...CHANGE_BY_ROLE],
  },
} as const satisfies Operations;

const MEMBER = { about: 'The member.', body: RoomMemberDTOSchema };

/** `…/chat-rooms/{id}/members`. */
const MEMBERS = {
  listMembers: {
    method: 'get',
    path: '/{id}/members',
    summary: 'Members of a room',
    answers: { 200: { about: 'All of them.', body: REST_SCHEMAS.RoomMemberList, headers: ['X-Presence'] } },
    refusals: MEMBERS_ONLY,
  },
  addMember: {
    method: 'post',
    path: '/{id}/members',
    summary: 'Add or invite a user',
    about: 'By owner and admins: into a public room at once, to a private one by an invitation.',
    body: AddMemberRequestSchema,
    answers: {
      200: { about: 'The user is a member already, and stays what they are.', body: RoomMemberDTOSchema },
      201: { about: 'The new member.', body: RoomMemberDTOSchema, headers: ['Location'] },
      202: { about: 'The invitation.', body: InvitationDTOSchema },
    },
    refusals: [...CHANGE_BY_ROLE, 'BANNED', 'ROOM_ARCHIVED', 'ROOM_FULL', 'DIRECT_ROOM_FIXED'],
  },
  changeRole: {
    method: 'patch',
    path: '/{id}/members/{userId}',
    summary: 'Change the role of a member',
    about: 'By the owner; OWNER hands the room over, the owner so far becomes an admin.',
    body: ChangeRoleRequestSchema,
    answers: { 200: MEMBER },
    refusals: [...CHANGE_BY_ROLE, 'MEMBER_NOT_FOUND', 'ROOM_ARCHIVED', 'DIRECT_ROOM_FIXED', 'OWNER_MUST_STAY'],
  },
  removeMember: {
    method: 'delete',
    path: '/{id}/members/{userId}',
    summary: 'Leave a room, or remove a member',
    about: 'Of who is invited the invitation is declined or taken back.',
    answers: { 204: { about: NO_BODY } },
    refusals: [...CHANGE_BY_ROLE, 'MEMBER_NOT_FOUND', 'DIRECT_ROOM_FIXED', 'OWNER_MUST_STAY'],
  },
} as const satisfies Operations;

/** `…/chat-rooms/{id}/bans`. */
const BANS = {
  listBans: {
    method: 'get',
    path: '/{id}/bans',
    summary: 'Bans of a room',
    about: `To owner and admins; newest first, at most ${BANS_MAX_COUNT}.`,
    answers: { 200: { about: 'The bans.', body: REST_SCHEMAS.RoomBanList } },
    refusals: [...MEMBERS_ONLY, 'FORBIDDEN'],
  },
  banUser: {
    method: 'put',
    path: '/{id}/bans/{userId}',
    summary: 'Ban a user',
    about: 'A member is removed, an invitation taken back. Admins ban members, the owner admins too.',
    body: BanRequestSchema,
    answers: {
      200: { about: 'There was one; it is changed.', body: RoomBanDTOSchema },
      201: { about: 'The new ban.', body: RoomBanDTOSchema, headers: ['Location'] },
    },
    refusals: [...CHANGE_BY_ROLE, 'DIRECT_ROOM_FIXED', 'OWNER_MUST_STAY'],
  },
  liftBan: {
    method: 'delete',
    path: '/{id}/bans/{userId}',
    summary: 'Lift a ban',
    answers: { 204: { about: NO_BODY } },
    refusals: [...CHANGE_BY_ROLE, 'BAN_NOT_FOUND'],
  },
} as const satisfies Operations;

/** `…/chat-rooms/{id}/messages`. */
const MESSAGES = {
  listMessages: {
    method: 'get',
    path: '/{id}/messages',
    summary: 'The history of a room',
    about:
      'Messages in their newest state, in the order of the room: before or after one, or the newest. What was read here counts ' +
      'as delivered.',
    query: {
      before: { about: 'What lies before this message; not with `after`.', schema: CURSOR_SCHEMA },
      after: { about: 'What lies behind this message; 0: from the first on.', schema: CURSOR_SCHEMA },
      limit: numberParameter('Messages at most.', HISTORY_LIMIT_RANGE),
    },
    answers: { 200: { about: 'A part of the history.', body: REST_SCHEMAS.HistoryPage } },
    refusals: MEMBERS_ONLY,
  },
  getMessageStatus: {
    method: 'get',
    path: '/{id}/messages/{messageId}/status',
    summary: 'What became of a message',
    about: 'Not found until it is stored.',
    answers: { 200: { about: 'What its recipients have reached.', body: MessageStatusDTOSchema } },
    refusals: [...MEMBERS_ONLY, 'MESSAGE_NOT_FOUND'],
  },
} as const satisfies Operations;

/** Everything under `/api/v1/chat/chat-rooms`, by router; the document has the same parts. */
export const PUBLIC_OPERATIONS = {
  rooms: ROOMS,
  members: MEMBERS,
  invitations: INVITATIONS,
  bans: BANS,
  messages: MESSAGES,
} as const;
