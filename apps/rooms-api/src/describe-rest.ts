import { STATUS_OF } from './http/problem.ts';
import { BODY_MAX_BYTES, PAGE_NUMBER_MAX, REQUEST_DEADLINE_MS } from './limits.ts';
import { internalDocument, publicDocument } from './openapi/documents.ts';

/** Prints the OpenAPI documents of both listeners, and what else documents take from the tables of REST, as one JSON object. */
const rest = {
  public: publicDocument(),
  internal: internalDocument(),
  statuses: STATUS_OF,
  bodyMaxBytes: BODY_MAX_BYTES,
  pageNumberMax: PAGE_NUMBER_MAX,
  requestDeadlineMs: REQUEST_DEADLINE_MS,
};
process.stdout.write(`${JSON.stringify(rest)}\n`);
