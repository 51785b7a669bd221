import type { MessageTraceDTO } from '@chat/dto';
import type { CommandContext } from '../context.ts';
import { callInternal } from '../internal-call.ts';
import { columns } from '../output/columns.ts';

export interface TraceOptions {
  readonly messageId: number;
  /** Of rooms-api. */
  readonly internalUrl?: string | undefined;
}

/** What became of a message: who took it, where it lies, who got it. */
export async function traceCommand(context: CommandContext, { messageId, internalUrl }: TraceOptions): Promise<void> {
  const story = await callInternal<MessageTraceDTO>(context, { path: `/messages/${messageId}/trace`, internalUrl });
  context.output.result(story, () => columns(rowsOf(story)).join('\n'));
}

function rowsOf(story: MessageTraceDTO): readonly (readonly string[])[] {
  const { position, recipients, repeatOf } = story;
  const rows: Array<readonly string[]> = [
    ['message', `${story.messageId ?? 'none'} of user ${story.senderId ?? '?'} in room ${story.roomId ?? '?'}`],
    ['outcome', repeatOf === undefined ? story.outcome : `${story.outcome}, of ${repeatOf}`],
    ['accepted', `${story.acceptedAt ?? '?'} by ${story.acceptedBy ?? 'whom nobody remembers'}`],
    ['log', position === undefined ? '?' : `partition ${position.partition}, offset ${position.offset}`],
    ['stored', story.storedAt ?? 'not yet'],
  ];
  if (recipients !== undefined) {
    const { recipientCount, deliveredCount, readCount } = recipients;
    rows.push(['recipients', `${recipientCount}, of whom ${deliveredCount} have got it and ${readCount} have read it`]);
  }
  for (const { instanceId, at, messageId, code } of story.answers) {
    rows.push(['answered', `${at} by ${instanceId}: ${code ?? `RECEIPT for ${messageId}`}`]);
  }
  for (const { instanceId, at, deliveredCount, heldCount } of story.gateways) {
    rows.push(['delivered', `${at} by ${instanceId} to ${deliveredCount} subscriptions, kept for ${heldCount}`]);
  }
  for (const { name, reason } of story.notHeard) rows.push(['not heard', `${name}: ${reason}`]);
  return rows;
}
