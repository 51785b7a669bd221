import { describe, expect, it, vi } from 'vitest';
import { parseWithAnswer, type KafkajsCluster, type ProduceAnswer, type ProduceRequest } from './kafkajs-cluster.ts';
import type { OutgoingRecord } from './outgoing-record.ts';
import { NeverSentError } from './produce-failure.ts';
import { createRecordTransport } from './record-transport.ts';
import { SocketCount } from './socket-count.ts';

type Request = ProduceRequest;
type Produce = (leader: number, request: Request) => Promise<ProduceAnswer>;

const NOT_LEADER = 6;
const recordOf = (value: string): OutgoingRecord => ({ key: 'k', value: Buffer.from(value), headers: {} });
const partitionsOf = ({ topicData }: Request) =>
  topicData.flatMap(({ topic, partitions }) => partitions.map(({ partition }) => ({ topic, partition })));

/** Every partition is appended at 10 times its number, but where another error code is given for it. */
function answerTo(request: Request, errorCodes: Readonly<Record<number, number>> = {}): ProduceAnswer {
  return {
    topics: request.topicData.map(({ topic, partitions }) => ({
      topicName: topic,
      partitions: partitions.map(({ partition }) => ({
        partition,
        errorCode: errorCodes[partition] ?? 0,
        baseOffset: String(partition * 10),
      })),
    })),
  };
}

/** As kafkajs does it: with the first partition's error. */
function refuse(answer: ProduceAnswer): Promise<ProduceAnswer> {
  return parseWithAnswer(() => Promise.reject(new Error('the first error')), answer);
}

/** Partition n is led by broker n % 2. */
function clusterUnderTest(produce: Produce) {
  const requests: Array<{ readonly leader: number; readonly request: Request }> = [];
  const leaderOf = vi.fn((partition: number) => partition % 2);
  const cluster = {
    connect: vi.fn(async () => {}),
    disconnect: vi.fn(async () => {}),
    isConnected: vi.fn(() => true),
    addMultipleTargetTopics: vi.fn(async () => {}),
    refreshMetadata: vi.fn(async () => {}),
    removeBroker: vi.fn(),
    findTopicPartitionMetadata: () =>
      [0, 1, 2, 3].map((partitionId) => ({ partitionId, leader: leaderOf(partitionId) })),
    findBroker: vi.fn(async ({ nodeId }: { nodeId: number }) => ({
      produce: (request: Request) => {
        requests.push({ leader: nodeId, request });
        return produce(nodeId, request);
      },
    })),
  } satisfies KafkajsCluster;
  const sockets = new SocketCount();
  const transport = createRecordTransport({ createProducerCluster: () => ({ cluster, sockets }) });
  const connect = () =>
    sockets.watch({ once: (event: string, tell: () => void) => event === 'connect' && tell() } as never);
  return { cluster, transport, requests, leaderOf, connect };
}

describe('the way to the leaders', () => {
  it('sends what comes in one turn in one request a leader, and tells each append its own place', async () => {
    const { transport, requests } = clusterUnderTest((_leader, request) => Promise.resolve(answerTo(request)));
    const appended = [1, 2, 3].map((partition) => transport.append('t', partition, [recordOf('a')], 10));
    const other = transport.append('u', 1, [recordOf('b')], 10);
    await expect(Promise.all([...appended, other])).resolves.toEqual([10, 20, 30, 10]);
    expect(requests.map(({ leader, request }) => [leader, partitionsOf(request)])).toEqual([
      [
        1,
        [
          { topic: 't', partition: 1 },
          { topic: 't', partition: 3 },
          { topic: 'u', partition: 1 },
        ],
      ],
      [0, [{ topic: 't', partition: 2 }]],
    ]);
    expect(requests.every(({ request }) => request.acks === -1)).toBe(true);
  });

  it('fails only the partition that was refused, and learns the leaders anew', async () => {
    const { transport, cluster, leaderOf, requests } = clusterUnderTest((_leader, request) =>
      refuse(answerTo(request, { 3: NOT_LEADER })),
    );
    const [first, second] = [1, 3].map((partition) => transport.append('t', partition, [recordOf('a')], 10));
    await expect(first).resolves.toBe(10);
    await expect(second).rejects.toMatchObject({ type: 'NOT_LEADER_FOR_PARTITION' });
    await vi.waitFor(() => expect(cluster.refreshMetadata).toHaveBeenCalled());
    leaderOf.mockReturnValue(0);
    await transport.append('t', 1, [recordOf('b')], 10);
    expect(requests.at(-1)?.leader).toBe(0);
  });

  it('is certain that nothing was sent where a partition has no leader', async () => {
    const { transport, cluster, leaderOf, requests } = clusterUnderTest(() => Promise.reject(new Error('not asked')));
    leaderOf.mockReturnValue(-1);
    await expect(transport.append('t', 1, [recordOf('a')], 10)).rejects.toBeInstanceOf(NeverSentError);
    expect(cluster.refreshMetadata).toHaveBeenCalled();
    expect(requests).toEqual([]);
  });

  it('is certain that nothing was sent where there was no connection, and not where there was one', async () => {
    const lost = new Error('the connection was cut');
    const { transport, connect } = clusterUnderTest(() => Promise.reject(lost));
    await expect(transport.append('t', 1, [recordOf('a')], 10)).rejects.toBeInstanceOf(NeverSentError);
    connect();
    await expect(transport.append('t', 1, [recordOf('a')], 10)).rejects.toBe(lost);
  });

  it('forgets a broker whose connection was closed, and connects anew before it sends more', async () => {
    const closed = Object.assign(new Error('closed'), { name: 'KafkaJSConnectionClosedError', host: 'h', port: 1 });
    const { transport, cluster } = clusterUnderTest(() => Promise.reject(closed));
    cluster.isConnected.mockReturnValueOnce(true).mockReturnValue(false);
    await expect(transport.append('t', 1, [recordOf('a')], 10)).rejects.toThrow();
    await vi.waitFor(() => expect(cluster.refreshMetadata).toHaveBeenCalled());
    expect(cluster.removeBroker).toHaveBeenCalledWith(closed);
    expect(cluster.connect).toHaveBeenCalled();
  });

  it('fails an append of which the broker said nothing', async () => {
    const { transport } = clusterUnderTest(() => Promise.resolve({ topics: [] }));
    await expect(transport.append('t', 1, [recordOf('a')], 10)).rejects.toThrow('the broker said nothing of t/1');
  });
});
