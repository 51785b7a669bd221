import fc from 'fast-check';
import { mostly, oddBody, oddText } from './odd-values.ts';

/** What an OpenAPI document says of requests, as far as they are made up from it. */
export interface RestDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, RestOperation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, { readonly properties?: object }>> };
}

interface RestOperation {
  readonly parameters?: ReadonlyArray<{ readonly name: string; readonly in: string }>;
  readonly requestBody?: {
    readonly content: Readonly<Record<string, { readonly schema: { readonly $ref?: string } }>>;
  };
}

export interface FuzzedRequest {
  readonly method: string;
  /** With its query, as it goes over the wire. */
  readonly path: string;
  readonly body?: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Parts of a path that `encodeURIComponent` never writes. */
const RAW_PARTS = ['%00', '%ff', '%C0%80', '%2f', '%u0031', '1%20', ';1', '', '1/', '..%2f'];
/** What fields may have that take no ids. */
const WORDS = ['a name', 'PRIVATE', 'ADMIN', 'GROUP', true];
const OTHER_METHODS = ['GET', 'HEAD', 'PUT', 'POST', 'PATCH', 'DELETE', 'OPTIONS'];
const ODD_HEADERS = [
  ['content-type', ['text/plain', 'multipart/form-data', 'application/json; charset=utf-16', 'application/json;;', '']],
  ['content-encoding', ['gzip', 'br', 'identity', 'x']],
  ['authorization', ['Bearer x', 'Bearer a.b.c', 'Basic YTpi', 'Bearer', '']],
  ['x-user-userid', ['1', '0', '-1', 'x']],
  ['x-gateway-signature', ['edge-1.1.aa', 'edge-1.0.n.00', '...', 'x']],
  ['traceparent', ['00-00000000000000000000000000000000-0000000000000000-00', '00-x-y-z', 'x']],
  ['origin', ['null', 'https://page.example', 'x']],
  ['x-forwarded-for', ['1.2.3.4', '::1', ', ,', 'x']],
] as const;

const oddHeaders = fc
  .constantFrom(...ODD_HEADERS)
  .chain(([name, values]) => fc.constantFrom<string>(...values).map((value) => ({ [name]: value })));

/** Requests to its operations: some of what they have is right, most is not. `known` are ids that there are. */
export function requestsTo(document: RestDocument, known: readonly (number | string)[]): fc.Arbitrary<FuzzedRequest> {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
  return fc.constantFrom(...operations).chain(({ path, method, operation }) =>
    fc
      .record({
        method: mostly(fc.constant(method.toUpperCase()), fc.constantFrom(...OTHER_METHODS)),
        target: targetsOf(path, queryNamesOf(operation), known),
        body: fc.option(oddBody(fieldsOf(document, operation), fc.constantFrom(...known, ...WORDS)), {
          freq: 9,
          nil: undefined,
        }),
        headers: mostly(fc.constant({}), oddHeaders),
      })
      .map(({ method: asked, target, body, headers }) => ({
        ...{ method: asked, path: target, headers },
        ...(body !== undefined && !['GET', 'HEAD'].includes(asked) && { body }), // fetch sends none with these
      })),
  );
}

/** The path with something in the place of each of its parameters, and queries; dots are resolved as fetch does it. */
function targetsOf(
  path: string,
  queryNames: readonly string[],
  known: readonly (number | string)[],
): fc.Arbitrary<string> {
  const value = mostly(fc.constantFrom(...known.map(String)), oddText);
  const part = mostly(value.map(encodeURIComponent), fc.constantFrom(...RAW_PARTS));
  const query = fc.array(fc.tuple(mostly(fc.constantFrom(...queryNames, 'x'), oddText), value), { maxLength: 4 });
  return fc.tuple(fc.infiniteStream(part), query).map(([parts, pairs]) => {
    const filled = path.replaceAll(/\{\w+\}/g, () => parts.next().value as string); // it never ends
    const { pathname, search } = new URL(`http://chat${filled}?${new URLSearchParams(pairs).toString()}`);
    return pathname + search;
  });
}

function queryNamesOf({ parameters = [] }: RestOperation): readonly string[] {
  return parameters.filter((each) => each.in === 'query').map(({ name }) => name);
}

function fieldsOf({ components }: RestDocument, { requestBody }: RestOperation): readonly string[] {
  const [content] = Object.values(requestBody?.content ?? {});
  const name = content?.schema.$ref?.split('/').at(-1) ?? '';
  return Object.keys(components.schemas[name]?.properties ?? {});
}
