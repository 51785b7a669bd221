import { CHAT_ERRORS, type ChatErrorCode } from '@chat/dto';
import { ChatError, DeadlineError } from '@chat/service-kit';
import { describe, expect, it } from 'vitest';
import { problemOf } from './problem.ts';

const CODES = Object.keys(CHAT_ERRORS) as ChatErrorCode[]; // Object.keys forgets the keys of a const object

describe('a problem', () => {
  it.each(CODES)(
    '%s has a status of its own kind: 429, 500 or 503 where a retry can help, else in the 400s',
    (code) => {
      const { status, retryable } = problemOf(new ChatError(code));
      if (retryable) expect([429, 500, 503]).toContain(status);
      else expect(status).toSatisfy((value: number) => value >= 400 && value < 500);
    },
  );

  it('has the members of RFC 9457, the code and every invalid field', () => {
    const fields = [{ field: 'name', message: 'must have 1 to 200 code points' }];
    expect(problemOf(new ChatError('INVALID_REQUEST', { message: 'Invalid: name.', fields }))).toEqual({
      type: 'urn:chat:problem:invalid-request',
      title: 'The request has invalid fields.',
      status: 400,
      detail: 'Invalid: name.',
      code: 'INVALID_REQUEST',
      retryable: false,
      errors: fields,
    });
  });

  it('tells nothing of an error that nobody foresaw', () => {
    const problem = problemOf(new Error('password authentication failed for user "chat"'));
    expect(problem).toMatchObject({ status: 500, code: 'INTERNAL', retryable: true });
    expect(JSON.stringify(problem)).not.toContain('password');
    expect(problemOf('a thrown text')).toMatchObject({ status: 500, code: 'INTERNAL' });
  });

  it('is UNAVAILABLE for a passed deadline', () => {
    expect(problemOf(new DeadlineError('answering', 1))).toMatchObject({ status: 503, code: 'UNAVAILABLE' });
  });

  it('understands what the body parser found', () => {
    const fault = (fields: object) => Object.assign(new Error('x'), fields);
    expect(problemOf(fault({ type: 'entity.parse.failed', status: 400 }))).toMatchObject({ code: 'INVALID_JSON' });
    expect(problemOf(fault({ type: 'entity.too.large', status: 413, limit: 65_536 }))).toMatchObject({
      status: 413,
      code: 'BODY_TOO_LARGE',
      detail: 'The body is larger than 65536 bytes.',
    });
    expect(problemOf(fault({ type: 'charset.unsupported', status: 415 }))).toMatchObject({ code: 'INVALID_REQUEST' });
    expect(problemOf(fault({ status: 502 }))).toMatchObject({ code: 'INTERNAL' });
  });
});
