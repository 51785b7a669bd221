import { parseRoomId, parseUserId, type RoomId, type UserId } from '@chat/dto';
import { ChatError, type FieldProblem } from '@chat/service-kit';
import type { Request } from 'express';
import type { z } from 'zod';

const ID_RULE = 'must be a whole number from 1 to 9007199254740991';

/** The body by a schema. INVALID_REQUEST names every invalid field; the body itself is the field "body". */
export function readBody<Schema extends z.ZodType>(request: Request, schema: Schema): z.infer<Schema> {
  const body: unknown = request.body;
  if (body === undefined) throw invalid({ field: 'body', message: 'must be JSON, sent as application/json' });
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  throw invalid(...result.error.issues.map(({ path, message }) => ({ field: path.join('.') || 'body', message })));
}

export function readRoomId(request: Request, field = 'id'): RoomId {
  return read(request.params[field], field, parseRoomId);
}

export function readUserId(request: Request, field = 'userId'): UserId {
  return read(request.params[field], field, parseUserId);
}

/** An id of the query. */
export function readQueryId<Id>(request: Request, field: string, parse: (text: string) => Id | null): Id {
  return read(request.query[field], field, parse);
}

function read<Value>(text: unknown, field: string, parse: (text: string) => Value | null): Value {
  const value = typeof text === 'string' ? parse(text) : null;
  if (value === null) throw invalid({ field, message: ID_RULE });
  return value;
}

export function invalid(...fields: readonly FieldProblem[]): ChatError {
  return new ChatError('INVALID_REQUEST', {
    message: `Invalid: ${fields.map(({ field }) => field).join(', ')}.`,
    fields,
  });
}
