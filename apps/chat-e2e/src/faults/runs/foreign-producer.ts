import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { processGuardian } from '@chat/testing';
import { partitionOf, RECORD_HEADERS } from '@chat/kafka-contracts';
import { Kafka, logLevel, type Message } from 'kafkajs';
import { marked } from '../../clients/content.ts';
import type { Recorder } from '../history/recorder.ts';

const TOPIC = 'chat-messages';
/** Ids that no instance of ours gives: they begin beyond the ticks of this century. */
const FIRST_ID = 2 ** 52;
const SENDER = 999_999;
/** From its start to an open transaction, in ms. */
const OPEN_DEADLINE_MS = 20_000;

export interface ForeignProducerOptions {
  readonly brokers: string;
  readonly partitionCount: number;
  readonly note: Recorder['note'];
}

/** Somebody else's service with a stock client that writes to chat-messages: good records, bad ones, transactions. */
export class ForeignProducer {
  readonly #options: ForeignProducerOptions;

  constructor(options: ForeignProducerOptions) {
    this.#options = options;
  }

  /** Records that no reader may count, one of each kind, on the partition of the room. */
  async producePoison(room: number): Promise<void> {
    const message = this.#messageOf(room);
    const json = JSON.parse(message.value) as Record<string, unknown>;
    const values: readonly (string | Buffer | null)[] = [
      null,
      '',
      'no JSON',
      '{}',
      Buffer.from([0xff, 0xfe]),
      JSON.stringify({ ...json, content: '\u0000' }),
      JSON.stringify({ ...json, roomId: room + 1 }),
      JSON.stringify({ ...json, type: 'PARTY' }),
    ];
    const partition = partitionOf(String(room), this.#options.partitionCount);
    await this.#withProducer(async (producer) => {
      const messages = values.map((value): Message => ({ key: String(room), value, partition }));
      await producer.send({ topic: TOPIC, acks: -1, messages });
    });
  }

  /** Three messages in one transaction that is committed. */
  async produceTransaction(room: number): Promise<void> {
    const messages = [1, 2, 3].map(() => this.#messageOf(room));
    await this.#withProducer(
      async (producer) => {
        const transaction = await producer.transaction();
        await transaction.send({ topic: TOPIC, messages });
        for (const { id } of messages) this.#noteProduced(room, id, true);
        await transaction.commit();
      },
      `fault-run-${randomInt(2 ** 40)}`,
    );
  }

  /** kill -9 of a process that has a transaction open, with messages in it that nobody may ever see. */
  async dieInTransaction(room: number): Promise<void> {
    const message = this.#messageOf(room);
    this.#noteProduced(room, message.id, false);
    const script = join(import.meta.dirname, 'transaction-victim.ts');
    const child = spawn(process.execPath, [script, this.#options.brokers, TOPIC, JSON.stringify(message)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    if (child.pid !== undefined) processGuardian().watch(child.pid);
    try {
      await once(child.stdout, 'data', { signal: AbortSignal.timeout(OPEN_DEADLINE_MS) });
    } finally {
      child.kill('SIGKILL');
      await once(child, 'exit');
      if (child.pid !== undefined) processGuardian().release(child.pid);
    }
  }

  #messageOf(room: number) {
    const id = String(FIRST_ID + randomInt(2 ** 40));
    const value = JSON.stringify({
      id: Number(id),
      senderId: SENDER,
      roomId: room,
      content: marked('from elsewhere'),
      type: 'GROUP',
      timestamp: new Date().toISOString(),
    });
    return { id, key: String(room), value, headers: { [RECORD_HEADERS.id]: id } };
  }

  #noteProduced(room: number, eventId: string, isCommitted: boolean): void {
    this.#options.note({ type: 'produced', room, eventId, isCommitted });
  }

  async #withProducer(
    work: (producer: ReturnType<Kafka['producer']>) => Promise<void>,
    transactionalId?: string,
  ): Promise<void> {
    const brokers = this.#options.brokers.split(',');
    const kafka = new Kafka({ brokers, clientId: 'elsewhere', logLevel: logLevel.NOTHING });
    const transactional = { transactionalId: transactionalId ?? '', idempotent: true, maxInFlightRequests: 1 };
    const producer = kafka.producer(transactionalId === undefined ? {} : transactional);
    await producer.connect();
    try {
      await work(producer);
    } finally {
      await producer.disconnect();
    }
  }
}
