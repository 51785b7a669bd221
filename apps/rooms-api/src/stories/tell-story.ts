import type { StoredStory } from '@chat/database';
import type { MessageId, MessageMemoryDTO, MessageTraceDTO, SendAnswer } from '@chat/dto';

/** Somebody who might know more, and did not say it. */
export type NotHeard = MessageTraceDTO['notHeard'][number];

/** What is known of a message, or of a SEND that became none. */
export interface KnownStory {
  /** By which it was asked for; null for a name that is not known to have become a message. */
  readonly messageId: MessageId | null;
  readonly stored: StoredStory | null;
  /** Of each gateway that was heard. */
  readonly memories: readonly MessageMemoryDTO[];
  readonly notHeard: readonly NotHeard[];
}

/** The story of a message, put together; null where nobody knows anything of it. */
export function tellStory({ messageId, stored, memories, notHeard }: KnownStory): MessageTraceDTO | null {
  const answers = memories.flatMap((memory) => memory.answers).toSorted((one, other) => one.at.localeCompare(other.at));
  const gateways = memories.flatMap(({ passages }) => passages);
  const outcome = outcomeOf(stored, answers, gateways);
  if (outcome === null) return null;
  const [passage] = gateways;
  const accepted = answers.find((answer) => answer.messageId !== undefined);
  const [answer = null] = answers;
  const id = stored?.messageId ?? messageId;
  const roomId = stored?.roomId ?? passage?.roomId ?? answer?.roomId;
  const senderId = stored?.senderId ?? answer?.senderId;
  const clientMessageId = stored?.clientMessageId ?? answer?.clientMessageId ?? null;
  const acceptedAt = stored?.sentAt.toISOString() ?? accepted?.at;
  const position = stored?.position ?? (passage && { partition: passage.partition, offset: passage.offset });
  const repeatOf = outcome === 'REPEATED' ? passage?.repeatOf : undefined;
  return {
    outcome,
    ...(id !== null && { messageId: id }),
    ...(roomId !== undefined && { roomId }),
    ...(senderId !== undefined && { senderId }),
    ...(clientMessageId !== null && { clientMessageId }),
    ...(stored !== null && stored.kind !== null && { kind: stored.kind }),
    ...(accepted !== undefined && { acceptedBy: accepted.instanceId }),
    ...(acceptedAt !== undefined && { acceptedAt }),
    ...(position !== undefined && { position }),
    ...(stored !== null && { storedAt: stored.storedAt.toISOString(), recipients: stored.recipients }),
    ...(repeatOf !== undefined && { repeatOf }),
    ...{ answers, gateways, notHeard: [...notHeard] },
  };
}

function outcomeOf(
  stored: StoredStory | null,
  answers: readonly SendAnswer[],
  gateways: MessageTraceDTO['gateways'],
): MessageTraceDTO['outcome'] | null {
  if (stored !== null) return 'STORED';
  if (gateways.length > 0) return gateways.every(({ repeatOf }) => repeatOf !== undefined) ? 'REPEATED' : 'ACCEPTED';
  if (answers.length === 0) return null;
  return answers.some(({ messageId }) => messageId !== undefined) ? 'ACCEPTED' : 'REFUSED';
}
