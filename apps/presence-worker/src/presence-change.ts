/** The plain data that presence is decided from and by; the store in libs/redis speaks the same types. */
export type { PresenceChange, PresenceState, SeenRoom, SessionEntry, UserSnapshot } from '@chat/redis';
