import type { RoomPresence } from '@chat/client';
import { pause } from '@chat/service-kit';
import type { CommandContext } from '../context.ts';
import type { Output } from '../output/output.ts';
import { onlineUsers, presenceChanges, type PresenceChange } from '../output/presence-changes.ts';
import { printable } from '../output/printable.ts';
import { withClient } from '../with-client.ts';

export interface PresenceCommandOptions {
  readonly roomId: number;
  /** Ends with the first answer. */
  readonly once: boolean;
  /** Names everybody, however large the room. */
  readonly all: boolean;
  /** Ends after so many seconds. */
  readonly for?: number | undefined;
}

type NameOf = (userId: number) => string;

/** Who is in a room: all who are there, then who comes and goes, until the command is told to end. */
export async function presenceCommand(context: CommandContext, options: PresenceCommandOptions): Promise<void> {
  const { roomId, once, all, for: seconds } = options;
  const { output } = context;
  await withClient(context, async (client) => {
    const nameOf = await namesOf(() => client.rest.listMembers(roomId));
    const { promise: first, resolve: toldFirst } = Promise.withResolvers<void>();
    const presence = client.room(roomId).presence({ all });
    let before: RoomPresence | null = null;
    const stop = presence.subscribe((now) => {
      if (before === null) tellState(now, nameOf, output);
      else for (const change of presenceChanges(before.users, now)) tellChange(change, now, nameOf, output);
      before = now;
      toldFirst();
    });
    await first;
    if (!once) await (seconds === undefined ? new Promise<never>(() => undefined) : pause(seconds * 1000));
    stop();
  });
}

/** Names of members as of now; who came later is called by their number. */
async function namesOf(listMembers: () => Promise<readonly { userId: number; username: string }[]>): Promise<NameOf> {
  const names = new Map((await listMembers()).map(({ userId, username }) => [userId, printable(username)]));
  return (userId) => names.get(userId) ?? `user ${userId}`;
}

function tellState(presence: RoomPresence, nameOf: NameOf, output: Output): void {
  const { onlineCount, isComplete, isStale } = presence;
  const userIds = onlineUsers(presence);
  output.result({ kind: 'STATE', onlineCount, isComplete, isStale, userIds }, () => {
    const names = userIds.map(nameOf).join(', ');
    const rest = onlineCount > userIds.length ? ` and ${onlineCount - userIds.length} more` : '';
    return `${output.paint('bold', `${onlineCount} online`)}${names === '' ? '' : `: ${names}${rest}`}${isStale ? ' (may be behind)' : ''}`;
  });
}

function tellChange(change: PresenceChange, { onlineCount }: RoomPresence, nameOf: NameOf, output: Output): void {
  const { userId, isOnline, event, at } = change;
  output.result({ kind: 'CHANGE', userId, isOnline, event, at, onlineCount }, () => {
    const word = output.paint(isOnline ? 'green' : 'dim', (event ?? (isOnline ? 'ONLINE' : 'OFFLINE')).toLowerCase());
    return `${nameOf(userId)} ${word}, ${onlineCount} online`;
  });
}
