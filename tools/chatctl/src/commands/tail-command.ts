import type { ChatRoom, OpenRoomState } from '@chat/client';
import { pause } from '@chat/service-kit';
import type { CommandContext } from '../context.ts';
import { describeMessage } from '../output/describe-message.ts';
import { withClient } from '../with-client.ts';

export interface TailOptions {
  readonly roomId: number;
  readonly since?: number | undefined;
  readonly history?: number | undefined;
  /** Ends after so many messages. */
  readonly count?: number | undefined;
  /** Ends after so many seconds. */
  readonly for?: number | undefined;
}

/** Messages of a room as they come, over losses of the connection without a gap, until the command is told to end. */
export async function tailCommand(context: CommandContext, options: TailOptions): Promise<void> {
  await withClient(context, (client) => follow(context, client.room(options.roomId), options));
}

async function follow({ output }: CommandContext, room: ChatRoom, options: TailOptions): Promise<void> {
  const { since, history, count = Infinity, for: seconds } = options;
  const { promise: ended, resolve: end, reject: fail } = Promise.withResolvers<void>();
  let seen = 0;
  const opened = room.open({
    ...(since !== undefined && { since }),
    ...(history !== undefined && { history }),
    onMessage: (message) => {
      if (seen >= count) return;
      seen += 1;
      output.result(message, () => describeMessage(message, output.paint));
      if (seen >= count) end();
    },
    onDiscontinuity: ({ missing, after, reason }) => {
      const words = missing === 'messages' ? 'messages may be missing' : 'changes of messages may be missing';
      output.note(output.paintNote('yellow', `${words} after ${after ?? 'the beginning'}: ${reason}`));
    },
  });
  const told = (state: OpenRoomState) => {
    if (state.name === 'refused') fail(state.error);
    else if (state.name === 'live') output.note(output.paintNote('dim', `live in room ${room.id}`));
  };
  told(opened.state.get());
  opened.state.subscribe(told);
  await (seconds === undefined ? ended : Promise.race([ended, pause(seconds * 1000)]));
  opened.close();
}
