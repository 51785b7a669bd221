import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { asMessageId, asRoomId, asUserId, type MessageDTO } from '@chat/dto';
import { encodeRecord, partitionOf } from '@chat/kafka-contracts';
import { kafkaUnderTest, type KafkaUnderTest } from '@chat/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packPackages } from './packed-packages.ts';

const FIXTURE = join(import.meta.dirname, '../../fixtures/contracts-consumer');
/** From npm's cache, or over a slow line; and each run of a compiler or consumer on a busy machine. */
const INSTALL_DEADLINE_MS = 180_000;
const RUN_DEADLINE_MS = 60_000;
const PARTITIONS = 3;

let folder: string;
let kafka: KafkaUnderTest;
let topic: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'contracts-consumer-'));
  kafka = await kafkaUnderTest();
  topic = `${kafka.topicPrefix}chat-messages`;
  await Promise.all([install(), writeRecords()]);
}, INSTALL_DEADLINE_MS);

afterAll(async () => {
  await kafka?.cleanUp();
  rmSync(folder, { recursive: true, force: true });
});

/** A project outside the workspace, with the packages as npm would publish them. */
async function install(): Promise<void> {
  cpSync(FIXTURE, folder, { recursive: true });
  const packages = await packPackages(folder);
  const file = join(folder, 'package.json');
  const manifest = JSON.parse(readFileSync(file, 'utf8')) as { dependencies: Record<string, string> }; // of the fixture
  for (const { name, tarball } of packages) manifest.dependencies[name] = `file:${tarball}`;
  writeFileSync(file, JSON.stringify(manifest));
  await run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts'], INSTALL_DEADLINE_MS);
}

const ROOM = asRoomId(1);
const message = (id: number, more: Partial<MessageDTO> = {}): MessageDTO => ({
  ...{ id: asMessageId(id), senderId: asUserId(1), roomId: ROOM, content: `message ${id}` },
  ...{ type: 'GROUP', timestamp: '2025-04-29T15:23:00Z', ...more },
});

function recordOf(value: MessageDTO) {
  const headers = { 'sender-id': '1', 'client-message-id': `c-${value.id}` };
  const metadata = { id: String(value.id), source: '/spec', time: value.timestamp, headers };
  const { value: bytes, ...record } = encodeRecord('chat-messages', ROOM, value, metadata);
  return { ...record, headers: { ...record.headers }, value: Buffer.from(bytes) };
}

/** What counts, what repeats, and what does not count, of one room and so of one partition. */
async function writeRecords(): Promise<void> {
  await kafka.createTopic(topic, PARTITIONS);
  const edit = message(2, { kind: 'EDIT', targetId: asMessageId(1), content: 'edited' });
  const later = { ...message(5), kind: 'POLL' as never };
  const producer = kafka.kafka.producer();
  await producer.connect();
  await producer.send({
    topic,
    acks: -1,
    messages: [
      recordOf(message(1)),
      recordOf(edit),
      recordOf(message(1)),
      { key: '1', value: 'no JSON' },
      recordOf(later),
      { key: '1', value: JSON.stringify({ ...message(6), addedLater: true }) },
    ].map((record) => ({ ...record, partition: partitionOf('1', PARTITIONS) })),
  });
  await producer.disconnect();
}

async function run(command: string, args: readonly string[], timeout = RUN_DEADLINE_MS): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(command, args, { cwd: folder, timeout });
    return stdout;
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string }; // of execFile
    throw new Error(`${command} ${args.join(' ')} failed:\n${stdout}${stderr}`, { cause: error });
  }
}

const linesOf = (output: string) => output.trimEnd().split('\n');

/** What the program in TypeScript prints when it begins at this offset of the room's partition. */
async function readFrom(offset: number): Promise<readonly Record<string, unknown>[]> {
  const offsets = Array.from({ length: PARTITIONS }, () => offset);
  const output = await run(process.execPath, [
    'read-messages.ts',
    kafka.brokers.join(','),
    topic,
    JSON.stringify(offsets),
  ]);
  return linesOf(output).map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe('a service of somebody else that installs the packages', { timeout: 2 * RUN_DEADLINE_MS }, () => {
  it.each(['nodenext', 'bundler'])(
    'is compiled with moduleResolution %s, its libraries included',
    async (resolution) => {
      expect(
        await run(process.execPath, ['node_modules/typescript/bin/tsc', '-p', `tsconfig.${resolution}.json`]),
      ).toBe('');
    },
  );

  it('loads the SDK where there is no DOM', async () => {
    const code = "import * as sdk from '@chat/client'; console.log(typeof sdk.createChatClient)";
    expect(await run(process.execPath, ['--input-type=module', '-e', code])).toBe('function\n');
  });

  it('reads messages with their positions, knows repeats, and passes over what does not count', async () => {
    const partition = partitionOf('1', PARTITIONS);
    expect(await readFrom(0)).toEqual([
      { position: { partition, offset: 0 }, message: message(1), isRepeat: false },
      {
        position: { partition, offset: 1 },
        message: message(2, { kind: 'EDIT', targetId: asMessageId(1), content: 'edited' }),
        target: 1,
        isRepeat: false,
      },
      { position: { partition, offset: 2 }, message: message(1), isRepeat: true },
      { position: { partition, offset: 3 }, refused: 'the value is not JSON' },
      { position: { partition, offset: 4 }, refused: expect.stringMatching(/^kind: /) },
      { position: { partition, offset: 5 }, message: message(6), isRepeat: false },
    ]);
  });

  it('goes on from the position where it was', async () => {
    const lines = await readFrom(5);
    expect(lines.map(({ position }) => position)).toEqual([{ partition: partitionOf('1', PARTITIONS), offset: 5 }]);
  });

  it('does the same in plain JavaScript, with the JSON Schema at hand', async () => {
    const args = ['read-messages.js', kafka.brokers.join(','), topic, String(PARTITIONS), '6'];
    expect(linesOf(await run(process.execPath, args))).toEqual([
      'urn:chat:topic:chat-messages:value',
      'message 1',
      'edited',
      'message 1',
      'refused: the value is not JSON',
      expect.stringMatching(/^refused: kind: /),
      'message 6',
    ]);
  });
});
