import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { ChatConnection } from '../chat/chat-connection.ts';
import { whenInterrupted } from '../interruption.ts';
import { readStackFile, type StackFile } from '../stack/stack-file.ts';
import { createToken } from '../stack/token.ts';
import { UsageError, type CommandContext } from './command.ts';
import { parseUserId } from './token-command.ts';

const TOKEN_LIFE_S = 12 * 3_600;
const JOIN_DEADLINE_MS = 5_000;

/**
 * `npm run chat -- --room 1 --user 2 --username bob`: joins a room of the running stack, prints its messages, and sends
 * each line that is typed.
 */
export async function chatCommand({ config, args, interrupted, say }: CommandContext): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      room: { type: 'string', default: '1' },
      user: { type: 'string', default: '1' },
      username: { type: 'string' },
    },
  });
  const stack = readStackFile(config.localDir);
  if (stack === null) throw new UsageError('The chat is not running: start it with `npm start` in another terminal');
  const [userId, roomId] = [parseUserId(values.user), Number(values.room)];
  const username = values.username ?? `user-${userId}`;
  const token = createToken({ userId, username, expiresInS: TOKEN_LIFE_S }, stack.jwtSecret);
  await join(stack, roomId, token);
  const { promise: closed, resolve: onClosed } = Promise.withResolvers<string>();
  const connection = new ChatConnection({
    url: stack.wsUrls[userId % stack.wsUrls.length] ?? '',
    token,
    roomId,
    events: {
      onLive: () => say(`You are ${username} in room ${roomId}: type a line to send it, Ctrl-C leaves.`),
      onMessage: ({ senderId, content }) => say(`user ${senderId}: ${content}`),
      onError: (text) => say(`! ${text}`),
      onClosed,
    },
  });
  const input = createInterface({ input: process.stdin });
  input.on('line', (line) => line !== '' && connection.send(line));
  const reason = await Promise.race([closed, whenInterrupted(interrupted)]);
  input.close();
  connection.close();
  if (reason === undefined) return 0;
  say(reason);
  return 1;
}

async function join({ restUrl }: StackFile, roomId: number, token: string): Promise<void> {
  const response = await fetch(`${restUrl}/api/v1/chat/chat-rooms/join/${roomId}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
    signal: AbortSignal.timeout(JOIN_DEADLINE_MS),
  });
  if (!response.ok) throw new UsageError(`Room ${roomId} cannot be joined: ${await response.text()}`);
}
