import { eventually } from '@chat/testing';
import { describe, expect, it } from 'vitest';
import { marked } from './clients/content.ts';
import { newPerson } from './clients/person.ts';
import { rawFrame } from './clients/raw-connection.ts';
import { useSharedChat } from './shared-chat.ts';

const chat = useSharedChat();

const NUL = '\u0000';
const KIB = 1_024;

interface Fault {
  readonly name: string;
  readonly bytes: string | Uint8Array;
  readonly closeCode: number;
  /** A text that ERROR names, such as the limit. */
  readonly says?: string;
  /** The receipt id was readable before the fault. */
  readonly hasReceipt?: boolean;
}

const frameOfBytes = (length: number) => {
  const head = `SEND\ndestination:/app/heartbeat\nreceipt:r9\n\n`;
  return `${head}${'x'.repeat(length - head.length - 1)}${NUL}`;
};

const FAULTS: readonly Fault[] = [
  { name: 'a header without a colon', bytes: `SEND\ndestination\n\n${NUL}`, closeCode: 1002 },
  { name: 'an undefined escape sequence', bytes: `SEND\ndestination:/app/heart\\tbeat\n\n${NUL}`, closeCode: 1002 },
  {
    name: 'a content-length that is no number',
    bytes: `SEND\ndestination:/app/heartbeat\ncontent-length:x\n\n${NUL}`,
    closeCode: 1002,
  },
  {
    name: 'a content-length without a NUL behind it',
    bytes: `SEND\ndestination:/app/heartbeat\ncontent-length:2\n\nabcd${NUL}`,
    closeCode: 1002,
  },
  { name: 'bytes that are no UTF-8', bytes: Buffer.from([0x53, 0xff, 0xfe, 0x0a, 0x0a, 0x00]), closeCode: 1002 },
  { name: 'an unknown frame command', bytes: rawFrame('JUMP', { receipt: 'r9' }), closeCode: 1002 },
  {
    name: 'a frame command in small letters',
    bytes: rawFrame('send', { destination: '/app/heartbeat' }),
    closeCode: 1002,
  },
  { name: 'a frame command of the server', bytes: rawFrame('MESSAGE', { receipt: 'r9' }), closeCode: 1002 },
  {
    name: 'a second CONNECT',
    bytes: rawFrame('CONNECT', { 'accept-version': '1.2', receipt: 'r9' }),
    closeCode: 1002,
    hasReceipt: true,
  },
  {
    name: 'a SEND to an unknown destination',
    bytes: rawFrame('SEND', { destination: '/app/nothing', receipt: 'r9' }),
    closeCode: 1002,
    hasReceipt: true,
  },
  {
    name: 'a SEND to a destination that is only subscribed to',
    bytes: rawFrame('SEND', { destination: '/topic/chat_rooms/1', receipt: 'r9' }, marked('{}')),
    closeCode: 1002,
    hasReceipt: true,
  },
  {
    name: 'a SEND without a destination',
    bytes: rawFrame('SEND', { receipt: 'r9' }),
    closeCode: 1002,
    hasReceipt: true,
  },
  {
    name: 'a SEND to a room whose id is none',
    bytes: rawFrame('SEND', { destination: '/app/chat.send/01', receipt: 'r9' }),
    closeCode: 1002,
    hasReceipt: true,
  },
  {
    name: 'a SUBSCRIBE to an unknown destination',
    bytes: rawFrame('SUBSCRIBE', { id: 's', destination: '/topic/nothing', receipt: 'r9' }),
    closeCode: 1002,
    hasReceipt: true,
  },
  {
    name: 'a SUBSCRIBE without an id',
    bytes: rawFrame('SUBSCRIBE', { destination: '/topic/commands', receipt: 'r9' }),
    closeCode: 1002,
    hasReceipt: true,
  },
  {
    name: 'an UNSUBSCRIBE of an unknown id',
    bytes: rawFrame('UNSUBSCRIBE', { id: 'nobody', receipt: 'r9' }),
    closeCode: 1002,
    hasReceipt: true,
  },
  { name: 'a frame over 64 KiB', bytes: frameOfBytes(64 * KIB + 1), closeCode: 1009, says: '65536' },
  {
    name: 'a header line over 8 KiB',
    bytes: rawFrame('SEND', { destination: '/app/heartbeat', long: 'x'.repeat(8_193) }),
    closeCode: 1002,
    says: '8192',
  },
  {
    name: 'more than 64 headers',
    bytes: rawFrame('SEND', Object.fromEntries(Array.from({ length: 65 }, (_, at) => [`h${at}`, 'x']))),
    closeCode: 1002,
    says: '64',
  },
];

describe('a protocol fault', () => {
  it.each(FAULTS)(
    'gets ERROR, then close, and hurts nobody else: $name',
    async ({ bytes, closeCode, says, hasReceipt }) => {
      const alice = newPerson('alice');
      const bob = newPerson('bob');
      const roomId = await chat.createRoomOf(alice, bob);
      const other = await chat.connect(bob, 0);
      const room = await other.subscribe(`/topic/chat_rooms/${roomId}`);
      const connection = await chat.openRaw(0);
      await connection.connect(alice.token);

      connection.sendBytes(bytes);
      const behind = rawFrame('SEND', { destination: `/app/chat.send/${roomId}` }, `{"content":"${marked('behind')}"}`);
      connection.sendBytes(behind);

      const error = await connection.next('ERROR');
      expect(error.headers['message']).toBeTruthy();
      if (says !== undefined) expect(`${error.headers['message']} ${error.body}`).toContain(says);
      if (hasReceipt === true) expect(error.headers['receipt-id']).toBe('r9');
      expect((await connection.ended()).code).toBe(closeCode);
      expect(connection.frames.at(-1)?.command).toBe('ERROR');
      const messageId = await other.sendMessage(roomId, marked('undisturbed'));
      await eventually(() => expect(room.messages.map(({ headers }) => headers['message-id'])).toEqual([messageId]));
      expect(other.isConnected).toBe(true);
    },
  );

  it.each([
    ['SEND', { destination: '/app/heartbeat', receipt: 'r9' }],
    ['SUBSCRIBE', { id: 's', destination: '/topic/commands', receipt: 'r9' }],
    ['DISCONNECT', { receipt: 'r9' }],
  ])('is a %s before CONNECT', async (command, headers) => {
    const connection = await chat.openRaw();

    connection.sendFrame(command, headers);

    expect((await connection.next('ERROR')).headers['receipt-id']).toBe('r9');
    expect((await connection.ended()).code).toBe(1002);
  });

  it('is no CONNECT within 5 s', async () => {
    const connection = await chat.openRaw();

    await eventually(() => expect(connection.isOpen).toBe(false), { deadlineMs: 8_000 });

    expect(connection.frames.map(({ command }) => command)).toEqual(['ERROR']);
    expect((await connection.ended()).code).toBe(1002);
  });

  it('is a WebSocket message over 256 KiB, which ws closes with 1009 itself', async () => {
    const connection = await chat.openRaw();
    await connection.connect(newPerson('alice').token);

    connection.sendBytes(frameOfBytes(256 * KIB + 1));

    expect((await connection.ended()).code).toBe(1009);
  });

  it('is not a frame of exactly 64 KiB', async () => {
    const connection = await chat.openRaw();
    await connection.connect(newPerson('alice').token);

    connection.sendBytes(frameOfBytes(64 * KIB));

    expect((await connection.next('RECEIPT')).headers['receipt-id']).toBe('r9');
  });

  it('by the thousand leaves the gateway as it was', async () => {
    const { 'ws-gateway-1': pid } = chat.addresses.pids;
    for (let round = 0; round < 10; round += 1) {
      const connections = await Promise.all(Array.from({ length: 20 }, () => chat.openRaw(0)));
      for (const connection of connections) connection.sendBytes(`${NUL}garbage ${round}\n${NUL}`);
      await Promise.all(connections.map((connection) => connection.ended()));
    }

    expect(() => process.kill(pid, 0)).not.toThrow();
    const session = await chat.connect(newPerson('alice'), 0);
    expect(session.isConnected).toBe(true);
  });
});

describe('the port of a gateway', () => {
  it('answers 404 to an upgrade elsewhere than at /ws', async () => {
    const url = chat.addresses.wsUrls[0].replace('ws://', 'http://').replace(/\/ws$/, '/elsewhere');

    expect((await fetch(url)).status).toBe(404);
  });

  it('says 426 to plain HTTP at /ws', async () => {
    expect((await fetch(chat.addresses.wsUrls[0].replace('ws://', 'http://'))).status).toBe(426);
  });
});
