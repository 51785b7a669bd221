import { internalDocument, publicDocument } from './openapi/documents.ts';

/** Prints the OpenAPI documents of both listeners, as one JSON object. */
process.stdout.write(`${JSON.stringify({ public: publicDocument(), internal: internalDocument() })}\n`);
