import { createContext, createElement, useContext, type ReactElement, type ReactNode } from 'react';
import type { ChatClient } from '../index.ts';

const ChatContext = createContext<ChatClient | null>(null);

export interface ChatProviderProps {
  /** Made once, outside of the component, and connected by the application. */
  readonly client: ChatClient;
  readonly children?: ReactNode;
}

/** Hands the client to the hooks below it. */
export function ChatProvider({ client, children }: ChatProviderProps): ReactElement {
  return createElement(ChatContext.Provider, { value: client }, children);
}

/** The client of the ChatProvider above. */
export function useChatClient(): ChatClient {
  const client = useContext(ChatContext);
  if (client === null) throw new Error('a hook of @chat/client/react needs a ChatProvider above it');
  return client;
}
