import { kafkaUnderTest } from '@chat/testing';
import { runStockConsumer } from './stock-consumer.ts';

// `plain-consumer.ts <brokers> <topic>`: a stock kafkajs consumer that does nothing with what it reads but count it. It
// says "ready" once it has joined, and "consumed" when it has read as many as `expect <n>` asked for since the last time.

const [brokers, topic = ''] = process.argv.slice(2);
const { kafka } = await kafkaUnderTest(brokers);
let [consumed, expected] = [0, Infinity];

function tellWhenDone(): void {
  if (consumed < expected) return;
  console.log(`consumed ${consumed}`);
  [consumed, expected] = [0, Infinity];
}

await runStockConsumer({
  kafka,
  topic,
  onBatch: (records) => {
    consumed += records.length;
    tellWhenDone();
  },
  onLine: (line) => {
    expected = Number(/^expect (\d+)$/.exec(line)?.[1]);
    tellWhenDone();
  },
});
