import { CLIENT_MESSAGE_ID_MAX_LENGTH, ClientMessageDTOSchema, type ClientMessageDTO } from '@chat/dto';
import { invalidFields } from '../broker/invalid-fields.ts';
import { readJsonBody } from './json-body.ts';

const CLIENT_MESSAGE_ID = new RegExp(`^[\\x21-\\x7e]{1,${CLIENT_MESSAGE_ID_MAX_LENGTH}}$`);

/** The body of a SEND to a room. Throws INVALID_JSON or INVALID_REQUEST. */
export function readClientMessage(body: Uint8Array): ClientMessageDTO {
  return readJsonBody(ClientMessageDTOSchema, body);
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
