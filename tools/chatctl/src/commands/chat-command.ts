import type { ChatClient } from '@chat/client';
import type { CommandContext } from '../context.ts';
import { UsageError } from '../failure.ts';
import type { Output } from '../output/output.ts';
import { printable } from '../output/printable.ts';
import { sendLines, type LineOutcome } from '../send-lines.ts';
import { withClient } from '../with-client.ts';

export interface ChatCommandOptions {
  /** The newest public room where none is named. */
  readonly room?: number | undefined;
}

/**
 * A person in a room: joins it, prints its messages, and sends each line that is typed. At the end of the input it waits until
 * what was sent is answered.
 */
export async function chatCommand(context: CommandContext, options: ChatCommandOptions): Promise<void> {
  const { output } = context;
  await withClient(context, async (client, { caller }) => {
    const roomId = options.room ?? (await newestRoomId(client));
    await client.rest.joinRoom(roomId);
    const room = client.room(roomId);
    const { promise: refused, reject } = Promise.withResolvers<never>();
    const opened = room.open({
      onMessage: ({ senderId, content, kind, ...message }) => {
        if (kind === undefined || kind === 'SYSTEM') {
          output.result({ senderId, content, kind, ...message }, () => `user ${senderId}: ${printable(content)}`);
        }
      },
    });
    opened.state.subscribe((state) => {
      if (state.name === 'refused') reject(state.error);
    });
    const name = context.options.username ?? `user ${caller.userId}`;
    output.note(`You are ${name} in room ${roomId}: type a line to send it, Ctrl-C leaves.`);
    await Promise.race([sendLines(context.stdin, room, { onOutcome: (line) => tellRefusal(line, output) }), refused]);
    opened.close();
  });
}

async function newestRoomId(client: ChatClient): Promise<number> {
  const { content } = await client.rest.listPublicRooms({ size: 1 });
  const [newest] = content;
  if (newest === undefined) throw new UsageError('There is no public room yet: make one, as by `chatctl rooms create`');
  return newest.id;
}

function tellRefusal({ sent }: LineOutcome, { note, paintNote }: Output): void {
  if ('error' in sent) note(paintNote('red', `! ${sent.error.code}: ${sent.error.message}`));
}
