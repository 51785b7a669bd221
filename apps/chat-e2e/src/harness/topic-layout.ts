/** Partitions of `chat-messages` in these tests: few start faster, and one would have no order of its own. */
export const CHAT_MESSAGES_PARTITIONS = 3;

/** KAFKA_TOPIC_LAYOUT of these tests. */
export const TOPIC_LAYOUT = [
  `chat-messages:${CHAT_MESSAGES_PARTITIONS}`,
  'command-messages:1',
  'presence-messages:2',
  'room-events:2',
  'session-events:3',
  'message-receipts:1',
  'persister-progress:1',
  'room-feed:5',
].join(',');
