import { parseArgs } from 'node:util';
import { readJwtSecret } from '../stack/jwt-secret.ts';
import { readStackFile } from '../stack/stack-file.ts';
import { createToken, parseDurationS } from '../stack/token.ts';
import { UsageError, type CommandContext } from './command.ts';

/** `npm run token -- --user 3 --username cleo [--expires 12h]`: prints a token for the local stack. */
export async function tokenCommand({ config, args, say }: CommandContext): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      user: { type: 'string', default: '1' },
      username: { type: 'string' },
      expires: { type: 'string', default: '12h' },
    },
  });
  const userId = parseId('user', values.user);
  const expiresInS = parseDurationS(values.expires);
  if (expiresInS === null) throw new UsageError('--expires must be a duration such as 90s, 30m, 12h or 7d');
  const secret = readStackFile(config.localDir)?.jwtSecret ?? config.jwtSecret ?? readJwtSecret(config.localDir);
  if (secret === null) throw new UsageError('There is no secret yet to sign a token with: run `npm start` once');
  say(createToken({ userId, username: values.username ?? `user-${userId}`, expiresInS }, secret));
  return 0;
}

/** The id of a user or a room from a command line; throws a UsageError. */
export function parseId(what: 'user' | 'room', text: string): number {
  const id = Number(text);
  if (!/^[1-9][0-9]*$/.test(text) || !Number.isSafeInteger(id)) {
    throw new UsageError(`--${what} must be a ${what} id: a whole number from 1`);
  }
  return id;
}
