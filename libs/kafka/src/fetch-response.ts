/**
 * The answer to a fetch of version 11 (Kafka protocol, "Fetch Response"), in one pass over its bytes:
 *
 *     Fetch => throttle_time_ms:INT32 error_code:INT16 session_id:INT32 [responses]
 *       responses => topic:STRING [partitions]
 *         partitions => partition:INT32 error_code:INT16 high_watermark:INT64 last_stable_offset:INT64
 *                       log_start_offset:INT64 [aborted_transactions] preferred_read_replica:INT32 records:RECORDS
 *           aborted_transactions => producer_id:INT64 first_offset:INT64
 *
 * It gives what kafkajs's own decoder gives, but for partitions that have nothing: brokers name every one that was asked for,
 * and kafkajs makes a batch of each, only to pass it over.
 */

/** Records as kafkajs has them; what reads them is kafkajs's. */
export type DecodeRecords<Records extends readonly unknown[]> = (records: Buffer) => Promise<Records>;

interface FetchedPartition<Records> {
  readonly partition: number;
  readonly errorCode: number;
  /** Offsets and ids as text, of 64 bits. */
  readonly highWatermark: string;
  readonly lastStableOffset: string;
  readonly lastStartOffset: string;
  readonly abortedTransactions: ReadonlyArray<{ readonly producerId: string; readonly firstOffset: string }>;
  readonly preferredReadReplica: number;
  readonly messages: Records;
}

export interface FetchResponse<Records> {
  readonly throttleTime: 0;
  /** How long this client is to ask nothing more, in ms. */
  readonly clientSideThrottleTime: number;
  readonly errorCode: number;
  readonly sessionId: number;
  readonly responses: ReadonlyArray<{
    readonly topicName: string;
    readonly partitions: ReadonlyArray<FetchedPartition<Records>>;
  }>;
}

export async function decodeFetch<Records extends readonly unknown[]>(
  bytes: Buffer,
  decodeRecords: DecodeRecords<Records>,
): Promise<FetchResponse<Records>> {
  const reader = new Reader(bytes);
  const [clientSideThrottleTime, errorCode, sessionId] = [reader.int32(), reader.int16(), reader.int32()];
  const responses = [];
  for (let left = reader.int32(); left > 0; left -= 1) {
    const topicName = reader.string();
    const partitions = [];
    for (let count = reader.int32(); count > 0; count -= 1) {
      const { records, ...partition } = readPartition(reader);
      if (partition.errorCode === 0 && records.length <= SIZE_BYTES) continue;
      const messages = await decodeRecords(records);
      if (partition.errorCode !== 0 || messages.length > 0) partitions.push({ ...partition, messages });
    }
    responses.push({ topicName, partitions });
  }
  return { throttleTime: 0, clientSideThrottleTime, errorCode, sessionId, responses };
}

const SIZE_BYTES = 4;

/** Records are left with their size in front, as kafkajs reads them. */
function readPartition(reader: Reader) {
  return {
    partition: reader.int32(),
    errorCode: reader.int16(),
    highWatermark: reader.int64(),
    lastStableOffset: reader.int64(),
    lastStartOffset: reader.int64(),
    abortedTransactions: readAborted(reader),
    preferredReadReplica: reader.int32(),
    records: reader.sized(),
  };
}

function readAborted(reader: Reader) {
  const aborted = [];
  for (let left = reader.int32(); left > 0; left -= 1) {
    aborted.push({ producerId: reader.int64(), firstOffset: reader.int64() });
  }
  return aborted;
}

class Reader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  int16(): number {
    return this.#bytes.readInt16BE(this.#pass(2));
  }

  int32(): number {
    return this.#bytes.readInt32BE(this.#pass(4));
  }

  /** As text; exact as far as a double is, and beyond. */
  int64(): string {
    const at = this.#pass(8);
    const high = this.#bytes.readInt32BE(at);
    const isExact = high >= -0x20_0000 && high < 0x20_0000;
    return isExact ? String(high * 2 ** 32 + this.#bytes.readUInt32BE(at + 4)) : String(this.#bytes.readBigInt64BE(at));
  }

  string(): string {
    const length = this.int16();
    const at = this.#pass(Math.max(0, length));
    return this.#bytes.toString('utf8', at, this.#at);
  }

  /** A size and so many bytes, both; where fewer are there, what is there. */
  sized(): Buffer {
    const at = this.#at;
    const size = this.int32();
    this.#at += Math.max(0, size);
    return this.#bytes.subarray(at, this.#at);
  }

  #pass(length: number): number {
    const at = this.#at;
    this.#at += length;
    return at;
  }
}
