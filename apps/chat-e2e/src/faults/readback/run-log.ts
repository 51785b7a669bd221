import { randomUUID } from 'node:crypto';
import {
  decodeMessageRecord,
  headerText,
  messageRepeatKeysOf,
  partitionOf,
  RECORD_HEADERS,
  type RawRecord,
} from '@chat/kafka-contracts';
import { Kafka, logLevel, type Admin, type KafkaMessage } from 'kafkajs';
import type { EventOf } from '../history/history-event.ts';

const TOPIC = 'chat-messages';
const MARK_HEADER = 'fault-run-mark';
/** Longest that reading the whole log may take, in ms. */
const READ_DEADLINE_MS = 120_000;

/** A record as it is noted. */
export type LogRecord = Omit<EventOf<'record'>, 'at'>;

/** A record of the harness's own at the end of each partition, by which it knows that it has read everything. */
export interface LogMarks {
  readonly token: string;
  /** By partition. */
  readonly offsets: ReadonlyMap<number, number>;
}

/** The log of a run as a stock client reads it, and marks it. */
export class RunLog {
  readonly #kafka: Kafka;
  readonly #partitionCount: number;

  constructor(brokers: string, partitionCount: number) {
    this.#kafka = new Kafka({ brokers: brokers.split(','), clientId: 'fault-run', logLevel: logLevel.NOTHING });
    this.#partitionCount = partitionCount;
  }

  /** Puts a record that does not count at the end of every partition, and answers where they lie. */
  async mark(): Promise<LogMarks> {
    const producer = this.#kafka.producer();
    const token = randomUUID();
    const offsets = new Map<number, number>();
    await producer.connect();
    try {
      for (let partition = 0; partition < this.#partitionCount; partition += 1) {
        const messages = [{ value: null, partition, headers: { [MARK_HEADER]: token } }];
        const [result] = await producer.send({ topic: TOPIC, acks: -1, messages });
        offsets.set(partition, Number(result?.baseOffset));
      }
    } finally {
      await producer.disconnect();
    }
    return { token, offsets };
  }

  /** The node id of the broker that leads the partition of a room. */
  async leaderOf(room: number): Promise<number> {
    const { topics } = await this.#asAdmin((admin) => admin.fetchTopicMetadata({ topics: [TOPIC] }));
    const partition = partitionOf(String(room), this.#partitionCount);
    const found = topics[0]?.partitions.find(({ partitionId }) => partitionId === partition);
    if (found === undefined) throw new Error(`${TOPIC} has no partition ${partition}`);
    return found.leader;
  }

  /** Sets what a consumer group has committed back by so many records; nobody of the group may run. */
  async rewind(groupId: string, recordCount: number): Promise<void> {
    await this.#asAdmin(async (admin) => {
      const [committed] = await admin.fetchOffsets({ groupId, topics: [TOPIC] });
      const partitions = (committed?.partitions ?? [])
        .filter(({ offset }) => Number(offset) > 0)
        .map(({ partition, offset }) => ({ partition, offset: String(Math.max(0, Number(offset) - recordCount)) }));
      if (partitions.length === 0) throw new Error(`${groupId} has committed nothing that could be rewound`);
      await admin.setOffsets({ groupId, topic: TOPIC, partitions });
    });
  }

  /** As if these consumer groups had never read anything; nobody of them may run. */
  async forgetGroups(groupIds: readonly string[]): Promise<void> {
    await this.#asAdmin((admin) => admin.deleteGroups([...groupIds]));
  }

  /** How many offsets of a topic a consumer group has not committed yet; Infinity where it has committed nothing of a partition that has any. */
  async lagOf(groupId: string, topic: string): Promise<number> {
    return this.#asAdmin(async (admin) => {
      const ends = await admin.fetchTopicOffsets(topic);
      const [committed] = await admin.fetchOffsets({ groupId, topics: [topic] });
      const known = new Map(committed?.partitions.map(({ partition, offset }) => [partition, Number(offset)]));
      return ends.reduce((lag, { partition, high, low }) => {
        const next = known.get(partition) ?? -1;
        return lag + (next >= 0 ? Number(high) - next : high === low ? 0 : Infinity);
      }, 0);
    });
  }

  async #asAdmin<Result>(work: (admin: Admin) => Promise<Result>): Promise<Result> {
    const admin = this.#kafka.admin();
    await admin.connect();
    try {
      return await work(admin);
    } finally {
      await admin.disconnect();
    }
  }

  /** Every committed record up to the marks, marks left out. */
  async read({ token }: LogMarks): Promise<readonly LogRecord[]> {
    const records: LogRecord[] = [];
    const waiting = new Set(Array.from({ length: this.#partitionCount }, (_, partition) => partition));
    const done = Promise.withResolvers<void>();
    const timer = setTimeout(() => done.reject(new Error('the log was not read to its end in time')), READ_DEADLINE_MS);
    const consumer = this.#kafka.consumer({ groupId: `fault-run-${token}`, maxWaitTimeInMs: 100 });
    try {
      await consumer.connect();
      await consumer.subscribe({ topics: [TOPIC], fromBeginning: true });
      await consumer.run({
        autoCommit: false,
        eachMessage: ({ partition, message }) => {
          if (message.headers?.[MARK_HEADER]?.toString() === token) waiting.delete(partition);
          else if (message.headers?.[MARK_HEADER] === undefined) records.push(this.#noted(partition, message));
          if (waiting.size === 0) done.resolve();
          return Promise.resolve();
        },
      });
      await done.promise;
    } finally {
      clearTimeout(timer);
      await consumer.disconnect();
    }
    return records;
  }

  #noted(partition: number, message: KafkaMessage): LogRecord {
    const record: RawRecord = message;
    const place = { type: 'record', partition, offset: Number(message.offset) } as const;
    const decoded = decodeMessageRecord(record, partition, this.#partitionCount);
    if (!decoded.ok) {
      return {
        ...place,
        room: null,
        id: null,
        sender: null,
        eventKey: null,
        clientKey: null,
        source: null,
        sentAt: null,
        refusal: decoded.reason,
      };
    }
    const { roomId: room, id, senderId: sender, timestamp } = decoded.value;
    const { eventKey, clientKey } = messageRepeatKeysOf(record, decoded.value);
    const source = headerText(record, RECORD_HEADERS.source)?.split('/').at(-1) ?? null;
    const about = { source, sentAt: Date.parse(timestamp), refusal: null };
    return { ...place, room, id: String(id), sender, eventKey, clientKey, ...about };
  }
}
