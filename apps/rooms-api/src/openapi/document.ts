import type { ChatErrorCode, JsonSchema } from '@chat/dto';
import { STATUS_OF } from '../http/problem.ts';
import {
  ANSWER_HEADERS,
  OPTIONAL_HEADERS,
  type Answer,
  type AnswerHeader,
  type Operation,
  type Operations,
} from './operation.ts';
import { componentRef, componentSchemas, refTo } from './schemas.ts';

/** An OpenAPI document, version 3.1. */
export interface OpenApiDocument {
  readonly openapi: string;
  /** By path and method. */
  readonly paths: Readonly<Record<string, Readonly<Record<string, DescribedOperation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, JsonSchema>> };
  readonly [field: string]: unknown;
}

export interface DescribedOperation {
  readonly operationId: string;
  /** By status. */
  readonly responses: Readonly<Record<string, DescribedResponse>>;
  readonly [field: string]: unknown;
}

interface DescribedResponse {
  readonly description: string;
  readonly headers?: Readonly<Record<string, { readonly required: boolean }>>;
  /** By media type. */
  readonly content?: Readonly<Record<string, { readonly schema: JsonSchema }>>;
}

export interface DocumentOptions {
  readonly title: string;
  readonly description: string;
  readonly basePath: string;
  /** Operations by the part of the document that they stand in. */
  readonly operations: Readonly<Record<string, Operations>>;
  readonly tags: Readonly<Record<string, string>>;
  /** How a caller says who they are; nobody is asked where it is left out. */
  readonly security?: Security;
}

export interface Security {
  readonly schemes: Readonly<Record<string, JsonSchema>>;
  /** Any of them is enough; each names schemes that belong together. */
  readonly requirements: readonly (readonly string[])[];
}

export const ID_SCHEMA = { type: 'integer', minimum: 1, maximum: Number.MAX_SAFE_INTEGER } as const;
const MESSAGE_ID_SCHEMA = { ...ID_SCHEMA, minimum: Number.MIN_SAFE_INTEGER };

/** Parameters in paths by their name. */
const PATH_PARAMETERS: Readonly<Record<string, { readonly about: string; readonly schema: JsonSchema }>> = {
  id: { about: 'Id of the room.', schema: ID_SCHEMA },
  roomId: { about: 'Id of the room.', schema: ID_SCHEMA },
  userId: { about: 'Id of the user.', schema: ID_SCHEMA },
  messageId: { about: 'Id of the message.', schema: MESSAGE_ID_SCHEMA },
};

/** What a refusal of each status carries. */
const REFUSAL_HEADERS: Readonly<Record<number, readonly AnswerHeader[]>> = {
  401: ['WWW-Authenticate'],
  405: ['Allow'],
  429: ['Retry-After'],
  503: ['Retry-After'],
};

/** The document of a table of operations; its schemas are those that validate. */
export function openApiDocument(options: DocumentOptions): OpenApiDocument {
  const { title, description, basePath, operations, tags, security } = options;
  const paths: Record<string, Record<string, DescribedOperation>> = {};
  for (const [tag, table] of Object.entries(operations)) {
    for (const [operationId, operation] of Object.entries(table)) {
      const path = pathOf(basePath, operation);
      (paths[path] ??= {})[operation.method] = describe(operationId, tag, operation, security !== undefined);
    }
  }
  return {
    openapi: '3.1.1',
    info: {
      title,
      version: '1.0.0',
      description,
      license: { name: 'Unlicensed', identifier: 'LicenseRef-Unlicensed' },
    },
    servers: [{ url: '/' }],
    tags: Object.entries(tags).map(([name, about]) => ({ name, description: about })),
    ...(security !== undefined && {
      security: security.requirements.map((names) => Object.fromEntries(names.map((name) => [name, []]))),
    }),
    paths,
    components: {
      schemas: neededBy(paths, componentSchemas()),
      ...(security !== undefined && { securitySchemes: security.schemes }),
    },
  };
}

/** The whole path of an operation, parameters in braces. */
export function pathOf(basePath: string, { path }: Pick<Operation, 'path'>): string {
  return path === '/' ? basePath : `${basePath}${path}`;
}

function describe(
  operationId: string,
  tag: string,
  operation: Operation,
  isAuthenticated: boolean,
): DescribedOperation {
  const { summary, about, body, answers } = operation;
  const parameters = parametersOf(operation);
  return {
    operationId,
    tags: [tag],
    summary,
    ...(about !== undefined && { description: about }),
    ...(parameters.length > 0 && { parameters }),
    ...(body !== undefined && {
      requestBody: { required: true, content: { 'application/json': { schema: refTo(body) } } },
    }),
    responses: {
      ...Object.fromEntries(Object.entries(answers).map(([status, answer]) => [status, describeAnswer(answer)])),
      ...describeRefusals(refusalsOf(operation, isAuthenticated)),
    },
  };
}

function parametersOf({ path, query = {} }: Operation): readonly JsonSchema[] {
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => {
    const parameter = PATH_PARAMETERS[name];
    if (parameter === undefined) throw new TypeError(`nothing is said of the parameter ${name}`);
    return { name, in: 'path', required: true, description: parameter.about, schema: parameter.schema };
  });
  const inQuery = Object.entries(query).map(([name, { about, schema, isRequired = false }]) => ({
    ...{ name, in: 'query', description: about, schema },
    ...(isRequired && { required: true }),
  }));
  return [...inPath, ...inQuery];
}

/** All codes that an operation can be refused with. */
function refusalsOf(operation: Operation, isAuthenticated: boolean): ReadonlySet<ChatErrorCode> {
  const { path, query, body, refusals } = operation;
  return new Set([
    ...(isAuthenticated
      ? (['UNAUTHENTICATED', 'REVOKED', 'TOKEN_EXPIRED', 'INVALID_REQUEST', 'RATE_LIMITED'] as const)
      : []),
    ...(path.includes('{') || query !== undefined ? (['INVALID_REQUEST'] as const) : []),
    ...(body !== undefined ? (['INVALID_REQUEST', 'INVALID_JSON', 'BODY_TOO_LARGE'] as const) : []),
    ...refusals,
    ...(['UNAVAILABLE', 'INTERNAL'] as const),
  ]);
}

function describeAnswer({ about, body, headers = [] }: Answer): DescribedResponse {
  return {
    description: about,
    ...(headers.length > 0 && { headers: describeHeaders(headers) }),
    ...(body !== undefined && { content: { 'application/json': { schema: refTo(body) } } }),
  };
}

/** By status; later versions may know more codes. */
function describeRefusals(codes: ReadonlySet<ChatErrorCode>): Readonly<Record<string, DescribedResponse>> {
  const byStatus = Map.groupBy(codes, (code) => STATUS_OF[code]);
  return Object.fromEntries(
    [...byStatus].map(([status, ofStatus]) => {
      const headers = REFUSAL_HEADERS[status] ?? [];
      const schema = {
        allOf: [{ $ref: componentRef('Problem') }, { properties: { code: { enum: ofStatus.toSorted() } } }],
      };
      return [
        String(status),
        {
          description: ofStatus.map((code) => `\`${code}\``).join(', '),
          ...(headers.length > 0 && { headers: describeHeaders(headers) }),
          content: { 'application/problem+json': { schema } },
        },
      ];
    }),
  );
}

function describeHeaders(names: readonly AnswerHeader[]): NonNullable<DescribedResponse['headers']> {
  const described = names.map((name) => [
    name as string,
    { description: ANSWER_HEADERS[name], required: !OPTIONAL_HEADERS.has(name), schema: { type: 'string' } },
  ]);
  return Object.fromEntries(described);
}

/** Those of the schemas that a part of the document, or another one of them, refers to. */
function neededBy(part: unknown, all: Readonly<Record<string, JsonSchema>>): Readonly<Record<string, JsonSchema>> {
  const names = new Set<string>();
  const find = (within: unknown): void => {
    for (const [, name = ''] of JSON.stringify(within).matchAll(/"#\/components\/schemas\/(\w+)"/g)) {
      if (names.has(name)) continue;
      names.add(name);
      find(all[name]);
    }
  };
  find(part);
  return Object.fromEntries(Object.entries(all).filter(([name]) => names.has(name)));
}
