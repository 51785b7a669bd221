import type { RestApi } from '../api.ts';
import { clientError } from '../error.ts';
import { callRest, type CallRestOptions } from './call-rest.ts';
import type { AnswerOf, Method, PathOf, Parameters } from './operation-types.ts';

const ROOMS = '/api/v1/chat/chat-rooms';
const ROOM = `${ROOMS}/{id}`;
const MEMBER = `${ROOM}/members/{userId}`;
const BAN = `${ROOM}/bans/{userId}`;

/** The REST API as docs/openapi.json describes it: paths, parameters, bodies and answers are held against its types. */
export function createRestApi({
  apiUrl,
  ...options
}: Omit<CallRestOptions, 'apiUrl'> & { readonly apiUrl: string | undefined }): RestApi {
  const call = <M extends Method, Path extends PathOf<M>, Answer extends AnswerOf<M, Path>>(
    method: M,
    path: Path,
    parameters: Parameters<M, Path>,
  ) =>
    apiUrl === undefined
      ? Promise.reject<Answer>(clientError('NO_API'))
      : callRest<Answer>({ method, path, ...(parameters as object) }, { ...options, apiUrl }); // which is what all of them are
  return {
    createRoom: (body) => call('post', ROOMS, { body }),
    listPublicRooms: (query = {}) => call('get', ROOMS, { query }),
    listOwnRooms: (query = {}) => call('get', `${ROOMS}/user`, { query }),
    getRoom: (id) => call('get', ROOM, { in: { id } }),
    updateRoom: (id, body) => call('patch', ROOM, { in: { id }, body }),
    archiveRoom: (id) => call('delete', ROOM, { in: { id } }),
    joinRoom: (id) => call('post', `${ROOMS}/join/{id}`, { in: { id } }),
    openDirectRoom: (userId) => call('post', `${ROOMS}/direct/{userId}`, { in: { userId } }),
    listMembers: (id) => itemsOf(call('get', `${ROOM}/members`, { in: { id } })),
    addMember: (id, userId, role = 'MEMBER') => call('post', `${ROOM}/members`, { in: { id }, body: { userId, role } }),
    changeRole: (id, userId, role) => call('patch', MEMBER, { in: { id, userId }, body: { role } }),
    removeMember: (id, userId) => call('delete', MEMBER, { in: { id, userId } }),
    listOwnInvitations: () => itemsOf(call('get', `${ROOMS}/invitations`, {})),
    declineInvitation: (roomId) => call('delete', `${ROOMS}/invitations/{roomId}`, { in: { roomId } }),
    listBans: (id) => itemsOf(call('get', `${ROOM}/bans`, { in: { id } })),
    ban: (id, userId, body = {}) => call('put', BAN, { in: { id, userId }, body }),
    liftBan: (id, userId) => call('delete', BAN, { in: { id, userId } }),
    listMessages: (id, query = {}) => call('get', `${ROOM}/messages`, { in: { id }, query }),
    getUnread: () => call('get', `${ROOMS}/unread`, {}),
    getMessageStatus: (id, messageId) => call('get', `${ROOM}/messages/{messageId}/status`, { in: { id, messageId } }),
  };
}

async function itemsOf<Item>(list: Promise<{ readonly items: readonly Item[] }>): Promise<readonly Item[]> {
  return (await list).items;
}
