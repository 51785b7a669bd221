import { createLogger } from '@chat/service-kit';
import { describe, expect, it } from 'vitest';
import { createTransactionTransport } from './transactional-transport.ts';

const logger = createLogger('kafka-spec', { level: 'silent', instanceId: 'spec' });
const record = { key: 'a', value: null, headers: {} };
const parts = [3, 5, 8].map((partition, place) => ({ partition, records: [record], bytes: 10, places: [place] }));

interface Sent {
  readonly topic: string;
  readonly messages: ReadonlyArray<{ readonly partition?: number }>;
}

/** kafkajs as far as it is used here: appends at offset 100 + partition, unless a send is to fail or to leave something out. */
function fakeKafkajs({ sendErrors = [] as Error[], silentAbout = -1, connect = () => Promise.resolve() } = {}) {
  const sends: number[][] = [];
  const producers: string[] = [];
  const shut: number[] = [];
  let isActive = false;
  const send = ({ messages }: Sent) => {
    const partitions = messages.map(({ partition }) => partition ?? -1);
    sends.push(partitions);
    const error = sendErrors.shift();
    if (error !== undefined) return Promise.reject(error);
    const told = partitions.filter((partition) => partition !== silentAbout);
    return Promise.resolve(told.map((partition) => ({ partition, baseOffset: String(100 + partition) })));
  };
  const transaction = {
    isActive: () => isActive,
    send,
    sendBatch: ({ topicMessages }: { topicMessages: readonly Sent[] }) => send(topicMessages[0] as Sent),
    commit: () => ((isActive = false), Promise.resolve()),
  };
  const client = {
    transactionalId: () => `id-${producers.length}`,
    createTransactionalProducer: (id: string) => {
      const number = producers.push(id);
      const begin = () => ((isActive = true), Promise.resolve(transaction));
      return {
        producer: { connect, disconnect: () => Promise.resolve(), transaction: begin },
        sockets: { shut: () => void shut.push(number) },
      };
    },
  };
  type Client = Parameters<typeof createTransactionTransport>[0];
  // only what is used of kafkajs
  return { sends, producers, shut, client: client as unknown as Client };
}

describe('the transactional transport', () => {
  it('sends the first part alone and the others in one request, and names the first offset of each', async () => {
    const { client, sends } = fakeKafkajs();
    const transport = createTransactionTransport(client, logger);
    await transport.initialise();
    await expect(transport.append('topic', parts)).resolves.toEqual([103, 105, 108]);
    expect(sends).toEqual([[3], [5, 8]]);
  });

  it('waits for the markers of the transaction before with the first part alone, so that nothing is appended twice', async () => {
    const isEnding = Object.assign(new Error('concurrent'), { type: 'CONCURRENT_TRANSACTIONS' });
    const wrapped = Object.assign(new Error('retries exceeded'), { cause: isEnding });
    const { client, sends } = fakeKafkajs({ sendErrors: [wrapped, wrapped] });
    const transport = createTransactionTransport(client, logger);
    await transport.initialise();
    await transport.append('topic', parts);
    expect(sends).toEqual([[3], [3], [3], [5, 8]]);
  });

  it('makes one attempt where anything else fails', async () => {
    const { client, sends } = fakeKafkajs({ sendErrors: [new Error('no')] });
    const transport = createTransactionTransport(client, logger);
    await transport.initialise();
    await expect(transport.append('topic', parts)).rejects.toThrow('no');
    expect(sends).toEqual([[3]]);
  });

  it('takes no acknowledgement that leaves a partition out', async () => {
    const { client } = fakeKafkajs({ silentAbout: 8 });
    const transport = createTransactionTransport(client, logger);
    await transport.initialise();
    await expect(transport.append('topic', parts)).rejects.toThrow('partition 8 was acknowledged without an offset');
  });

  it('keeps one producer until it is thrown away, then makes another with the same transactional id', async () => {
    const { client, producers, shut } = fakeKafkajs();
    const transport = createTransactionTransport(client, logger);
    await expect(transport.commit()).rejects.toThrow('not initialised');
    await transport.initialise();
    await transport.initialise();
    await transport.commit();
    await transport.initialise();
    expect(producers).toEqual(['id-0']);
    transport.discard();
    expect(shut).toEqual([1]);
    await expect(transport.append('topic', parts)).rejects.toThrow('not initialised');
    await transport.initialise();
    expect(producers).toEqual(['id-0', 'id-0']);
  });

  it('is not initialised by a producer that was thrown away meanwhile, nor once it is closed', async () => {
    const connected = Promise.withResolvers<void>();
    const { client, producers } = fakeKafkajs({ connect: () => connected.promise });
    const transport = createTransactionTransport(client, logger);
    const initialised = transport.initialise();
    transport.discard();
    connected.resolve();
    await expect(initialised).rejects.toThrow('thrown away');
    await transport.close();
    await expect(transport.initialise()).rejects.toThrow('closed');
    expect(producers).toHaveLength(1);
  });
});
