import {
  createChatClient,
  type ChatClient,
  type ChatClientError,
  type ChatClientOptions,
  type HistoryMessageDTO,
} from '@chat/client';
import { afterEach } from 'vitest';
import type { ChatDriver, GatewayIndex } from './clients/chat-driver.ts';
import type { Person } from './clients/person.ts';

/** A client of the SDK, and what it told of nobody who waited. */
export interface SdkClient {
  readonly client: ChatClient;
  readonly errors: ChatClientError[];
}

/** Opens clients of the SDK; closes them after each test. */
export function useSdkClients(chat: ChatDriver) {
  const clients: ChatClient[] = [];
  afterEach(async () => {
    await Promise.all(clients.splice(0).map((client) => client.close()));
  });
  return (person: Person, gateway: GatewayIndex, options: Partial<ChatClientOptions> = {}): SdkClient => {
    const errors: ChatClientError[] = [];
    const client = createChatClient({
      gatewayUrl: chat.addresses.wsUrls[gateway],
      apiUrl: chat.addresses.restUrl,
      getToken: () => person.token,
      onError: (error) => errors.push(error),
      ...options,
    });
    clients.push(client);
    client.connect();
    return { client, errors };
  };
}

/** Everything that a room gave to the application, in the order in which it came. */
export function collect(client: ChatClient, roomId: number, start: { since?: number; history?: number } = {}) {
  const messages: HistoryMessageDTO[] = [];
  const gaps: string[] = [];
  const open = client.room(roomId).open({
    ...start,
    onMessage: (message) => messages.push(message),
    onDiscontinuity: ({ missing, reason }) => gaps.push(`${missing}: ${reason}`),
  });
  return { open, messages, gaps, ids: () => messages.map(({ id }) => id as number) };
}
