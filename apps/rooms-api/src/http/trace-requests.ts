import type { IncomingMessage, RequestListener } from 'node:http';
import type { Span, Tracing } from '@chat/service-kit';

/** Of the requests that are traced and not answered yet. */
const spans = new WeakMap<IncomingMessage, Span>();

/** A span for each request that is sampled, until it is answered or nobody waits for it (OpenTelemetry, "HTTP server spans"). */
export function traceRequests(tracing: Tracing | null, handle: RequestListener): RequestListener {
  if (tracing === null) return handle;
  return (request, response) => {
    const { method = 'GET', headers } = request;
    const span = tracing.begin(oneOf(headers['traceparent']), {
      name: method,
      kind: 'server',
      attributes: { 'http.request.method': method },
    });
    if (span !== null) {
      spans.set(request, span);
      response.once('close', () => {
        const { statusCode, writableFinished } = response;
        span.add({ 'http.response.status_code': statusCode });
        span.end(writableFinished ? failureOf(statusCode) : 'unanswered');
      });
    }
    handle(request, response);
  };
}

/** Which of the addresses it is, with its parameters in braces. */
export function nameSpan(request: IncomingMessage, route: string): void {
  const span = spans.get(request);
  if (span === undefined) return;
  span.rename(`${request.method ?? 'GET'} ${route}`);
  span.add({ 'http.route': route });
}

/** What a log line of the request says, so that its trace is found. */
export function traceFieldsOf(request: IncomingMessage): { readonly trace_id?: string } {
  const span = spans.get(request);
  return span === undefined ? {} : { trace_id: span.context.traceId };
}

/** A header that comes twice says nothing for certain. */
function oneOf(header: string | readonly string[] | undefined): string | undefined {
  return typeof header === 'string' ? header : undefined;
}

/** A refusal is an answer, and no failure of the server. */
function failureOf(status: number): string | undefined {
  return status < 500 ? undefined : String(status);
}
