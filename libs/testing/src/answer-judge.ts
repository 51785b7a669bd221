import { openDocument, type ClosedDocument } from './closed-document.ts';
import { pathMatcherOf } from './path-matcher.ts';

/** As much of an OpenAPI document as answers are judged by. */
export interface JudgedDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, JudgedOperation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, unknown>> };
}

interface JudgedOperation {
  readonly responses: Readonly<Record<string, JudgedResponse>>;
}

interface JudgedResponse {
  readonly headers?: Readonly<Record<string, { readonly required?: boolean }>>;
  readonly content?: Readonly<Record<string, unknown>>;
}

/** A request, and what came back. */
export interface HttpExchange {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly status: number;
  readonly headers: Headers;
  /** The parsed JSON; null or undefined where there is no body. */
  readonly body: unknown;
}

/** Throws where an answer is none that the document knows: of another status, shape, type, or without a header. */
export type AnswerJudge = (exchange: HttpExchange) => void;

/**
 * Judges answers of whatever lies in the folders of the document's paths. Fields that the document does not name are none of
 * its answers; 401 and 403 for who is not let in, 404 NOT_FOUND, 405, and 400 for one that cannot be read are answers of every
 * address.
 */
export function createAnswerJudge(document: JudgedDocument): AnswerJudge {
  const schemas = openDocument(document);
  const templates = Object.keys(document.paths).map((path) => ({
    path,
    pattern: pathMatcherOf(path),
    parameterCount: path.split('{').length,
  }));
  templates.sort((one, other) => one.parameterCount - other.parameterCount);
  const folders = new Set(Object.keys(document.paths).map(folderOf));

  const findOperation = (method: string, pathname: string) => {
    const template = templates.find(({ pattern }) => pattern.test(pathname.replace(/\/$/, '')));
    const key = method === 'HEAD' ? 'get' : method.toLowerCase();
    const operation = template && document.paths[template.path]?.[key];
    return operation && { path: template.path, key, operation };
  };

  return (exchange) => {
    const pathname = exchange.path.split('?', 1)[0] ?? '';
    if (exchange.method === 'OPTIONS' || ![...folders].some((folder) => pathname.startsWith(folder))) return;
    const found = findOperation(exchange.method, pathname);
    const code = (exchange.body as { code?: unknown } | null | undefined)?.code;
    if (exchange.status === 404 && (code === 'NOT_FOUND' || exchange.method === 'HEAD')) return; // which tells no code
    if (found === undefined) {
      if ([401, 403].includes(exchange.status) || (exchange.status === 405 && exchange.headers.has('allow'))) return;
      if (exchange.status === 400 && !isReadable(pathname)) return;
      throw unknown(exchange, 'an address that the document does not have');
    }
    judge(exchange, found, schemas);
  };
}

function judge(
  exchange: HttpExchange,
  { path, key, operation }: { readonly path: string; readonly key: string; readonly operation: JudgedOperation },
  schemas: ClosedDocument,
): void {
  const { status, headers, body, method } = exchange;
  const response = operation.responses[String(status)];
  if (response === undefined) throw unknown(exchange, 'a status that the document does not have');
  for (const [name, { required = false }] of Object.entries(response.headers ?? {})) {
    if (required && !headers.has(name)) throw unknown(exchange, `no header ${name}`);
  }
  if (method === 'HEAD') return;
  const [type] = Object.keys(response.content ?? {});
  const isEmpty = body === null || body === undefined;
  if (type === undefined) {
    if (isEmpty) return;
    throw unknown(exchange, 'a body where the document has none');
  }
  const given = headers.get('content-type')?.split(';', 1)[0];
  if (given !== type) throw unknown(exchange, `the type ${given ?? 'of nothing'} instead of ${type}`);
  const validate = schemas.validatorAt(['paths', path, key, 'responses', String(status), 'content', type, 'schema']);
  if (!validate(body)) throw unknown(exchange, schemas.errorsText(validate.errors, 'body'));
}

/** Whether what is escaped in it is UTF-8. */
function isReadable(pathname: string): boolean {
  try {
    return decodeURIComponent(pathname) !== '';
  } catch {
    return false;
  }
}

/** The first three steps of a path: what lies there is the document's. */
function folderOf(path: string): string {
  return path.split('/').slice(0, 3).join('/');
}

function unknown({ method, path, status, body }: HttpExchange, what: string): Error {
  const shown = JSON.stringify(body)?.slice(0, 300) ?? '';
  return new Error(`${method} ${path} was answered ${status} with ${what}: ${shown}`);
}
