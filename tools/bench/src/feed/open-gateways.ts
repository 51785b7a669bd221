import { createToken } from '@chat/testing';
import type { BenchContext } from '../bench.ts';
import type { BuiltApp } from '../built-app.ts';
import { openBacklog, type Backlog } from '../load/backlog.ts';
import { compileNative } from '../load/compile.ts';
import { Swarm } from '../load/swarm.ts';
import { openChat, type Chat } from '../open-chat.ts';

export const FEEDS = ['full', 'interest'] as const;
export type Feed = (typeof FEEDS)[number];

export interface OpenGateways {
  readonly kafka: Chat['kafka'];
  readonly gateways: readonly BuiltApp[];
  /** One for each gateway that has rooms. */
  readonly swarms: readonly Swarm[];
  /** `chat-messages`. */
  readonly log: Backlog;
  stop(): Promise<void>;
}

/** Built gateways on one feed, each with one client who is in these rooms and listens to all of them; none where there are no rooms. */
export async function openGateways(
  context: BenchContext,
  feed: Feed,
  roomsOfGateways: readonly (readonly number[])[],
  settings: Readonly<Record<string, string>> = {},
): Promise<OpenGateways> {
  const program = await compileNative(context.rootDir, 'swarm');
  const roomIds = [...new Set(roomsOfGateways.flat())];
  const members = roomsOfGateways.flatMap((rooms, gateway) => rooms.map((roomId) => ({ roomId, userId: gateway + 1 })));
  const chat = await openChat(context, { roomIds, members });
  const swarms: Swarm[] = [];
  try {
    const gateways: BuiltApp[] = [];
    for (const number of roomsOfGateways.keys()) {
      gateways.push(await chat.start('ws-gateway', { ROOM_FEED: feed, ...settings }, `ws-gateway-${feed}-${number}`));
    }
    for (const [number, { port }] of gateways.entries()) {
      const rooms = roomsOfGateways[number] ?? [];
      if (rooms.length === 0) continue;
      const swarm = new Swarm(program, { port, path: '/ws', dialect: 'stomp' });
      swarms.push(swarm);
      await swarm.connect([{ rooms, token: createToken({ userId: number + 1 }) }], 1);
    }
    const log = await openBacklog(chat.kafka, `${chat.kafka.topicPrefix}chat-messages`);
    return {
      ...{ kafka: chat.kafka, gateways, swarms, log },
      stop: async () => {
        for (const swarm of swarms) await swarm.stop();
        await log.close();
        await chat.stop();
      },
    };
  } catch (error) {
    for (const swarm of swarms) await swarm.stop();
    await chat.stop();
    throw error;
  }
}
