import { MessageMemoryDTOSchema, type MessageId, type MessageMemoryDTO } from '@chat/dto';
import type { MessageName } from '@chat/database';
import type { GatewayAddress, GatewayAddresses } from '@chat/redis';
import { toChatError } from '@chat/service-kit';
import { GATEWAY_ANSWER_MS } from '../limits.ts';
import type { NotHeard } from './tell-story.ts';

/** What a message is asked for by: its id, its name, or both. */
export interface StoryQuestion {
  readonly messageId: MessageId | null;
  readonly name: MessageName | null;
}

export interface HeardGateways {
  readonly memories: readonly MessageMemoryDTO[];
  readonly notHeard: readonly NotHeard[];
}

/** Asks every gateway that lives, on its internal listener, what it remembers. Names those that do not answer in time; never rejects. */
export function createAskGateways(addresses: Pick<GatewayAddresses, 'list'>) {
  return async (question: StoryQuestion): Promise<HeardGateways> => {
    let gateways: readonly GatewayAddress[];
    try {
      gateways = await addresses.list();
    } catch (error) {
      const reason = `where the gateways are is not known: ${toChatError(error).code}`;
      return { memories: [], notHeard: [{ name: 'redis', reason }] };
    }
    if (gateways.length === 0)
      return { memories: [], notHeard: [{ name: 'redis', reason: 'no gateway has said where it is' }] };
    const heard = await Promise.all(gateways.map((gateway) => ask(gateway, question)));
    return {
      memories: heard.flatMap((each) => ('answers' in each ? [each] : [])),
      notHeard: heard.flatMap((each) => ('answers' in each ? [] : [each])),
    };
  };
}

async function ask({ instanceId, url }: GatewayAddress, question: StoryQuestion): Promise<MessageMemoryDTO | NotHeard> {
  try {
    const response = await fetch(`${url}/internal/chat/message-memory?${queryOf(question)}`, {
      signal: AbortSignal.timeout(GATEWAY_ANSWER_MS),
    });
    if (!response.ok) return { name: instanceId, reason: `answered ${response.status}` };
    return MessageMemoryDTOSchema.parse(await response.json());
  } catch (error) {
    const isLate = error instanceof Error && error.name === 'TimeoutError';
    return { name: instanceId, reason: isLate ? 'did not answer in time' : 'could not be asked' };
  }
}

function queryOf({ messageId, name }: StoryQuestion): string {
  return new URLSearchParams({
    ...(messageId !== null && { messageId: String(messageId) }),
    ...(name !== null && {
      roomId: String(name.roomId),
      senderId: String(name.senderId),
      clientMessageId: name.clientMessageId,
    }),
  }).toString();
}
