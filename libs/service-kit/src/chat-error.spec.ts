import { describe, expect, it } from 'vitest';
import { ChatError, invalidRequest, toChatError } from './chat-error.ts';

describe('an invalid request', () => {
  it('names every field at fault, in its sentence and one by one', () => {
    const fields = [
      { field: 'name', message: 'must not be empty' },
      { field: 'limit', message: 'must be a whole number from 1 to 200' },
    ];
    const error = invalidRequest(...fields);
    expect(error).toBeInstanceOf(ChatError);
    expect(error).toMatchObject({
      code: 'INVALID_REQUEST',
      retryable: false,
      message: 'Invalid: name, limit.',
      fields,
    });
  });
});

describe('any thrown value', () => {
  it('is itself where it is a ChatError, else INTERNAL with the value as its cause', () => {
    const known = new ChatError('ROOM_FULL');
    expect(toChatError(known)).toBe(known);
    expect(toChatError('odd')).toMatchObject({ code: 'INTERNAL', cause: 'odd' });
  });
});
