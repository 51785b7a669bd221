import { openFaultParts, type FaultLink, type FaultParts } from '@chat/local-stack';
import { eventually } from '@chat/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { damageNextBatch, holdNextBatch, loseAnswers, nextAnswer } from './produce-faults.ts';
import { openPublisherUnderFault } from './publisher-under-fault.ts';
import { openStockProducer } from './stock-producer.ts';
import { openTwoPartitions, type TwoPartitions } from './two-partitions.ts';

/** Of our publisher where it is to outlast the fault, in ms. */
const PATIENT_MS = 60_000;
/** Of our publisher where it is to give up, in ms: less than it waits for one answer. */
const IMPATIENT_MS = 1_000;
/** In partition 0, led by broker 1. */
const [WARM_UP, FIRST, SECOND] = [
  { partition: 0, id: '9' },
  { partition: 0, id: '1' },
  { partition: 0, id: '2' },
];
/** In partition 1, led by broker 2. */
const ELSEWHERE = { partition: 1, id: '3' };

let parts: FaultParts;
let link: FaultLink;
let topic: TwoPartitions;
let closings: (() => Promise<void>)[];

beforeAll(async () => {
  parts = await openFaultParts({ env: process.env, links: ['producer'] });
  link = parts.link('producer');
});
afterAll(async () => {
  await parts?.close();
});
beforeEach(async () => {
  closings = [];
  topic = await openTwoPartitions(parts);
  closings.push(() => topic.cleanUp());
});
afterEach(async () => {
  for (const close of closings.reverse()) await close();
});

async function stockProducer(config: Parameters<typeof openStockProducer>[2] = {}) {
  const producer = await openStockProducer(link, topic.topic, config);
  closings.push(() => producer.close());
  // From here on a broker's next answer is not to what a producer asks at its start.
  await producer.send(WARM_UP);
  return producer;
}

async function ourPublisher(deadlineMs = PATIENT_MS) {
  const publisher = await openPublisherUnderFault(link, topic, deadlineMs);
  closings.push(() => publisher.close());
  return publisher;
}

/** What readers see: of the records with one id the first counts. */
const seenIn = async (partition: number) => [...new Set(await topic.idsIn(partition))];

describe('a leader that changes within one send to two brokers', () => {
  /** Broker 2 dies before its batch has arrived, when broker 1, which leads all from then on, has acknowledged its own. */
  const killLeader = () => {
    const acknowledged = nextAnswer(link, 1);
    return holdNextBatch(link, 2, async () => {
      await acknowledged;
      await parts.broker(2).kill();
      await topic.leaderIs(1, 1);
    });
  };

  it('makes the stock client acknowledge a record that it has never sent', async () => {
    const producer = await stockProducer({ retry: { retries: 20, maxRetryTime: 1_000 } });
    const killed = killLeader();
    await producer.send(FIRST, ELSEWHERE);
    await killed.sprung;
    expect(await topic.idsIn(0)).toEqual([WARM_UP.id, FIRST.id]);
    expect(await topic.idsIn(1)).toEqual([]);
  });

  it('costs ours nothing', async () => {
    const publisher = await ourPublisher();
    const killed = killLeader();
    await Promise.all([publisher.publish(FIRST), publisher.publish(ELSEWHERE)]);
    await killed.sprung;
    expect(await seenIn(0)).toEqual([FIRST.id]);
    expect(await seenIn(1)).toEqual([ELSEWHERE.id]);
  });
});

describe('two sends at once of which one answer is lost', () => {
  it('make the idempotent stock client lose the one and append the other twice, both acknowledged', async () => {
    const producer = await stockProducer({ idempotent: true });
    const lost = loseAnswers(link, 1, 1);
    const first = producer.send(FIRST);
    await lost.sprung;
    await Promise.all([first, producer.send(SECOND)]);
    expect(await topic.idsIn(0)).toEqual([WARM_UP.id, FIRST.id, FIRST.id]);
  });

  it('end with each record once and in order with ours', async () => {
    const publisher = await ourPublisher();
    const lost = loseAnswers(link, 1, 1);
    const first = publisher.publish(FIRST);
    await lost.sprung;
    await Promise.all([first, publisher.publish(SECOND)]);
    expect(await seenIn(0)).toEqual([FIRST.id, SECOND.id]);
  });
});

describe('a send that is given up, and the next one', () => {
  it('make the idempotent stock client acknowledge a record that the broker took for a repeat', async () => {
    const producer = await stockProducer({ idempotent: true, retry: { retries: 1 } });
    loseAnswers(link, 1, 2);
    await expect(producer.send(FIRST)).rejects.toThrow();
    await producer.send(SECOND);
    expect(await topic.idsIn(0)).toEqual([WARM_UP.id, FIRST.id]);
  });

  it('end with the acknowledged record in the log with ours', async () => {
    const publisher = await ourPublisher(IMPATIENT_MS);
    loseAnswers(link, 1, 2);
    await expect(publisher.publish(FIRST)).rejects.toMatchObject({ code: 'UNKNOWN' });
    // Refused as never sent while the attempt before it is still waited for, and of unknown outcome where its answer is lost.
    await eventually(() => publisher.publish(SECOND), { deadlineMs: PATIENT_MS });
    expect(await seenIn(0)).toEqual([FIRST.id, SECOND.id]);
  });
});

describe('two plain sends at once of which the first has to be repeated', () => {
  it('come in the other order with the stock client', async () => {
    const producer = await stockProducer({ retry: { initialRetryTime: 1_000 } });
    const damaged = damageNextBatch(link, 1);
    const first = producer.send(FIRST);
    await damaged.sprung;
    await Promise.all([first, producer.send(SECOND)]);
    expect(await topic.idsIn(0)).toEqual([WARM_UP.id, SECOND.id, FIRST.id]);
  });

  it('keep their order with ours', async () => {
    const publisher = await ourPublisher();
    const damaged = damageNextBatch(link, 1);
    const first = publisher.publish(FIRST);
    await damaged.sprung;
    await Promise.all([first, publisher.publish(SECOND)]);
    expect(await topic.idsIn(0)).toEqual([FIRST.id, SECOND.id]);
  });
});
