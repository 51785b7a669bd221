import { parseMessageId, parseRoomId, parseUserId, type MessageId, type RoomId, type UserId } from '@chat/dto';
import { invalidRequest, type FieldProblem } from '@chat/service-kit';
import type { Request } from 'express';
import type { z } from 'zod';

const ID_RULE = 'must be a whole number from 1 to 9007199254740991';

/** The body by a schema. INVALID_REQUEST names every invalid field; the body itself is the field "body". */
export function readBody<Schema extends z.ZodType>(request: Request, schema: Schema): z.infer<Schema> {
  const body: unknown = request.body;
  if (body === undefined) throw invalidRequest({ field: 'body', message: 'must be JSON, sent as application/json' });
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  throw invalidRequest(
    ...result.error.issues.map(({ path, message }) => ({ field: path.join('.') || 'body', message })),
  );
}

export function readRoomId(request: Request, field = 'id'): RoomId {
  return read(request.params[field], field, parseRoomId);
}

export function readUserId(request: Request, field = 'userId'): UserId {
  return read(request.params[field], field, parseUserId);
}

export function readMessageId(request: Request, field = 'messageId'): MessageId {
  return read(request.params[field], field, parseMessageId);
}

type Parsers = Readonly<Record<string, (text: string) => unknown>>;
type Parsed<P extends Parsers> = { readonly [Field in keyof P]: NonNullable<ReturnType<P[Field]>> };

/** Ids of the query, by a parser each that answers null for what is none; the refusal names every invalid one. */
export function readQueryIds<const P extends Parsers>(request: Request, parsers: P): Parsed<P> {
  const problems: FieldProblem[] = [];
  const ids = Object.entries(parsers).map(([field, parse]) => {
    const text = request.query[field];
    const id = typeof text === 'string' ? parse(text) : null;
    if (id === null) problems.push({ field, message: ID_RULE });
    return [field, id];
  });
  if (problems.length > 0) throw invalidRequest(...problems);
  return Object.fromEntries(ids) as Parsed<P>; // made from the same fields
}

function read<Value>(text: unknown, field: string, parse: (text: string) => Value | null): Value {
  const value = typeof text === 'string' ? parse(text) : null;
  if (value === null) throw invalidRequest({ field, message: ID_RULE });
  return value;
}
