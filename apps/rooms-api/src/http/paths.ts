/** Where the public endpoints are. */
export const ROOMS_PATH = '/api/v1/chat/chat-rooms';
/** Where the internal endpoints are; on the internal listener only. */
export const INTERNAL_PATH = '/internal/chat';
