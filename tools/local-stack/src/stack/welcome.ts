import type { StackFile } from './stack-file.ts';

export interface WelcomeUser {
  readonly userId: number;
  readonly username: string;
  readonly token: string;
}

export interface Welcome {
  readonly stack: StackFile;
  readonly playgroundUrl: string;
  readonly users: readonly WelcomeUser[];
  readonly logDir: string;
}

/** What `npm start` prints when all is ready: one table and three commands to try. Its last line never changes. */
export function welcome({ stack, playgroundUrl, users, logDir }: Welcome): string {
  const rows: [string, string][] = [
    ['playground', playgroundUrl],
    ['REST', `${stack.restUrl}/api/v1/chat/chat-rooms`],
    ...stack.wsUrls.map((url): [string, string] => ['STOMP on WebSocket', url]),
    ['internal REST', stack.internalUrl],
    ['Postgres', stack.databaseUrl],
    ['Redis', stack.redisUrl],
    ['Kafka', stack.kafkaBrokers],
    ['logs', logDir],
    ...users.map(({ userId, username, token }): [string, string] => [`token of user ${userId} (${username})`, token]),
  ];
  const width = Math.max(...rows.map(([label]) => label.length));
  return [
    '',
    ...rows.map(([label, value]) => `  ${label.padEnd(width)}  ${value}`),
    '',
    'Open the playground in a browser. Try it in another terminal:',
    ...commandsToTry(stack).map((command) => `  ${command}`),
    '(The first makes a room; the last enters the newest one.)',
    '',
    'The chat is ready. Ctrl-C stops it.',
  ].join('\n');
}

function commandsToTry({ restUrl }: StackFile): string[] {
  const rooms = `${restUrl}/api/v1/chat/chat-rooms`;
  const token = '"Authorization: Bearer $(npm run -s token -- --user 1 --username alice)"';
  const room = `'{"name": "Dev Chatroom", "description": "Chat for developers"}'`;
  return [
    `curl -s ${rooms} -H ${token} -H 'Content-Type: application/json' -d ${room}`,
    `curl -s ${rooms}/user -H ${token}`,
    'npm run chat -- --user 2 --username bob',
  ];
}
