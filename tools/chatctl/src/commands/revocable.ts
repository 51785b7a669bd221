/** What can be revoked: all of a user, one session with its token, or a token by its `jti`. */
export const REVOCABLE = ['user', 'session', 'token'] as const;
export type Revocable = (typeof REVOCABLE)[number];
