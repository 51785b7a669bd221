import type { MessageName, MessageStoryRepository, StoredStory } from '@chat/database';
import type { MessageId, MessageTraceDTO } from '@chat/dto';
import { ChatError, toChatError } from '@chat/service-kit';
import type { HeardGateways, StoryQuestion } from './ask-gateways.ts';
import { tellStory, type NotHeard } from './tell-story.ts';

export interface StoryContext {
  readonly rows: MessageStoryRepository;
  readonly askGateways: (question: StoryQuestion) => Promise<HeardGateways>;
}

/**
 * What became of a message: the row is exact, the gateways that live tell what they still remember. Rejects with MESSAGE_NOT_FOUND where
 * nobody knows it, and with UNAVAILABLE where somebody who might know it did not answer.
 */
export async function findStory({ rows, askGateways }: StoryContext, messageId: MessageId): Promise<MessageTraceDTO> {
  const { stored, notHeard } = await lookUp(() => rows.findById(messageId));
  const heard = await askGateways({ messageId, name: nameOf(stored) });
  return toldOrThrown({ messageId, stored, memories: heard.memories, notHeard: [...notHeard, ...heard.notHeard] });
}

/** The same for a SEND by the name that its sender gave it: also one that was refused, and so has no id. */
export async function findStoryOfName(
  { rows, askGateways }: StoryContext,
  name: MessageName,
): Promise<MessageTraceDTO> {
  const { stored, notHeard } = await lookUp(() => rows.findByName(name));
  const first = await askGateways({ messageId: stored?.messageId ?? null, name });
  const answered = first.memories.flatMap(({ answers }) => answers).find(({ messageId }) => messageId !== undefined);
  const messageId = stored?.messageId ?? answered?.messageId ?? null;
  // whoever only delivered it knows it by its id alone
  const heard = stored === null && messageId !== null ? await askGateways({ messageId, name }) : first;
  return toldOrThrown({ messageId, stored, memories: heard.memories, notHeard: [...notHeard, ...heard.notHeard] });
}

function toldOrThrown(known: Parameters<typeof tellStory>[0]): MessageTraceDTO {
  const story = tellStory(known);
  if (story !== null) return story;
  const [first] = known.notHeard;
  if (first === undefined) throw new ChatError('MESSAGE_NOT_FOUND', { message: 'Nobody knows such a message.' });
  throw new ChatError('UNAVAILABLE', { message: `Who might know such a message was not heard: ${first.name}.` });
}

/** Without Postgres the gateways tell what they can. */
async function lookUp(
  find: () => Promise<StoredStory | null>,
): Promise<{ stored: StoredStory | null; notHeard: readonly NotHeard[] }> {
  try {
    return { stored: await find(), notHeard: [] };
  } catch (error) {
    const { code, retryable } = toChatError(error);
    if (!retryable) throw error;
    return { stored: null, notHeard: [{ name: 'postgres', reason: code }] };
  }
}

function nameOf(stored: StoredStory | null): MessageName | null {
  if (stored === null || stored.clientMessageId === null) return null;
  const { roomId, senderId, clientMessageId } = stored;
  return { roomId, senderId, clientMessageId };
}
