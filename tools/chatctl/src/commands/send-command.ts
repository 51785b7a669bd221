import { randomUUID } from 'node:crypto';
import type { CommandContext } from '../context.ts';
import { UsageError } from '../failure.ts';
import type { Output } from '../output/output.ts';
import { sendLines, type LineOutcome } from '../send-lines.ts';
import { withClient } from '../with-client.ts';

export interface SendCommandOptions {
  readonly roomId: number;
  /** The one message; without it each line of the input is one. */
  readonly text: string | null;
  readonly persisted: boolean;
  readonly clientMessageId?: string | undefined;
}

/** Sends one message, or each line of the input; ends when all are answered. */
export async function sendCommand(context: CommandContext, options: SendCommandOptions): Promise<void> {
  const { roomId, text, persisted, clientMessageId = randomUUID() } = options;
  if (text === null && options.clientMessageId !== undefined) {
    throw new UsageError('--client-message-id names one message: give its text on the command line');
  }
  const { output, stdin } = context;
  await withClient(context, async (client) => {
    const room = client.room(roomId);
    if (text === null) {
      return sendLines(stdin, room, { persisted, onOutcome: (outcome) => tellOutcome(outcome, roomId, output) });
    }
    const messageId = await room.send(text, {
      persisted,
      clientMessageId,
      resend: options.clientMessageId !== undefined, // it may be a second try
    });
    output.result({ messageId, roomId, clientMessageId }, () => String(messageId));
  });
}

function tellOutcome({ line, clientMessageId, sent }: LineOutcome, roomId: number, output: Output): void {
  if ('messageId' in sent) {
    output.result({ line, roomId, clientMessageId, ...sent }, () => String(sent.messageId));
    return;
  }
  const { code, message } = sent.error;
  if (!output.isJson) output.note(output.paintNote('red', `line ${line}: ${code}: ${message}`));
  output.result({ line, roomId, clientMessageId, ...sent }, () => null);
}
