import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, inject } from 'vitest';
import { ChatDriver } from '../clients/chat-driver.ts';
import { startChat, type ChatNetwork, type ChatOptions, type RunningChat } from '../harness/start-chat.ts';

export interface OwnChat {
  readonly running: RunningChat;
  readonly chat: ChatDriver;
  /** Throws where the chat is not cuttable. */
  readonly network: ChatNetwork;
}

/**
 * Starts a chat for the tests of this spec file alone, with its logs in a folder of that name, and hands it to `started`.
 * Hangs up after each test, behind what the file itself does then.
 */
export function useOwnChat(name: string, options: Omit<ChatOptions, 'logDir'>, started: (own: OwnChat) => void): void {
  let running: RunningChat | undefined;
  let chat: ChatDriver | undefined;
  beforeAll(async () => {
    running = await startChat({ ...options, logDir: join(inject('logFolder'), name) });
    chat = new ChatDriver(running.addresses);
    started(own(running, chat));
  });
  afterEach(() => chat?.hangUp());
  afterAll(async () => {
    await chat?.close();
    await running?.stop();
  });
}

function own(running: RunningChat, chat: ChatDriver): OwnChat {
  return {
    running,
    chat,
    get network() {
      if (running.network === null) throw new Error('the chat is not cuttable');
      return running.network;
    },
  };
}
