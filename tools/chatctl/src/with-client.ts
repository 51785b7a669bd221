import { createChatClient, type ChatClient, type ChatClientError, type ConnectionState } from '@chat/client';
import { unlessInterrupted } from '@chat/local-stack/interruption';
import { DeadlineError, pause } from '@chat/service-kit';
import { accessOf, gatewayFor, restUrlOf, callerOf, type Caller, type ChatAccess } from './config.ts';
import type { CommandContext } from './context.ts';

/** Longest wait for the first connection, in ms; one that is lost later comes back by itself, however long it takes. */
const FIRST_CONNECTION_MS = 15_000;
/** Longest wait for the goodbye, in ms. */
const CLOSE_DEADLINE_MS = 2_000;

/** The service is not there. */
class NotReachable extends Error {
  override readonly name = 'NotReachable';
  readonly code = 'UNREACHABLE';
  readonly retryable = true;
}

/** Work over REST alone, as the caller of this command. */
export function restOf({ options, environment }: CommandContext): ChatClient['rest'] {
  const caller = callerOf(options, environment);
  const apiUrl = restUrlOf(options, environment);
  const gatewayUrl = apiUrl.replace(/^http/, 'ws'); // must be named, and is never connected to
  return createChatClient({ apiUrl, gatewayUrl, getToken: () => caller.token() }).rest;
}

/**
 * Work on a live connection of the caller, which ends with it, however it ends. Rejects where there is none in 15 s, where the
 * service ends it for good, refuses what nothing else tells of, and where the command is interrupted.
 */
export async function withClient<Value>(
  context: CommandContext,
  work: (client: ChatClient, access: ChatAccess) => Promise<Value>,
): Promise<Value> {
  const access = accessOf(context.options, context.environment);
  const broken = Promise.withResolvers<never>();
  broken.promise.catch(() => undefined); // told by the race below, if it still runs
  const client = openClient(access, access.caller, (error) => {
    if (error.retryable) context.output.note(`${error.code}: ${error.message}`);
    else broken.reject(error);
  });
  const stopTelling = client.connection.subscribe((state) => {
    if (state.name === 'closed' && state.reason !== 'client')
      broken.reject(state.error ?? new NotReachable(state.reason));
    const line = describeState(state);
    if (line !== null) context.output.note(context.output.paintNote('dim', line));
  });
  try {
    const done = connected(client, access).then(() => work(client, access));
    return await unlessInterrupted(Promise.race([done, broken.promise]), context.interrupted);
  } finally {
    stopTelling();
    await closed(client);
  }
}

/** A client of one user, which prefers the gateway of their number. */
export function openClient(access: ChatAccess, caller: Caller, onError: (error: ChatClientError) => void): ChatClient {
  const first = gatewayFor(access, caller.userId);
  return createChatClient({
    apiUrl: access.restUrl,
    gatewayUrl: [first, ...access.wsUrls.filter((url) => url !== first)],
    getToken: () => caller.token(),
    onError,
  });
}

/** Connects, within the time that a first connection may take. */
export async function connected(client: ChatClient, { wsUrls }: Pick<ChatAccess, 'wsUrls'>): Promise<void> {
  client.connect();
  const patience = new AbortController();
  const late = pause(FIRST_CONNECTION_MS, patience.signal).then(() => 'late' as const);
  const outcome = await Promise.race([client.whenConnected(), late]).finally(() => patience.abort());
  if (outcome !== 'late') return;
  const cause = new DeadlineError('connecting', FIRST_CONNECTION_MS);
  throw new NotReachable(`No gateway answers at ${wsUrls.join(', ')}`, { cause });
}

export async function closed(client: ChatClient): Promise<void> {
  await Promise.race([client.close(), pause(CLOSE_DEADLINE_MS)]);
}

/** What a person should know of a connection that was lost and came back. */
export function describeState(state: ConnectionState): string | null {
  if (state.name === 'recovering' && state.attempt <= 1 && state.retryAt !== null) {
    return `the connection was lost (${state.loss.code}), coming back`;
  }
  return null;
}
