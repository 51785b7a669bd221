import { createInterface } from 'node:readline';
import { kafkaUnderTest } from '@chat/testing';

// `plain-consumer.ts <brokers> <topic>`: a stock kafkajs consumer that does nothing with what it reads but count it. It
// says "ready" once it has joined, and "consumed" when it has read as many as `expect <n>` asked for since the last time.

const [brokers, topic = ''] = process.argv.slice(2);
const { kafka } = await kafkaUnderTest(brokers);
const consumer = kafka.consumer({ groupId: `${topic}-plain` });
let [consumed, expected] = [0, Infinity];

function tellWhenDone(): void {
  if (consumed < expected) return;
  console.log(`consumed ${consumed}`);
  [consumed, expected] = [0, Infinity];
}

await consumer.connect();
await consumer.subscribe({ topics: [topic], fromBeginning: true });
consumer.on('consumer.group_join', () => console.log('ready'));
await consumer.run({
  autoCommit: false,
  eachBatch: ({ batch }) => {
    consumed += batch.messages.length;
    tellWhenDone();
    return Promise.resolve();
  },
});
createInterface({ input: process.stdin })
  .on('line', (line) => {
    expected = Number(/^expect (\d+)$/.exec(line)?.[1]);
    tellWhenDone();
  })
  .on('close', () => process.exit(0));
