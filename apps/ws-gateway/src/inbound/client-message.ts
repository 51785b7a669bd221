import { CLIENT_MESSAGE_ID_MAX_LENGTH, ClientMessageDTOSchema, type ClientMessageDTO } from '@chat/dto';
import { ChatError } from '@chat/service-kit';
import { invalidFields } from '../broker/invalid-fields.ts';

const UTF8 = new TextDecoder('utf-8', { fatal: true });
const CLIENT_MESSAGE_ID = new RegExp(`^[\\x21-\\x7e]{1,${CLIENT_MESSAGE_ID_MAX_LENGTH}}$`);

/** The body of a SEND to a room. Throws INVALID_JSON or INVALID_REQUEST. */
export function readClientMessage(body: Uint8Array): ClientMessageDTO {
  const result = ClientMessageDTOSchema.safeParse(parseJson(body));
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

/** The header `client-message-id`, which may be left out. Throws INVALID_REQUEST. */
export function readClientMessageId(header: string | undefined): string | undefined {
  if (header === undefined || CLIENT_MESSAGE_ID.test(header)) return header;
  throw invalidFields({
    field: 'client-message-id',
    message: `must have 1 to ${CLIENT_MESSAGE_ID_MAX_LENGTH} printable ASCII characters without spaces`,
  });
}

/** The header `resend`: whether this SEND may have been published before. Throws INVALID_REQUEST. */
export function readResend(header: string | undefined, clientMessageId: string | undefined): boolean {
  if (header === undefined || header === 'false') return false;
  if (header !== 'true') throw invalidFields({ field: 'resend', message: 'must be true or false' });
  if (clientMessageId === undefined) throw invalidFields({ field: 'resend', message: 'needs a client-message-id' });
  return true;
}
