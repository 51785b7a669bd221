import { afterAll, afterEach, inject } from 'vitest';
import { ChatDriver } from './clients/chat-driver.ts';

/** A driver of the chat that all ordinary spec files share; hangs up after each test. */
export function useSharedChat(): ChatDriver {
  const chat = new ChatDriver(inject('chat'));
  afterEach(chat.hangUp);
  afterAll(chat.close);
  return chat;
}
