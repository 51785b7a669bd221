import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { ChatConnection } from '../chat/chat-connection.ts';
import { whenInterrupted } from '../interruption.ts';
import { readStackFile, type StackFile } from '../stack/stack-file.ts';
import { createToken } from '../stack/token.ts';
import { pause } from '../wait.ts';
import { UsageError, type CommandContext } from './command.ts';
import { parseId } from './token-command.ts';

const TOKEN_LIFE_S = 12 * 3_600;
const JOIN_DEADLINE_MS = 5_000;
/** From the end of the input to the last answer, in ms: the service answers within 5 s. */
const SETTLE_DEADLINE_MS = 6_000;

/**
 * `npm run chat -- --room 1 --user 2 --username bob`: joins a room of the running stack (the newest public one where none
 * is named), prints its messages, and sends each line that is typed. At the end of the input it waits until what was sent
 * is answered.
 */
export async function chatCommand({ config, args, interrupted, say }: CommandContext): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      room: { type: 'string' },
      user: { type: 'string', default: '1' },
      username: { type: 'string' },
    },
  });
  const userId = parseId('user', values.user);
  const namedRoomId = values.room === undefined ? null : parseId('room', values.room);
  const stack = readStackFile(config.localDir);
  if (stack === null) throw new UsageError('The chat is not running: start it with `npm start` in another terminal');
  const username = values.username ?? `user-${userId}`;
  const token = createToken({ userId, username, expiresInS: TOKEN_LIFE_S }, stack.jwtSecret);
  const roomId = namedRoomId ?? (await newestRoomId(stack, token));
  await join(stack, roomId, token);
  const { promise: closed, resolve: onClosed } = Promise.withResolvers<string>();
  const { promise: live, resolve: onLive } = Promise.withResolvers<void>();
  const connection = new ChatConnection({
    url: gatewayOf(stack.wsUrls, userId),
    token,
    roomId,
    events: {
      onLive: () => {
        say(`You are ${username} in room ${roomId}: type a line to send it, Ctrl-C leaves.`);
        onLive();
      },
      onMessage: ({ senderId, content }) => say(`user ${senderId}: ${content}`),
      onError: (text) => say(`! ${text}`),
      onClosed,
    },
  });
  const reason = await Promise.race([closed, whenInterrupted(interrupted), live.then(() => sendInput(connection))]);
  connection.close();
  if (reason === undefined) return 0;
  say(reason);
  return 1;
}

/** Sends each line of the input; resolves when it has ended and all of it is answered. */
async function sendInput(connection: ChatConnection): Promise<undefined> {
  const input = createInterface({ input: process.stdin });
  input.on('line', (line) => line !== '' && connection.send(line));
  await once(input, 'close');
  const isAnswered = connection.settled().then(() => true);
  const isLate = pause(SETTLE_DEADLINE_MS).then(() => false);
  if (await Promise.race([isAnswered, isLate])) return undefined;
  throw new UsageError(`Not all that was sent was answered within ${SETTLE_DEADLINE_MS / 1000} s`);
}

/** Neighbours in number talk through different gateways, so that two terminals show that any will do. */
export function gatewayOf(wsUrls: readonly string[], userId: number): string {
  return wsUrls[(userId - 1) % wsUrls.length] ?? '';
}

async function newestRoomId({ restUrl }: StackFile, token: string): Promise<number> {
  const response = await fetch(`${restUrl}/api/v1/chat/chat-rooms?size=1`, {
    headers: { authorization: `Bearer ${token}` },
    signal: AbortSignal.timeout(JOIN_DEADLINE_MS),
  });
  if (!response.ok) throw new UsageError(`The rooms cannot be listed: ${await response.text()}`);
  const { content } = (await response.json()) as { content: readonly { id: number }[] }; // our own API
  const [newest] = content;
  if (newest === undefined) throw new UsageError('There is no public room yet: make one, see the README');
  return newest.id;
}

async function join({ restUrl }: StackFile, roomId: number, token: string): Promise<void> {
  const response = await fetch(`${restUrl}/api/v1/chat/chat-rooms/join/${roomId}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
    signal: AbortSignal.timeout(JOIN_DEADLINE_MS),
  });
  if (!response.ok) throw new UsageError(`Room ${roomId} cannot be joined: ${await response.text()}`);
}
