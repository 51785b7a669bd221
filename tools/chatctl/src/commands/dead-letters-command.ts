import { countDeadLetters, kafkaSettings, KafkaClient, readDeadLetters, type DeadLetter } from '@chat/kafka';
import type { TopicName } from '@chat/kafka-contracts';
import { createLogger, readConfig } from '@chat/service-kit';
import { partsOf } from '../config.ts';
import type { CommandContext } from '../context.ts';
import { UsageError } from '../failure.ts';
import { columns } from '../output/columns.ts';
import { printable } from '../output/printable.ts';

export interface DeadLettersOptions {
  /** All of them are counted where none is named. */
  readonly topic?: TopicName | undefined;
  /** Of the newest ones. */
  readonly limit: number;
  /** What users wrote is shown only where somebody asks for it. */
  readonly values: boolean;
}

const NAME = 'chatctl-dead-letters';
const logger = createLogger(NAME, { level: 'silent', instanceId: NAME });

/** How many records were set aside, or those of a topic: which, when, why and whose. Changes nothing. */
export async function deadLettersCommand(context: CommandContext, options: DeadLettersOptions): Promise<void> {
  const { environment, output } = context;
  const env = partsOf(environment);
  if (env['KAFKA_BROKERS'] === undefined) {
    throw new UsageError('No Kafka is known: run `npm start`, or set KAFKA_BROKERS as the apps have it');
  }
  const client = new KafkaClient({ ...readConfig(kafkaSettings, env), clientId: NAME, logger });
  const { topic, limit, values } = options;
  if (topic === undefined) {
    const topics = Array.from(await countDeadLetters(client), ([name, count]) => ({ topic: name, count }));
    const rows = topics.map(({ topic: name, count }) => [name, String(count)]);
    return output.result({ topics }, () => columns(rows).join('\n'));
  }
  const letters = (await readDeadLetters(client, { topic, maxCount: limit })).map((letter) => shownOf(letter, values));
  for (const letter of letters) output.result(letter, () => describe(letter));
  if (letters.length === 0) output.note(`No record of ${topic} lies in ${topic}.dlq`);
}

type ShownLetter = ReturnType<typeof shownOf>;

/** As JSON has it: texts where the bytes are some, else base64. */
function shownOf({ key, value, ...letter }: DeadLetter, hasValue: boolean) {
  return { ...letter, key: textOf(key), valueBytes: value?.length ?? null, ...(hasValue && { value: textOf(value) }) };
}

function textOf(bytes: Uint8Array | null): string | null {
  if (bytes === null) return null;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return `base64:${Buffer.from(bytes).toString('base64')}`;
  }
}

function describe(letter: ShownLetter): string {
  const { at, sourcePartition, sourceOffset, key, valueBytes, producer, reason, value } = letter;
  const place = `partition ${sourcePartition ?? '?'}, offset ${sourceOffset ?? '?'}`;
  const size = valueBytes === null ? 'no value' : `${valueBytes} bytes`;
  const line = `${at ?? '?'}  ${place}, key ${key ?? 'none'}, ${size}, by ${producer ?? 'nobody known'}: ${reason ?? '?'}`;
  return [line, ...(typeof value === 'string' ? [`  ${value}`] : [])].map(printable).join('\n');
}
