/** The versions of STOMP that exist, oldest first. */
export const STOMP_VERSIONS = ['1.0', '1.1', '1.2'] as const;
export type StompVersion = (typeof STOMP_VERSIONS)[number];

/** WebSocket sub-protocol names, best first, with the version that each stands for. */
export const SUB_PROTOCOLS: ReadonlyMap<string, StompVersion> = new Map([
  ['v12.stomp', '1.2'],
  ['v11.stomp', '1.1'],
  ['v10.stomp', '1.0'],
]);

/** Frame commands that a client may send; the first set is all of 1.0, the second is what 1.1 added. */
export const CLIENT_COMMANDS: ReadonlySet<string> = new Set([
  ...['CONNECT', 'SEND', 'SUBSCRIBE', 'UNSUBSCRIBE', 'BEGIN', 'COMMIT', 'ABORT', 'ACK', 'DISCONNECT'],
  ...['STOMP', 'NACK'],
]);

export type StompHeader = readonly [name: string, value: string];

/** One STOMP frame. Headers keep their order and their repetitions; the first of a name counts (1.2, "Repeated Header Entries"). */
export interface StompFrame {
  readonly command: string;
  readonly headers: readonly StompHeader[];
  readonly body: Uint8Array;
}

export const EMPTY_BODY = new Uint8Array(0);
const UTF8 = new TextEncoder();

/** A frame from a plain object of headers; `undefined` ones are left out. */
export function createFrame(
  command: string,
  headers: Readonly<Record<string, string | undefined>>,
  body: Uint8Array | string = EMPTY_BODY,
): StompFrame {
  return {
    command,
    headers: Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== undefined),
    body: typeof body === 'string' ? UTF8.encode(body) : body,
  };
}

/** The value of the first header of that name. */
export function headerOf(frame: Pick<StompFrame, 'headers'>, name: string): string | undefined {
  for (const [key, value] of frame.headers) if (key === name) return value;
  return undefined;
}

/** Whether frames of this command may carry a body: SEND, MESSAGE and ERROR alone (1.2, "Body"). */
export function mayHaveBody(command: string): boolean {
  return command === 'SEND' || command === 'MESSAGE' || command === 'ERROR';
}
