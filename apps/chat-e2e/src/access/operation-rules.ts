import { isArchived, isDirect, isKnown, isPrivate, rankOf, sees, type RoomKind, type Standing } from './standings.ts';

/** How much somebody must be: known at all, see the room, or have a rank in it. */
type Need = 'account' | 'sight' | 'member' | 'admin' | 'owner';

/** Who may do what, and what else must be so; the answer where all of it is. */
interface OperationRule {
  readonly needs: Need;
  readonly answer: string;
  /** Changes of a direct room's members are refused. */
  readonly isForGroups?: true;
  readonly isForActiveRooms?: true;
  /** What decides it besides, once the caller has come so far. */
  readonly unless?: (who: Standing, room: RoomKind) => string | null;
}

const RANKS = { account: 0, sight: 0, member: 1, admin: 2, owner: 3 } as const;

/** By `operationId` of the OpenAPI document. */
export const OPERATION_RULES: Readonly<Record<string, OperationRule>> = {
  listPublicRooms: { needs: 'account', answer: '200' },
  createRoom: { needs: 'account', answer: '201' },
  listOwnRooms: { needs: 'account', answer: '200' },
  countUnread: { needs: 'account', answer: '200' },
  listOwnInvitations: { needs: 'account', answer: '200' },
  openDirectRoom: { needs: 'account', answer: '201' },
  declineInvitation: {
    needs: 'account',
    answer: '204',
    unless: (who) => (who === 'invited' ? null : '404 INVITATION_NOT_FOUND'),
  },
  joinRoom: {
    needs: 'sight',
    answer: '200',
    unless: (who, room) => {
      if (rankOf(who) > 0) return null; // again: no change
      if (who === 'banned') return '403 BANNED';
      return isArchived(room) ? '409 ROOM_ARCHIVED' : null;
    },
  },
  getRoom: { needs: 'sight', answer: '200' },
  updateRoom: { needs: 'admin', answer: '200', isForActiveRooms: true },
  archiveRoom: { needs: 'owner', answer: '204' },
  listMembers: { needs: 'member', answer: '200' },
  addMember: {
    needs: 'admin',
    answer: '201',
    isForGroups: true,
    isForActiveRooms: true,
    unless: (_, room) => (isPrivate(room) ? '202' : null), // an invitation
  },
  changeRole: { needs: 'owner', answer: '200', isForGroups: true, isForActiveRooms: true },
  removeMember: { needs: 'admin', answer: '204', isForGroups: true },
  listBans: { needs: 'admin', answer: '200' },
  banUser: { needs: 'admin', answer: '201', isForGroups: true },
  liftBan: { needs: 'admin', answer: '204', unless: (_, room) => (isDirect(room) ? '404 BAN_NOT_FOUND' : null) },
  listMessages: { needs: 'member', answer: '200' },
  getMessageStatus: { needs: 'member', answer: '200' },
};

/** What REST answers: status, and the code of a refusal. */
export function expectedAnswer(operation: string, who: Standing, room: RoomKind): string {
  const rule = OPERATION_RULES[operation];
  if (rule === undefined) throw new Error(`nobody has said who may ${operation}`);
  if (!isKnown(who)) return who === 'expired' ? '401 TOKEN_EXPIRED' : '401 UNAUTHENTICATED';
  if (rule.needs !== 'account') {
    if (!sees(who, room)) return '404 ROOM_NOT_FOUND';
    if (rule.needs !== 'sight' && rankOf(who) === 0) return '403 NOT_A_MEMBER';
    if (rankOf(who) < RANKS[rule.needs]) return '403 FORBIDDEN';
    if (rule.isForActiveRooms && isArchived(room)) return '409 ROOM_ARCHIVED';
    if (rule.isForGroups && isDirect(room)) return '409 DIRECT_ROOM_FIXED';
  }
  return rule.unless?.(who, room) ?? rule.answer;
}

/** What may be done at a destination: by everybody who has a session, by members, or by those of them who wrote the message. */
interface DestinationRule {
  readonly needs: 'session' | 'member' | 'author' | 'author or admin';
  readonly isForActiveRooms?: true;
}

/** By the address of a channel of the AsyncAPI document. */
export const DESTINATION_RULES: Readonly<Record<string, DestinationRule>> = {
  '/app/chat.send/{roomId}': { needs: 'member', isForActiveRooms: true },
  '/app/chat.edit/{roomId}': { needs: 'author', isForActiveRooms: true },
  '/app/chat.delete/{roomId}': { needs: 'author or admin', isForActiveRooms: true },
  '/app/chat.react/{roomId}': { needs: 'member', isForActiveRooms: true },
  '/app/chat.read/{roomId}': { needs: 'member' },
  '/app/chat.typing/{roomId}': { needs: 'member', isForActiveRooms: true },
  '/app/unsubscribe/chat_rooms/{roomId}': { needs: 'member' },
  '/app/heartbeat': { needs: 'session' },
  '/app/auth.refresh': { needs: 'session' },
  '/topic/chat_rooms/{roomId}': { needs: 'member' },
  '/topic/chat_rooms/{roomId}/presence': { needs: 'member' },
  '/topic/chat_rooms/{roomId}/typing': { needs: 'member' },
  '/topic/commands': { needs: 'session' },
  '/user/queue/commands': { needs: 'session' },
  '/user/queue/notifications': { needs: 'session' },
  '/user/queue/receipts': { needs: 'session' },
  '/user/queue/errors': { needs: 'session' },
  '/user/queue/heartbeatReply': { needs: 'session' },
};

/** Who wrote a message that others, or they themselves, would change. */
export const AUTHORS = ['owner', 'member'] as const;
export type Author = (typeof AUTHORS)[number];

/** Whether it matters there who wrote the message. */
export function isForAuthors(destination: string): boolean {
  return DESTINATION_RULES[destination]?.needs.startsWith('author') ?? false;
}

/** What a SEND or SUBSCRIBE to it comes to: RECEIPT, the code of a refusal, or no session. */
export function expectedOutcome(destination: string, who: Standing, room: RoomKind, author: Author): string {
  const rule = DESTINATION_RULES[destination];
  if (rule === undefined) throw new Error(`nobody has said who may use ${destination}`);
  if (!isKnown(who)) return 'no session';
  if (rule.needs === 'session') return 'RECEIPT';
  if (!sees(who, room)) return 'ROOM_NOT_FOUND';
  if (rankOf(who) === 0) return 'NOT_A_MEMBER';
  if (rule.isForActiveRooms && isArchived(room)) return 'ROOM_ARCHIVED';
  if (rule.needs === 'member' || who === author) return 'RECEIPT';
  if (isDirect(room)) return 'FORBIDDEN'; // nobody is there to look after what the other says
  return rule.needs === 'author or admin' && rankOf(who) >= RANKS.admin ? 'RECEIPT' : 'FORBIDDEN';
}
