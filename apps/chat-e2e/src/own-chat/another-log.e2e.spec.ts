import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { eventually, kafkaUnderTest } from '@chat/testing';
import { describe, expect, it } from 'vitest';
import type { ChatDriver } from '../clients/chat-driver.ts';
import { marked } from '../clients/content.ts';
import { RestCaller } from '../clients/rest-caller.ts';
import type { StompSession } from '../clients/stomp-session.ts';
import { scriptOf } from '../harness/app-instances.ts';
import type { RunningChat } from '../harness/start-chat.ts';
import { CHAT_MESSAGES_PARTITIONS, TOPIC_LAYOUT } from '../harness/topic-layout.ts';
import { useOwnChat } from './own-chat.ts';
import { roomOfTwo } from '../room-of-two.ts';

/** Longest wait for an app that notices, or for a start that ends by itself, in ms. */
const NOTICE_DEADLINE_MS = 30_000;
const GATEWAYS = ['ws-gateway-1', 'ws-gateway-2'] as const;

let running: RunningChat;
let chat: ChatDriver;

useOwnChat('another-log', {}, (own) => ({ running, chat } = own));

const readinessOf = async (name: (typeof GATEWAYS)[number]) => {
  const { status, body } = await new RestCaller(running.addresses.internalUrls[name]).get('/readyz');
  return `${status} ${JSON.stringify(body)}`;
};

/** message-persister as an operator starts it by hand; how it ends. */
async function runPersister(...flags: readonly string[]): Promise<{ code: number; output: string }> {
  const { databaseUrl, kafkaBrokers, topicPrefix } = running.addresses;
  const env = {
    PATH: process.env['PATH'],
    HOST: '127.0.0.1',
    INTERNAL_PORT: '0',
    DATABASE_URL: databaseUrl,
    KAFKA_BROKERS: kafkaBrokers,
    KAFKA_TOPIC_PREFIX: topicPrefix,
    KAFKA_TOPIC_LAYOUT: TOPIC_LAYOUT,
    KAFKA_REPLICAS: '1',
  };
  const ended = promisify(execFile)(process.execPath, [scriptOf('message-persister'), ...flags], {
    env,
    timeout: NOTICE_DEADLINE_MS,
  });
  return ended.then(
    ({ stdout, stderr }) => ({ code: 0, output: stdout + stderr }),
    ({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }) => ({ code, output: stdout + stderr }),
  );
}

async function makeTopicAnew(): Promise<void> {
  const kafka = await kafkaUnderTest(running.addresses.kafkaBrokers);
  const topic = `${running.addresses.topicPrefix}chat-messages`;
  try {
    await kafka.admin.deleteTopics({ topics: [topic] });
    await eventually(() => kafka.createTopic(topic, CHAT_MESSAGES_PARTITIONS), { deadlineMs: NOTICE_DEADLINE_MS });
  } finally {
    await kafka.cleanUp();
  }
}

const say = async (session: StompSession, roomId: number, count: number) => {
  for (let at = 0; at < count; at += 1) await session.sendMessage(roomId, marked(`${at} in room ${roomId}`));
};
const expectRows = (roomId: number, expected: readonly (readonly [epoch: number, seq: string])[]) =>
  eventually(
    async () => {
      const rows = await chat.query<{ epoch: number; seq: string }>(
        'SELECT epoch, seq FROM messages WHERE room_id = $1 ORDER BY epoch, log_offset',
        [roomId],
      );
      expect(rows.map(({ epoch, seq }) => [epoch, seq])).toEqual(expected);
    },
    { deadlineMs: NOTICE_DEADLINE_MS, everyMs: 100 },
  );

describe('a log that is not the one of the rows', () => {
  it('makes every gateway not ready, with the reason, while its partition count is another', async () => {
    await chat.query('UPDATE log_epochs SET partition_count = partition_count + 1');
    for (const name of GATEWAYS)
      expect(await readinessOf(name)).toMatch(/^503 .*has 3 partitions; log epoch 1 was opened with 4/);
    await chat.query('UPDATE log_epochs SET partition_count = partition_count - 1');
    for (const name of GATEWAYS) expect(await readinessOf(name)).toMatch(/^200 /);
  });

  it('ends the persister with the reason, until the command has opened the next epoch; then all goes on', async () => {
    const { roomId, ann, ofAnn } = await roomOfTwo(chat);
    await say(ofAnn, roomId, 3);
    const before = [1, 2, 3].map((seq) => [1, String(seq)] as const);
    await expectRows(roomId, before);
    const persister = running.services['message-persister'];
    await persister.terminate();
    await makeTopicAnew();
    await eventually(() => expect(GATEWAYS.map((name) => running.services[name].isRunning)).toEqual([false, false]), {
      deadlineMs: NOTICE_DEADLINE_MS,
    });
    const refused = await runPersister();
    expect(refused.code).toBe(1);
    expect(refused.output).toMatch(/position \d+ of partition \d is outside the log, which goes from 0 to 0/);
    expect(await runPersister('--open-log-epoch')).toMatchObject({
      code: 0,
      output: expect.stringMatching(/Log epoch 1 is closed\. Log epoch 2 is open/) as string,
    });
    await Promise.all([persister, ...GATEWAYS.map((name) => running.services[name])].map((service) => service.start()));
    await say(await chat.connect(ann), roomId, 2);
    await expectRows(roomId, [...before, [2, '4'], [2, '5']]);
  }, 120_000);
});
