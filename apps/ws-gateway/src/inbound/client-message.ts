import {
  CLIENT_MESSAGE_ID_MAX_LENGTH,
  ClientDeleteDTOSchema,
  ClientEditDTOSchema,
  ClientMessageDTOSchema,
  ClientReactionDTOSchema,
  isClientMessageId,
  type ChangeKind,
  type MessageChange,
} from '@chat/dto';
import { invalidFields } from '../broker/invalid-fields.ts';
import { readJsonBody } from './json-body.ts';

/** What a client wants to say in a room: a text, or the content of a change. */
export interface ClientMessage {
  readonly content: string;
  readonly change: MessageChange | null;
}

/** The body of a SEND to a room, by the kind of record that it is to become. Throws INVALID_JSON or INVALID_REQUEST. */
export function readClientMessage(kind: ChangeKind | null, body: Uint8Array): ClientMessage {
  switch (kind) {
    case null:
      return { content: readJsonBody(ClientMessageDTOSchema, body).content, change: null };
    case 'EDIT': {
      const { targetId, content } = readJsonBody(ClientEditDTOSchema, body);
      return { content, change: { kind, targetId, isRemoval: false } };
    }
    case 'DELETE': {
      const { targetId } = readJsonBody(ClientDeleteDTOSchema, body);
      return { content: '', change: { kind, targetId, isRemoval: false } };
    }
    case 'REACTION': {
      const { targetId, content, removed = false } = readJsonBody(ClientReactionDTOSchema, body);
      return { content, change: { kind, targetId, isRemoval: removed } };
    }
  }
}

/** The header `client-message-id`, which may be left out. Throws INVALID_REQUEST. */
export function readClientMessageId(header: string | undefined): string | undefined {
  if (header === undefined || isClientMessageId(header)) return header;
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

/** At which stage the RECEIPT of a SEND is due: in the log, or in Postgres. */
export type ReceiptLevel = 'accepted' | 'persisted';

/** The header `receipt-level`. Throws INVALID_REQUEST. */
export function readReceiptLevel(header: string | undefined): ReceiptLevel {
  if (header === undefined || header === 'accepted') return 'accepted';
  if (header === 'persisted') return header;
  throw invalidFields({ field: 'receipt-level', message: 'must be accepted or persisted' });
}
