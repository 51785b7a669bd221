const KAFKA_METRICS = 'libs/kafka/src/kafka-metrics.spec.ts';

/**
 * Metrics that nothing makes count in a chat in which all is well, by the sections of docs/metrics.md, each with the spec that
 * shows it counting.
 */
export const COUNTED_ELSEWHERE: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'every app': {
    chat_kafka_consumer_lag_offsets: KAFKA_METRICS,
    chat_kafka_failed_batches_total: 'libs/kafka/src/group-consumer.int.spec.ts',
    chat_kafka_queued_records: 'libs/kafka/src/ordered-publisher.spec.ts',
  },
  'ws-gateway': {
    chat_gateway_dropped_marks_total: 'apps/ws-gateway/src/receipts/receipts-publisher.spec.ts',
    chat_gateway_feed_silence_seconds: 'apps/ws-gateway/src/feed/room-feed.int.spec.ts',
    chat_gateway_limited_sends_total: 'apps/chat-e2e/src/limits.e2e.spec.ts',
    chat_gateway_outbound_queued_bytes: 'apps/chat-e2e/src/typing.e2e.spec.ts',
    chat_gateway_shed_total: 'apps/chat-e2e/src/typing.e2e.spec.ts',
    chat_redis_unshared_total: 'apps/chat-e2e/src/own-chat/outages.e2e.spec.ts',
  },
  'rooms-api': {
    chat_redis_unshared_total: 'apps/chat-e2e/src/own-chat/outages.e2e.spec.ts',
    chat_rooms_limited_requests_total: 'apps/chat-e2e/src/limits.e2e.spec.ts',
    chat_rooms_outbox_entries: 'apps/rooms-api/src/outbox/outbox-relay.int.spec.ts',
    chat_rooms_outbox_oldest_seconds: 'apps/rooms-api/src/outbox/outbox-relay.int.spec.ts',
  },
  'presence-worker': {
    chat_presence_failed_sweeps_total: 'apps/presence-worker/src/deadline-sweeper.spec.ts',
    chat_presence_holding_shards: 'apps/presence-worker/src/deadline-sweeper.spec.ts',
    chat_presence_lapsed_sessions_total: 'apps/presence-worker/src/deadline-sweeper.spec.ts',
  },
  'message-persister': {
    chat_persister_fenced_batches_total: 'apps/message-persister/src/chat-messages-consumer.spec.ts',
    chat_persister_removed_rows_total: 'apps/message-persister/src/row-retention.spec.ts',
  },
};
