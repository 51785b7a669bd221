import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, inject } from 'vitest';
import { ChatDriver } from '../clients/chat-driver.ts';
import { readFeedCounts } from '../harness/room-feed.ts';
import { startChat, type ChatNetwork, type ChatOptions, type RunningChat } from '../harness/start-chat.ts';

const GATEWAYS = ['ws-gateway-1', 'ws-gateway-2'] as const;
/** Those of a mixed chat that are sent their rooms. */
const MIXED_IN = ['ws-gateway-2'] as const;

export interface OwnChat {
  readonly running: RunningChat;
  readonly chat: ChatDriver;
  /** Throws where the chat is not cuttable. */
  readonly network: ChatNetwork;
}

/**
 * Starts a chat for the tests of this spec file alone, with its logs in a folder of that name, and hands it to `started`.
 * Hangs up after each test, behind what the file itself does then. A chat with a `roomFeed` must have had its messages by it.
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
    try {
      if (running !== undefined) await expectFeed(running, options.roomFeed);
    } finally {
      await running?.stop();
    }
  });
}

/** Gateways that were sent nothing, or read everything, would show nothing of how it is to be sent one's rooms. */
async function expectFeed({ services, addresses }: RunningChat, roomFeed: ChatOptions['roomFeed']): Promise<void> {
  if (roomFeed === undefined) return;
  const names = roomFeed === 'mixed' ? MIXED_IN : GATEWAYS;
  const running = names.filter((name) => services[name].isRunning);
  const counts = await Promise.all(running.map((name) => readFeedCounts(addresses.internalUrls[name])));
  expect(counts.map(({ read }) => read)).toEqual(counts.map(() => 0));
  expect(Math.max(...counts.map(({ received }) => received)), 'records that were sent to a gateway').toBeGreaterThan(0);
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
