import express, { Router, type RequestHandler } from 'express';
import { BODY_MAX_BYTES } from '../limits.ts';
import type { Operations } from '../openapi/operation.ts';
import { onlyMethods } from './endpoint.ts';
import { noteRoute } from './request-times.ts';

const readJson = express.json({ limit: BODY_MAX_BYTES, strict: false });

/**
 * A router that answers a table of operations and no other: each has one handler, paths are tried in the order of the table,
 * and a method that a path does not answer is refused. A body is read where the operation has one; what is sent to others as
 * a body means nothing, whatever it is.
 */
export function serveOperations<const Table extends Operations>(
  operations: Table,
  handlers: { readonly [Name in keyof Table]: RequestHandler },
): Router {
  const router = Router();
  const byPath = Map.groupBy(Object.entries(operations), ([, { path }]) => path);
  for (const [path, served] of byPath) {
    const route = router.route(path.replaceAll(/\{(\w+)\}/g, ':$1')).all(noteRoute(path));
    for (const [name, { method, body }] of served) {
      const before = body === undefined ? [] : [readJson];
      route[method](...before, handlers[name as keyof Table]); // Object.entries forgets the keys
    }
    route.all(onlyMethods(...served.map(([, { method }]) => method.toUpperCase())));
  }
  return router;
}
