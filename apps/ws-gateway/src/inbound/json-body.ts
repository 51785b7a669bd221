import { ChatError } from '@chat/service-kit';
import { invalidFields } from '../broker/invalid-fields.ts';

const UTF8 = new TextDecoder('utf-8', { fatal: true });

/** A schema of `@chat/dto`, as far as a body needs it. */
interface BodySchema<Body> {
  safeParse(json: unknown):
    | { readonly success: true; readonly data: Body }
    | {
        readonly success: false;
        readonly error: { readonly issues: readonly { readonly path: PropertyKey[]; readonly message: string }[] };
      };
}

/** The body of a SEND as its schema reads it. Throws INVALID_JSON or INVALID_REQUEST. */
export function readJsonBody<Body>(schema: BodySchema<Body>, body: Uint8Array): Body {
  const result = schema.safeParse(parseJson(body));
  if (result.success) return result.data;
  throw invalidFields(
    ...result.error.issues.map(({ path, message }) => ({ field: path.join('.') || 'body', message })),
  );
}

function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(UTF8.decode(body));
  } catch (error) {
    throw new ChatError('INVALID_JSON', { cause: error });
  }
}
