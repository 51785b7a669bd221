import type { ChatError } from '@chat/service-kit';
import { headerOf, type StompFrame } from '@chat/stomp';
import { invalidFields } from './invalid-fields.ts';

/** Whether a SUBSCRIBE to a room's presence asks by `users: all` for everybody online, however large the room; or why not. */
export function wantsAllUsersOf(frame: StompFrame): boolean | ChatError {
  const users = headerOf(frame, 'users');
  return users === undefined || users === 'all'
    ? users === 'all'
    : invalidFields({ field: 'users', message: 'must be all, or left out' });
}
