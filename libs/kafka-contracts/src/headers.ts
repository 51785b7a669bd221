/** Metadata of our records rides in CloudEvents headers (Kafka protocol binding, binary mode), never in the value. */
export const RECORD_HEADERS = {
  /** The message id on `chat-messages`; a record that repeats one within its room is not looked at twice. */
  id: 'ce_id',
  type: 'ce_type',
  source: 'ce_source',
  time: 'ce_time',
  specVersion: 'ce_specversion',
  traceParent: 'traceparent',
  clientMessageId: 'client-message-id',
  senderId: 'sender-id',
} as const;

/** Headers of a dead letter: where the record came from and why it was set aside. */
export const DEAD_LETTER_HEADERS = {
  topic: 'dlq-source-topic',
  partition: 'dlq-source-partition',
  offset: 'dlq-source-offset',
  reason: 'dlq-reason',
  at: 'dlq-at',
  /** Names of headers that had no value, comma-separated; they are written with an empty one. */
  nullHeaders: 'dlq-null-headers',
} as const;
