/** 128 random bits; `crypto.randomUUID` is not there on pages without TLS. */
export function newClientMessageId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

const CLIENT_MESSAGE_ID = /^[\x21-\x7e]{1,128}$/;

/** The gateway's rule, which `@chat/dto` has; by itself, since values of that would bring zod into the bundle. */
export function isClientMessageId(text: string): boolean {
  return CLIENT_MESSAGE_ID.test(text);
}
