import { Interruption } from '@chat/local-stack/interruption';
import { ChatError } from '@chat/service-kit';
import { describe, expect, it } from 'vitest';
import { exitCodeOf, failureOf, FailedQuietly, ReaderGone, toldLines, UsageError } from './failure.ts';

const refused = new TypeError('fetch failed', { cause: new Error('connect ECONNREFUSED 127.0.0.1:1') });

describe('the exit code', () => {
  it.each([
    ['of a refusal', 1, new ChatError('ROOM_NOT_FOUND')],
    ['of a refusal that may pass', 3, new ChatError('UNAVAILABLE')],
    ['of a service that is not there', 3, refused],
    ['of a service that does not answer', 3, new DOMException('timed out', 'TimeoutError')],
    ['of a bad command line', 2, new UsageError('--room must be a room id')],
    ['of Ctrl-C', 130, new Interruption('SIGINT')],
    ['of SIGTERM', 143, new Interruption('SIGTERM')],
    ['of a reader that has enough', 0, new ReaderGone()],
    ['of a part of many that was refused', 1, new FailedQuietly()],
    ['of a part of many that may pass', 3, new FailedQuietly(true)],
    ['of a fault of ours', 1, new Error('oops')],
    ['of anything else', 1, 'oops'],
  ])('%s is %i', (_, code, error) => {
    expect(exitCodeOf(error)).toBe(code);
  });
});

describe('a failure in words', () => {
  it('is that of the service, with its code', () => {
    expect(failureOf(new ChatError('NOT_A_MEMBER'))).toEqual({
      code: 'NOT_A_MEMBER',
      message: 'Only members of the room may do this.',
      retryable: false,
    });
  });

  it('of the network has what the system said', () => {
    expect(failureOf(refused)).toEqual({
      code: 'UNREACHABLE',
      message: 'fetch failed: connect ECONNREFUSED 127.0.0.1:1',
      retryable: true,
    });
  });

  it('that nobody foresaw is one sentence, and its place in the code for who asks', () => {
    const error = new Error('\nIt broke:\n  here');
    expect(toldLines(error, false)).toEqual([
      'FAILED: It broke: here',
      'Nobody foresaw this: --verbose tells where in the code it happened.',
    ]);
    expect(toldLines(error, true)).toEqual(['FAILED: It broke: here', expect.stringMatching(/at .*failure\.spec\.ts/)]);
  });

  it('that was foreseen has no place in the code', () => {
    expect(toldLines(new UsageError('--room must be a room id'), true)).toEqual(['USAGE: --room must be a room id']);
  });
});
