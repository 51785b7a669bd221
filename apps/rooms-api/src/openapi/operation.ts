import type { ChatErrorCode, JsonSchema } from '@chat/dto';
import type { z } from 'zod';

export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';

/** A success of an operation. */
export interface Answer {
  readonly about: string;
  /** One of the tables of `schemas.ts`; none where the answer has no body. */
  readonly body?: z.ZodType;
  /** Headers beside those that every answer has. */
  readonly headers?: readonly AnswerHeader[];
}

/** Headers of answers that clients may build on; those in `OPTIONAL_HEADERS` do not come with every one. */
export const ANSWER_HEADERS = {
  Link: 'First, previous, next and last page as far as there are, by RFC 8288.',
  Location: 'Where what was made can be read.',
  'X-Presence': '`stale` where nobody could say who is online; then all are shown offline.',
  Allow: 'The methods that the address answers.',
  'WWW-Authenticate': 'How to identify oneself, by RFC 6750.',
  'Retry-After': 'Seconds to wait before the same request may succeed.',
} as const;
export type AnswerHeader = keyof typeof ANSWER_HEADERS;
export const OPTIONAL_HEADERS: ReadonlySet<AnswerHeader> = new Set(['X-Presence']);

/** A parameter of the query, as its parser reads it. */
export interface QueryParameter {
  readonly about: string;
  readonly schema: JsonSchema;
  readonly isRequired?: boolean;
}

/** One thing that a client can ask for; its handler is found by its name in the table. */
export interface Operation {
  readonly method: Method;
  /** Below the path of its table, parameters in braces. */
  readonly path: string;
  readonly summary: string;
  readonly about?: string;
  readonly query?: Readonly<Record<string, QueryParameter>>;
  readonly body?: z.ZodType;
  /** By status. */
  readonly answers: Readonly<Record<number, Answer>>;
  /** What it is refused with, beside what every operation can be refused with. */
  readonly refusals: readonly ChatErrorCode[];
}

/** Operations by name. */
export type Operations = Readonly<Record<string, Operation>>;
