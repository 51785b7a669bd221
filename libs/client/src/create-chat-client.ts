import type { ChatClient, ChatClientOptions } from './api.ts';

/** A client of one user. It connects when it is told to, and does nothing before. */
export function createChatClient(_options: ChatClientOptions): ChatClient {
  throw new Error('not built yet');
}
