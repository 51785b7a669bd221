import { ChatError } from '@chat/service-kit';
import { describe, expect, it } from 'vitest';
import { isStatementTimeout, toDatabaseError } from './database-error.ts';

const withFields = (fields: object, message = 'x') => Object.assign(new Error(message), fields);
const UNAVAILABLE = expect.objectContaining({ code: 'UNAVAILABLE', retryable: true });

describe('an error of the database', () => {
  it.each([
    ['a refused connection', withFields({ code: 'ECONNREFUSED' })],
    ['a name that does not resolve', withFields({ code: 'ENOTFOUND' })],
    ['all addresses refused', new AggregateError([withFields({ code: 'ECONNREFUSED' })])],
    ['a full pool', new Error('timeout exceeded when trying to connect')],
    ['a cut connection', new Error('Connection terminated unexpectedly')],
    ['an answer that did not come', new Error('Query read timeout')],
    ['statement_timeout', withFields({ code: '57014' })],
    ['lock_timeout', withFields({ code: '55P03' })],
    ['a deadlock', withFields({ code: '40P01' })],
    ['too many connections', withFields({ code: '53300' })],
    ['a shutdown', withFields({ code: '57P01' })],
    ["Prisma's pool timeout", withFields({ code: 'P2024' })],
    [
      'a driver error inside a Prisma error',
      withFields({ code: 'P2010', meta: { driverAdapterError: { cause: { originalCode: '57014' } } } }),
    ],
    ['a socket error inside an adapter error', withFields({ cause: { kind: 'DatabaseNotReachable' } })],
  ])('that is %s is UNAVAILABLE, with its cause', (_, error) => {
    expect(toDatabaseError(error)).toEqual(UNAVAILABLE);
    expect((toDatabaseError(error) as ChatError).cause).toBe(error);
  });

  it.each([
    ['a unique violation', withFields({ code: '23505' })],
    ['a fault of ours in SQL', withFields({ code: '42601' })],
    ['a Prisma error about a row', withFields({ code: 'P2025' })],
    ['a ChatError', new ChatError('ROOM_FULL')],
    ['a text', 'thrown'],
    ['an error that is its own cause', circular()],
  ])('that is %s stays what it is', (_, error) => {
    expect(toDatabaseError(error)).toBe(error);
  });

  it('that is a statement that took too long is told from a database that is away', () => {
    const tooLong = withFields({ code: 'P2010', meta: { driverAdapterError: { cause: { originalCode: '57014' } } } });
    expect(isStatementTimeout(toDatabaseError(tooLong))).toBe(true);
    expect(isStatementTimeout(toDatabaseError(withFields({ code: 'ECONNREFUSED' })))).toBe(false);
  });
});

function circular(): Error {
  const error = new Error('x');
  error.cause = error;
  return error;
}
