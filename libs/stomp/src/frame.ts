/** The versions of STOMP that exist, oldest first. */
export const STOMP_VERSIONS = ['1.0', '1.1', '1.2'] as const;
export type StompVersion = (typeof STOMP_VERSIONS)[number];

/** WebSocket sub-protocol names, best first, with the version that each stands for. */
export const SUB_PROTOCOLS: ReadonlyMap<string, StompVersion> = new Map([
  ['v12.stomp', '1.2'],
  ['v11.stomp', '1.1'],
  ['v10.stomp', '1.0'],
]);

/** Frame commands that a client may send (1.2, "Augmented BNF"). */
export const CLIENT_COMMANDS: ReadonlySet<string> = new Set([
  ...['CONNECT', 'STOMP', 'SEND', 'SUBSCRIBE', 'UNSUBSCRIBE', 'ACK', 'NACK'],
  ...['BEGIN', 'COMMIT', 'ABORT', 'DISCONNECT'],
]);

/** Frame commands that a server may send (1.2, "Augmented BNF"). */
export const SERVER_COMMANDS: ReadonlySet<string> = new Set(['CONNECTED', 'MESSAGE', 'RECEIPT', 'ERROR']);

const ADDED_IN_1_1: ReadonlySet<string> = new Set(['STOMP', 'NACK']);

/** Whether a version knows the command, whoever sends it; `null` stands for any version. */
export function isCommandOf(command: string, version: StompVersion | null): boolean {
  if (!CLIENT_COMMANDS.has(command) && !SERVER_COMMANDS.has(command)) return false;
  return version !== '1.0' || !ADDED_IN_1_1.has(command);
}

/** Whether frames of this command may carry a body: SEND, MESSAGE and ERROR alone (1.2, "Body"); in 1.0 all may. */
export function mayHaveBody(command: string, version: StompVersion | null): boolean {
  return command === 'SEND' || command === 'MESSAGE' || command === 'ERROR' || version === '1.0';
}

/** CONNECT, CONNECTED and STOMP, CONNECT's other name, are never escaped, for the sake of 1.0 (1.2, "Value Encoding"). */
export function isUnescaped(command: string): boolean {
  return command === 'CONNECT' || command === 'CONNECTED' || command === 'STOMP';
}

export type StompHeader = readonly [name: string, value: string];

/**
 * One STOMP frame. Headers keep their order and their repetitions; the first of a name counts (1.2, "Repeated Header
 * Entries"), so read them with `headerOf`.
 */
export interface StompFrame {
  readonly command: string;
  readonly headers: readonly StompHeader[];
  readonly body: Uint8Array;
}

export const EMPTY_BODY = new Uint8Array(0);
const UTF8 = new TextEncoder();

/** A frame from a plain object of headers; `undefined` ones are left out. A body given as text becomes UTF-8. */
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

/** The value of the first header of that name; names are case-sensitive (1.2, "STOMP Frames"). */
export function headerOf(frame: Pick<StompFrame, 'headers'>, name: string): string | undefined {
  for (const [key, value] of frame.headers) if (key === name) return value;
  return undefined;
}
