import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { Router, type Response } from 'express';
import { onlyMethods } from './endpoint.ts';

/** Where the OpenAPI document of a listener is. */
const DOCUMENT_PATH = '/openapi.json';
/** Where the page is that shows it. */
const PAGE_PATH = '/docs';

/** How long a browser may keep the document, and the files of the page, in seconds. */
const DOCUMENT_LIFE_S = 60;
const FILE_LIFE_S = 86_400;

/** Files of Swagger UI that the page needs. */
const PAGE_FILES = ['swagger-ui.css', 'swagger-ui-bundle.js', 'favicon-32x32.png'] as const;

const START = `window.onload = () => SwaggerUIBundle({ url: '../openapi.json', dom_id: '#document', deepLinking: true, validatorUrl: null });
`;

const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>Chat Service: REST</title>
    <link rel="stylesheet" href="swagger-ui.css" />
    <link rel="icon" href="favicon-32x32.png" />
  </head>
  <body>
    <div id="document"></div>
    <script src="swagger-ui-bundle.js"></script>
    <script src="start.js"></script>
  </body>
</html>
`;

/** Nothing from anywhere else, and no code or style but from files. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** `/openapi.json`, and `/docs` to browse it and try it out. For anybody: it says what is public anyway. */
export function createDocumentsRouter(document: string): Router {
  const router = Router({ strict: true });
  const root = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));

  router
    .route(DOCUMENT_PATH)
    .get((_request, response) => sendText(response, 'application/json', document, DOCUMENT_LIFE_S))
    .all(onlyMethods('GET'));
  router.get(PAGE_PATH, (_request, response) => response.redirect(301, `${PAGE_PATH.slice(1)}/`));
  router.get(`${PAGE_PATH}/`, (_request, response) => {
    response.set('content-security-policy', CONTENT_SECURITY_POLICY);
    sendText(response, 'text/html', PAGE, DOCUMENT_LIFE_S);
  });
  router.get(`${PAGE_PATH}/start.js`, (_request, response) =>
    sendText(response, 'text/javascript', START, FILE_LIFE_S),
  );
  for (const file of PAGE_FILES) {
    const options = { root, maxAge: FILE_LIFE_S * 1_000 };
    router.get(`${PAGE_PATH}/${file}`, (_request, response) => response.sendFile(file, options));
  }
  return router;
}

function sendText(response: Response, type: string, text: string, lifeSeconds: number): void {
  response.set('cache-control', `public, max-age=${lifeSeconds}`);
  response.type(type).send(text);
}
