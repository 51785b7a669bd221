import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../eventually.ts';
import { KAFKA_API, type KafkaFrame } from './kafka-frames.ts';
import { openKafkaProxy, type TrapProxy } from './tcp-proxy.ts';

const BODY_BYTES = 100;
const REQUEST_BYTES = 12 + BODY_BYTES;
const REPLY_BYTES = 12;

let broker: Server;
let proxy: TrapProxy<KafkaFrame>;
let client: Socket;
let came: Buffer;
let answered: Buffer;

/** A broker that answers every request with its correlation id and the four bytes "done". */
beforeEach(async () => {
  [came, answered] = [Buffer.alloc(0), Buffer.alloc(0)];
  broker = createServer((socket) => {
    let answeredBytes = 0;
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => {
      came = Buffer.concat([came, bytes]);
      for (; came.length - answeredBytes >= REQUEST_BYTES; answeredBytes += REQUEST_BYTES) {
        socket.write(
          Buffer.concat([int32(8), came.subarray(answeredBytes + 8, answeredBytes + 12), Buffer.from('done')]),
        );
      }
    });
  });
  broker.listen(0, '127.0.0.1');
  await once(broker, 'listening');
  proxy = await openKafkaProxy({ host: '127.0.0.1', port: (broker.address() as AddressInfo).port });
  client = connect(proxy.port, proxy.host);
  client.on('data', (bytes) => (answered = Buffer.concat([answered, bytes])));
  client.on('error', () => undefined);
  await once(client, 'connect');
});
afterEach(async () => {
  client.destroy();
  await proxy.close();
  broker.close();
});

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

function ask(apiKey: number, correlationId: number): void {
  const key = Buffer.from([0, apiKey, 0, 7]);
  client.write(Buffer.concat([int32(8 + BODY_BYTES), key, int32(correlationId), Buffer.alloc(BODY_BYTES, 0xee)]));
}
const isProduceReply = ({ direction, apiKey }: KafkaFrame) => direction === 'reply' && apiKey === KAFKA_API.produce;
const isRequest = ({ direction }: KafkaFrame) => direction === 'request';
const hearsReplies = (count: number) => eventually(() => expect(answered).toHaveLength(count * REPLY_BYTES));

describe('a trap', () => {
  it('holds the reply to one kind of request until its work is done; others pass', async () => {
    const held = Promise.withResolvers<void>();
    const acting = Promise.withResolvers<void>();
    const trap = proxy.trap({ matches: isProduceReply, act: () => (acting.resolve(), held.promise) });
    ask(KAFKA_API.metadata, 1);
    await hearsReplies(1);
    ask(KAFKA_API.produce, 2);
    await acting.promise;
    expect(came).toHaveLength(2 * REQUEST_BYTES);
    expect(answered).toHaveLength(REPLY_BYTES);
    held.resolve();
    expect(await trap.sprung).toMatchObject({ correlationId: 2, apiKey: KAFKA_API.produce });
    await hearsReplies(2);
  });

  it.each([
    ['start', 0],
    ['half', REQUEST_BYTES / 2],
    ['end', REQUEST_BYTES],
  ] as const)('acts when the %s of the frame has passed', async (at, passedBytes) => {
    const trap = proxy.trap({
      at,
      matches: ({ correlationId }) => correlationId === 2,
      act: () => eventually(() => expect(came).toHaveLength(REQUEST_BYTES + passedBytes)),
    });
    for (const id of [1, 2, 3]) ask(KAFKA_API.produce, id);
    await trap.sprung;
    await hearsReplies(3);
    expect(came).toHaveLength(3 * REQUEST_BYTES);
  });

  it('loses an acknowledgement with its connection', async () => {
    proxy.trap({ matches: isProduceReply, act: (_, connection) => connection.reset() });
    ask(KAFKA_API.produce, 1);
    await expect(once(client, 'close')).rejects.toThrow('ECONNRESET');
    expect(came).toHaveLength(REQUEST_BYTES);
    expect(answered).toHaveLength(0);
  });

  it('answers in the place of the broker', async () => {
    proxy.trap({
      matches: isProduceReply,
      replace: (whole) => Buffer.concat([whole.subarray(0, 8), Buffer.from('fail')]),
    });
    ask(KAFKA_API.produce, 1);
    await hearsReplies(1);
    expect(answered.subarray(8).toString()).toBe('fail');
  });

  it('catches as many frames as it says, and none once it is removed', async () => {
    const twice = proxy.trap({ matches: isRequest, times: 2 });
    for (const id of [1, 2, 3]) ask(KAFKA_API.produce, id);
    await hearsReplies(3);
    expect(twice.count).toBe(2);
    const removed = proxy.trap({ matches: isRequest });
    removed.remove();
    ask(KAFKA_API.produce, 4);
    await hearsReplies(4);
    expect(removed.count).toBe(0);
  });

  it('tells of work that failed, and lets the frame pass', async () => {
    const trap = proxy.trap({
      matches: isRequest,
      act: () => {
        throw new Error('no such process');
      },
    });
    ask(KAFKA_API.produce, 1);
    await expect(trap.sprung).rejects.toThrow('no such process');
    await hearsReplies(1);
  });

  it('finds frames that come one byte at a time', async () => {
    proxy.slow({ sliceBytes: 1 });
    const trap = proxy.trap({ matches: isProduceReply });
    ask(KAFKA_API.produce, 9);
    expect(await trap.sprung).toMatchObject({ correlationId: 9 });
  });
});
