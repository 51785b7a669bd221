import { createFrame } from '@chat/stomp';
import { expect, it } from 'vitest';
import { wantsAllUsersOf } from './presence-request.ts';

it('asks for everybody by `users: all`, for no more than the state without it, and is refused with anything else', () => {
  const ask = (headers: Record<string, string>) => wantsAllUsersOf(createFrame('SUBSCRIBE', headers));
  expect([ask({ users: 'all' }), ask({})]).toEqual([true, false]);
  for (const users of ['', 'some', 'ALL']) expect(ask({ users })).toMatchObject({ code: 'INVALID_REQUEST' });
});
