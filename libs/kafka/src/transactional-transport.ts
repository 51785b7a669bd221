import { pause, withDeadline, type Logger } from '@chat/service-kit';
import type { Producer, RecordMetadata, Transaction } from 'kafkajs';
import type { BrokerSockets } from './broker-sockets.ts';
import { PRODUCE_ACK_TIMEOUT_MS, type KafkaClient } from './client.ts';
import { causesOf } from './error-causes.ts';
import { toMessages } from './kafkajs-messages.ts';
import type { TransactionPart } from './transaction-parts.ts';

/** Pause before brokers that still write the markers of the transaction before are asked again, in ms. */
const STILL_ENDING_RETRY_MS = 10;
const DISCONNECT_DEADLINE_MS = 1_000;

/** What transactions need of a producer, in this order; replaced in tests. One call at a time. */
export interface TransactionTransport {
  /**
   * Makes a producer where there is none: once this resolves, whatever the one before left open is ended and nothing of it
   * is taken any more. At once where there is one. Rejects where it is discarded meanwhile.
   */
  initialise(): Promise<void>;
  /**
   * Begins a transaction and appends each part, in one batch, to its partition of a topic (by its name on the cluster);
   * answers the offset of the first record of each. One attempt.
   */
  append(topic: string, parts: readonly TransactionPart[]): Promise<readonly number[]>;
  /** One attempt. Where it fails the transaction may be committed all the same. */
  commit(): Promise<void>;
  /** Throws the producer away after an error: nothing of it leaves this process any more. */
  discard(): void;
  close(): Promise<void>;
}

interface OwnProducer {
  readonly producer: Producer;
  readonly sockets: BrokerSockets;
  transaction: Transaction | null;
}

/** A kafkajs producer with a transactional id of its own, made when it is first needed, and anew after each error. */
export function createTransactionTransport(
  client: Pick<KafkaClient, 'transactionalId' | 'createTransactionalProducer'>,
  logger: Logger,
): TransactionTransport {
  const transactionalId = client.transactionalId();
  let current: OwnProducer | null = null;
  let isClosed = false;

  async function initialise(): Promise<void> {
    if (isClosed) throw new Error('the transactional transport is closed');
    const own = (current ??= { ...client.createTransactionalProducer(transactionalId), transaction: null });
    if (own.transaction?.isActive() === true) return;
    await own.producer.connect();
    own.transaction = await own.producer.transaction(); // nothing is sent for it but, the first time, InitProducerId
    if (current !== own) throw new Error('the producer was thrown away');
  }

  function begun(): Transaction {
    if (!current?.transaction) throw new Error('the transactional producer is not initialised');
    return current.transaction;
  }

  async function end(own: OwnProducer): Promise<void> {
    try {
      await withDeadline(own.producer.disconnect(), DISCONNECT_DEADLINE_MS, 'disconnecting a transactional producer');
    } catch (error) {
      logger.debug({ err: error }, 'a transactional producer did not disconnect');
    } finally {
      own.sockets.shut();
    }
  }

  return {
    initialise,
    append: async (topic, parts) => offsetsOf(parts, await sendParts(begun(), topic, parts)),
    commit: async () => begun().commit(),
    discard: () => {
      const own = current;
      current = null;
      own?.sockets.shut();
      if (own !== null) void end(own);
    },
    close: async () => {
      isClosed = true;
      const own = current;
      current = null;
      if (own !== null) await end(own);
    },
  };
}

/**
 * The first part alone, so that being told to wait for the transaction before leaves nothing appended; the others in one
 * call, which may span brokers since nothing of it is attempted again.
 */
async function sendParts(
  transaction: Transaction,
  topic: string,
  [first, ...rest]: readonly TransactionPart[],
): Promise<readonly RecordMetadata[]> {
  const options = { acks: -1, timeout: PRODUCE_ACK_TIMEOUT_MS };
  if (first === undefined) return [];
  const messages = toMessages(first.records, first.partition);
  const answers = await onceEnded(() => transaction.send({ ...options, topic, messages }));
  if (rest.length === 0) return answers;
  const others = rest.flatMap(({ records, partition }) => toMessages(records, partition));
  return [...answers, ...(await transaction.sendBatch({ ...options, topicMessages: [{ topic, messages: others }] }))];
}

/**
 * Brokers answer a commit before its markers are written, and take no records of the same producer until they are. Ends at
 * the latest when the producer is thrown away.
 */
async function onceEnded<Value>(ask: () => Promise<Value>): Promise<Value> {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      const isEnding = causesOf(error).some((cause) => 'type' in cause && cause.type === 'CONCURRENT_TRANSACTIONS');
      if (!isEnding) throw error;
      await pause(STILL_ENDING_RETRY_MS);
    }
  }
}

function offsetsOf(parts: readonly TransactionPart[], answers: readonly RecordMetadata[]): readonly number[] {
  return parts.map(({ partition }) => {
    const answer = answers.find((one) => one.partition === partition);
    if (answer?.baseOffset === undefined) throw new Error(`partition ${partition} was acknowledged without an offset`);
    return Number(answer.baseOffset);
  });
}
