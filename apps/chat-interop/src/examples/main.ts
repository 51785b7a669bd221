import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { MessageDTO } from '@chat/dto';
import { kafkaUnderTest, type KafkaUnderTest } from '@chat/testing';
import { readConfig } from '../config.ts';
import type { ClientProgram } from '../languages/language.ts';
import { runTool } from '../languages/run-tool.ts';
import { prepareClients } from '../prepare-clients.ts';
import { runProgram } from '../run-program.ts';
import { exampleRecords, problemsIn, type ExampleRecord } from './example-records.ts';
import { EXAMPLES } from './example-table.ts';

// `node main.ts prepare|run`, started by `npm run test:examples`: the programs of docs/examples read records of a real Kafka.
// `prepare` only fetches and builds them. Exit status 0: each said what is so of every record, 1: one did not.

await runProgram(main);

async function main(): Promise<number> {
  const { rootDir, cacheDir } = readConfig(process.env);
  const programs = await prepareClients(EXAMPLES, { projectDir: join(rootDir, 'docs/examples'), cacheDir });
  if (process.argv[2] === 'prepare') return 0;
  const fixtures = readFileSync(join(rootDir, 'libs/dto/fixtures/MessageDTO.json'), 'utf8');
  const records = exampleRecords(JSON.parse(fixtures) as Record<string, MessageDTO>); // ours
  const kafka = await kafkaUnderTest();
  try {
    const topic = `${kafka.topicPrefix}chat-messages`;
    await publish(kafka, topic, records);
    const args = [kafka.brokers.join(','), topic, join(rootDir, 'libs/kafka-contracts/schemas')];
    const counts = await Promise.all([...programs].map(([name, program]) => judge(name, program, args, records)));
    return counts.every((count) => count === 0) ? 0 : 1;
  } finally {
    await kafka.cleanUp();
  }
}

async function publish(kafka: KafkaUnderTest, topic: string, records: readonly ExampleRecord[]): Promise<void> {
  await kafka.createTopic(topic, 1);
  const producer = kafka.kafka.producer();
  await producer.connect();
  const messages = records.map(({ key, value, headers }) => ({
    ...{ key, value: value === null ? null : Buffer.from(value) },
    headers: headers as Record<string, string>, // of these records none is anything else
  }));
  await producer.send({ topic, acks: -1, messages });
  await producer.disconnect();
}

/** How many records the program judged in another way than expected; says which. */
async function judge(
  name: string,
  { command, args, env }: ClientProgram,
  more: readonly string[],
  records: readonly ExampleRecord[],
): Promise<number> {
  const said = runTool(command, [...args, ...more], { env });
  const problems = await said.then((output) => problemsIn(output, records), reasonOf);
  for (const problem of problems) console.log(`${name}: ${problem}`);
  if (problems.length === 0) console.log(`${name}: ${records.length} records are judged as they should be`);
  return problems.length;
}

/** Of a program that fails: as if this were the one thing wrong. */
function reasonOf(error: unknown): readonly string[] {
  return [error instanceof Error ? error.message : String(error)];
}
