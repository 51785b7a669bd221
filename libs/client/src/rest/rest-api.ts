import type { RestApi } from '../api.ts';
import { clientError } from '../error.ts';
import { callRest, type CallRestOptions, type RestCall } from './call-rest.ts';

/** The REST API with the paths of docs/openapi.json. */
export function createRestApi(
  options: Omit<CallRestOptions, 'apiUrl'> & { readonly apiUrl: string | undefined },
): RestApi {
  const { apiUrl } = options;
  const call = <Answer>(method: RestCall['method'], path: string, more: Omit<RestCall, 'method' | 'path'> = {}) =>
    apiUrl === undefined
      ? Promise.reject<Answer>(clientError('NO_API'))
      : callRest<Answer>({ method, path, ...more }, { ...options, apiUrl });
  const items = async <Item>(path: string) => (await call<{ items: readonly Item[] }>('GET', path)).items;
  return {
    createRoom: (room) => call('POST', '', { body: room }),
    listPublicRooms: (page) => call('GET', '', { query: { ...page } }),
    listOwnRooms: (page) => call('GET', '/user', { query: { ...page } }),
    getRoom: (roomId) => call('GET', `/${roomId}`),
    updateRoom: (roomId, change) => call('PATCH', `/${roomId}`, { body: change }),
    archiveRoom: (roomId) => call('DELETE', `/${roomId}`),
    joinRoom: (roomId) => call('POST', `/join/${roomId}`),
    openDirectRoom: (userId) => call('POST', `/direct/${userId}`),
    listMembers: (roomId) => items(`/${roomId}/members`),
    addMember: (roomId, userId, role) =>
      call('POST', `/${roomId}/members`, { body: { userId, ...(role && { role }) } }),
    changeRole: (roomId, userId, role) => call('PATCH', `/${roomId}/members/${userId}`, { body: { role } }),
    removeMember: (roomId, userId) => call('DELETE', `/${roomId}/members/${userId}`),
    listOwnInvitations: () => items('/invitations'),
    declineInvitation: (roomId) => call('DELETE', `/invitations/${roomId}`),
    listBans: (roomId) => items(`/${roomId}/bans`),
    ban: (roomId, userId, ban = {}) => call('PUT', `/${roomId}/bans/${userId}`, { body: ban }),
    liftBan: (roomId, userId) => call('DELETE', `/${roomId}/bans/${userId}`),
    listMessages: (roomId, query) => call('GET', `/${roomId}/messages`, { query: { ...query } }),
    getUnread: () => call('GET', '/unread'),
    getMessageStatus: (roomId, messageId) => call('GET', `/${roomId}/messages/${messageId}/status`),
  };
}
