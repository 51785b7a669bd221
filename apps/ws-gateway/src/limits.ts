import { PRESENCE_USERS_MAX_COUNT } from '@chat/dto';
import { COMMAND_RETENTION_MS } from '@chat/kafka-contracts';
import { DEFAULT_FRAME_LIMITS, type FrameLimits } from '@chat/stomp';
import { durationMs, integer, setting, type Settings } from '@chat/service-kit';

const MIB = 1_048_576;

/** Every limit of the gateway that is not the STOMP codec's own, with unit and default, in one place. */
export const limitSettings = {
  connectTimeoutMs: setting(
    'CONNECT_TIMEOUT_MS',
    durationMs({ min: 100, max: 60_000, default: 5_000 }),
    'ms from the WebSocket upgrade to a complete CONNECT; then ERROR and close 1002, or 1013 where it is still being checked',
  ),
  maxConnectsPerSecond: setting(
    'MAX_CONNECTS_PER_SECOND',
    integer({ min: 1, max: 1_000_000, default: 1_000 }),
    'WebSockets that this instance takes a second, and at once; more are refused with HTTP 503',
  ),
  maxConnectsPerSecondPerIp: setting(
    'MAX_CONNECTS_PER_SECOND_PER_IP',
    integer({ min: 1, max: 1_000_000, default: 2_000 }),
    'WebSockets that one address opens a second, on all instances together, over 10 s; more are refused with HTTP 429',
  ),
  maxSendsPerSecondPerRoom: setting(
    'MAX_SENDS_PER_SECOND_PER_ROOM',
    integer({ min: 1, max: 1_000_000, default: 5_000 }),
    'messages, edits, deletes and reactions of the members of one room a second, on all instances together, over 10 s; more are refused with RATE_LIMITED',
  ),
  maxSessionsPerUser: setting(
    'MAX_SESSIONS_PER_USER',
    integer({ min: 1, max: 1_000_000, default: 100 }),
    'sessions of one user on this instance; one more CONNECT is refused with TOO_MANY_SESSIONS and 1013',
  ),
  maxSendsPerSecond: setting(
    'MAX_SENDS_PER_SECOND_PER_USER',
    integer({ min: 1, max: 1_000_000, default: 100 }),
    'SENDs of one user a second in the long run, all sessions on this instance together, messages on all; more are refused with RATE_LIMITED',
  ),
  maxSendBurst: setting(
    'MAX_SEND_BURST_PER_USER',
    integer({ min: 1, max: 1_000_000, default: 2_000 }),
    'SENDs of one user at once after a pause; more are refused with RATE_LIMITED',
  ),
  maxFrameBytes: setting(
    'MAX_FRAME_BYTES',
    integer({ min: 1_024, max: 16 * MIB, default: DEFAULT_FRAME_LIMITS.maxFrameBytes }),
    'bytes of one STOMP frame from a client; more is FRAME_TOO_LARGE and 1009',
  ),
  maxHeaderBytes: setting(
    'MAX_HEADER_BYTES',
    integer({ min: 128, max: MIB, default: DEFAULT_FRAME_LIMITS.maxHeaderBytes }),
    'bytes of one header line of a frame; more is HEADER_TOO_LONG and 1002',
  ),
  maxHeaderCount: setting(
    'MAX_HEADERS_PER_FRAME',
    integer({ min: 8, max: 10_000, default: DEFAULT_FRAME_LIMITS.maxHeaderCount }),
    'header lines of one frame; more is TOO_MANY_HEADERS and 1002',
  ),
  maxBodyBytes: setting(
    'MAX_BODY_BYTES',
    integer({ min: 1, max: 16 * MIB, default: DEFAULT_FRAME_LIMITS.maxBodyBytes }),
    'bytes of the body of one frame; more is BODY_TOO_LARGE and 1009',
  ),
  maxSubscriptions: setting(
    'MAX_SUBSCRIPTIONS_PER_SESSION',
    integer({ min: 1, max: 100_000, default: 1_000 }),
    'subscriptions of one session; one more is refused with TOO_MANY_SUBSCRIPTIONS',
  ),
  maxUnacknowledged: setting(
    'MAX_UNACKNOWLEDGED_PER_SUBSCRIPTION',
    integer({ min: 1, max: 1_000_000, default: 5_000 }),
    'messages of one subscription in ack mode client or client-individual that await ACK; one more ends the session with TOO_MANY_UNACKNOWLEDGED and 1013',
  ),
  maxTransactions: setting(
    'MAX_TRANSACTIONS_PER_SESSION',
    integer({ min: 1, max: 1_000, default: 10 }),
    'transactions of one session that are open at the same time; one more BEGIN ends the session with TOO_MANY_TRANSACTIONS and 1008',
  ),
  maxTransactionFrames: setting(
    'MAX_TRANSACTION_FRAMES',
    integer({ min: 1, max: 500, default: 100 }),
    'SENDs, ACKs and NACKs of one transaction; one more is refused with TRANSACTION_TOO_LARGE, and so is its COMMIT',
  ),
  maxTransactionBytes: setting(
    'MAX_TRANSACTION_BYTES',
    integer({ min: 1_024, max: 16 * MIB, default: MIB / 4 }),
    'bytes of one transaction, 500 for each SEND beside its body; at most half of max.message.bytes of chat-messages. More is refused with TRANSACTION_TOO_LARGE',
  ),
  maxInFlightSends: setting(
    'MAX_IN_FLIGHT_SENDS_PER_SESSION',
    integer({ min: 1, max: 100_000, default: 1_000 }),
    'SENDs and SUBSCRIBEs of one session that are not answered yet; the socket is not read while there are more',
  ),
  maxOutboundBytes: setting(
    'MAX_OUTBOUND_BYTES_PER_SESSION',
    integer({ min: 65_536, max: 1_024 * MIB, default: MIB }),
    'bytes waiting for one slow client; over it the session is closed with 1013',
  ),
  shedOutboundBytes: setting(
    'SHED_OUTBOUND_BYTES_PER_SESSION',
    integer({ min: 16_384, max: 1_024 * MIB, default: MIB / 4 }),
    'bytes waiting for one slow client over which presence, typing and notifications are not sent to it',
  ),
  stalledAfterMs: setting(
    'STALLED_AFTER_MS',
    durationMs({ min: 1_000, max: 600_000, default: 10_000 }),
    'ms without a byte taken by a slow client; then the session is closed with 1013',
  ),
  idleAfterMs: setting(
    'IDLE_AFTER_MS',
    durationMs({ min: 10_000, max: 3_600_000, default: 75_000 }),
    'ms without a sign of life of a client, pong included; then its socket is lost',
  ),
  maxConnections: setting(
    'MAX_CONNECTIONS',
    integer({ min: 1, max: 1_000_000, default: 50_000 }),
    'WebSockets of this instance; one more is refused with HTTP 503',
  ),
  heartBeatMs: setting(
    'HEART_BEAT_MS',
    durationMs({ min: 1_000, max: 600_000, default: 10_000 }),
    'ms between heart-beats that the gateway offers to send and asks for',
  ),
  presenceIntervalMs: setting(
    'PRESENCE_INTERVAL_MS',
    durationMs({ min: 100, max: 60_000, default: 1_000 }),
    'ms over which changes of presence in a large room, or too many in any, are gathered and told together',
  ),
  presenceLargeRoomOnline: setting(
    'PRESENCE_LARGE_ROOM_ONLINE',
    integer({ min: 1, max: PRESENCE_USERS_MAX_COUNT, default: PRESENCE_USERS_MAX_COUNT }),
    'members online over which a room is large: its presence is told as counts and changes of an interval, its users on request',
  ),
  presenceEventsPerInterval: setting(
    'PRESENCE_EVENTS_PER_INTERVAL',
    integer({ min: 1, max: 10_000, default: 200 }),
    'changes of presence that are told one by one within an interval in a room that is not large; the rest of them together',
  ),
  replayMaxMessages: setting(
    'REPLAY_MAX_MESSAGES',
    integer({ min: 1, max: 100_000, default: 1_000 }),
    'messages of one resume; a client that missed more is told `recovered: false` and reads the history by REST',
  ),
  replayConcurrency: setting(
    'REPLAY_CONCURRENCY',
    integer({ min: 1, max: 100, default: 4 }),
    'resumes of this instance that ask Postgres at the same time; the others wait their turn',
  ),
} as const satisfies Settings;

type FrameSettings = Pick<FrameLimits, 'maxFrameBytes' | 'maxHeaderBytes' | 'maxHeaderCount' | 'maxBodyBytes'>;

/** What one frame of a client may be. */
export function frameLimitsOf({
  maxFrameBytes,
  maxHeaderBytes,
  maxHeaderCount,
  maxBodyBytes,
}: FrameSettings): FrameLimits {
  return { ...DEFAULT_FRAME_LIMITS, maxFrameBytes, maxHeaderBytes, maxHeaderCount, maxBodyBytes };
}

/**
 * What a resume may put on a session, in parts of its outbound bytes, so that all together never make a client a slow one:
 * half for what it missed, a quarter for what came meanwhile, an eighth for what waits already.
 */
export function replayLimitsOf(config: { readonly maxOutboundBytes: number; readonly replayMaxMessages: number }) {
  const { maxOutboundBytes, replayMaxMessages } = config;
  return {
    replay: { maxRows: replayMaxMessages, maxBytes: Math.floor(maxOutboundBytes / 2) },
    hold: { maxMessages: HOLD_MAX_MESSAGES, maxBytes: Math.floor(maxOutboundBytes / 4) },
    maxBacklogBytes: Math.floor(maxOutboundBytes / 8),
  };
}
/** How the presence of a room is told, and how much may wait for a client that is told its state. */
export function presenceLimitsOf(config: {
  readonly presenceIntervalMs: number;
  readonly presenceLargeRoomOnline: number;
  readonly presenceEventsPerInterval: number;
  readonly shedOutboundBytes: number;
}) {
  return {
    limits: {
      intervalMs: config.presenceIntervalMs,
      maxSingleOnline: config.presenceLargeRoomOnline,
      maxEventsPerInterval: config.presenceEventsPerInterval,
      maxUsersPerFrame: PRESENCE_USERS_MAX_COUNT,
    },
    maxBacklogBytes: config.shedOutboundBytes,
  };
}
/** How often it is looked whether something is to be told of presence, while anything waits for it, in ms. */
export const PRESENCE_TICK_MS = 50;
/** Longest that a SUBSCRIBE to presence waits until its client has room for the state, and then for that of a long list, in ms. */
export const PRESENCE_PREPARE_MS = 3_000;
export const PRESENCE_LIST_MS = 1_500;
/** Longest that a SUBSCRIBE to presence waits for Redis, in ms; then its state is stale. */
export const PRESENCE_READ_MS = 2_500;
/**
 * Users of a watched room whose last joining or leaving is known again when it comes again: those who did so last. More than the
 * outboxes of presence-worker publish again after a crash.
 */
export const TOLD_MEMBERSHIPS_MAX = 10_000;
/**
 * From when Redis was found to have lost this gateway until all presence is read anew, in ms: by then presence-worker has
 * held its fire for one lease, and every gateway has announced its sessions again.
 */
export const PRESENCE_REFRESH_AFTER_MS = 20_000;
/**
 * Commands: those that are known again when they come again; durable ones that stand, and in how many ms those in Postgres are
 * looked at again; those of one user that are read; sessions whose users' commands could not be read, and for how many they are
 * read at a time later; commands whose user was not here when they were read, and for how long, in ms: by then they are stored;
 * in how many ms a client must have taken one, and how many it must live on then, for it to be delivered; for how many it is
 * known as delivered then: as long as Kafka may have its record, with what Kafka takes to remove it.
 */
export const COMMAND_LIMITS = {
  remembered: 10_000,
  standing: 1_000,
  lookEveryMs: 30_000,
  keptPerUser: 100,
  unread: 10_000,
  readTogether: 200,
  missed: 1_000,
  missedForMs: 600_000,
  takenWithinMs: 10_000,
  livesOnMs: 1_000,
  knownAsDeliveredMs: COMMAND_RETENTION_MS + 2 * 3_600_000,
};
/** Who types is remembered of so many rooms, and of so many sessions in each; what is said beyond it is ignored. */
export const TYPING_LIMITS = { maxRooms: 10_000, maxSessionsPerRoom: 1_000 };
/** How often it is looked whether somebody no longer types or somebody is to be told, while anybody types, in ms. */
export const TYPING_TICK_MS = 100;
/** Resumes that wait for their turn at Postgres. */
export const REPLAYS_WAITING_MAX = 10_000;
/** Messages that wait for one subscription while it is resumed; more, and it goes live without them. */
const HOLD_MAX_MESSAGES = 2_000;

/**
 * Largest WebSocket message, in bytes. Above the STOMP frame limit, so that a frame too large gets its ERROR: when ws
 * trips over its own limit it is closing already.
 */
export function wsMessageMaxBytes(maxFrameBytes: number): number {
  return 4 * maxFrameBytes;
}
/** Frames and heart-beats of one session that are handled before the others have their turn of the event loop. */
export const FRAMES_PER_TURN = 256;
/** How long records of a batch are handed to subscribers before others have their turn of the event loop, in ms. */
export const FAN_OUT_TURN_MS = 8;
/** Longest wait for the SENDs in flight when a session ends by our will, in ms. */
export const IN_FLIGHT_GRACE_MS = 5_000;
/** How long a closed session may linger so that the client reads its last frames, in ms. */
export const CLOSE_LINGER_MS = 2_000;
/** Longest that a SEND waits for the database to say whether its sender is a member, in ms. */
export const LOOKUP_DEADLINE_MS = 2_000;
/** How long a user's rooms are waited for that do not pass here yet, before their list is read again, in ms. */
export const COVERED_TOGETHER_MS = 200;
/** When a frame that asks for an answer has it at the latest, in ms from when its bytes came: a little under 5 s. */
export const ANSWER_DEADLINE_MS = 4_700;
/** When a SUBSCRIBE is live at the latest, in ms from when its bytes came; what is not recovered by then is not recovered. */
export const REPLAY_DEADLINE_MS = ANSWER_DEADLINE_MS - 200;
/** Most messages that `history` may ask for, as many as one page of the REST history. */
export const HISTORY_MAX_MESSAGES = 200;
/** Longest that a SEND waits behind other frames, in ms: one begun later might hold those behind it too long. */
export const SEND_WAIT_MAX_MS = ANSWER_DEADLINE_MS - LOOKUP_DEADLINE_MS;
/** Marks of delivery of a room are told at most this often, in ms; the rooms have their turns in so many slots of it. */
export const MARK_FLUSH_MS = 1_000;
export const MARK_SLOTS = 20;
/** Marks of one room a second on the whole: one with more subscribers here tells them less often. */
export const MARKS_PER_ROOM_AND_SECOND = 250;
/** The first mark of a subscription is told again after this long, in ms: by then the last one of the subscription before it, on another instance, is there. */
export const MARK_AGAIN_MS = 5_000;
/** Marks of one record: 100 bytes each, 20 where they are told together. */
export const MARKS_PER_RECORD = 1_000;
/** Marks that wait to be told while Kafka does not take them; more are left out. */
export const MARKS_WAITING_MAX = 50_000;
/** Marks of reading in a room go together where they come within this after the one before, in ms. */
export const READ_GATHER_MS = 100;
/** How long a message that somebody says to have read may be on its way to this instance, and how often it is looked for, in ms. */
export const ON_ITS_WAY_MAX_MS = 1_000;
export const ON_ITS_WAY_LOOK_MS = 50;
/**
 * Users who were added to a room while they have a session here, and whose memberships are still to be read: how many may wait,
 * how many are asked for together, and after how many ms again where that failed, at first and in the end.
 */
export const ADDED_MEMBERS = { maxUsers: 50_000, atOnce: 200, againMs: 500, againMaxMs: 10_000 };
/** Notifications of news in rooms; times in ms. */
export const NOTIFICATION_LIMITS = {
  /** Shortest time between two of one room. */
  everyMs: 1_000,
  /** How often it is looked what is due, while anything waits. */
  tickMs: 100,
  /** Longest wait for a message to be stored; then it is told without the count, which follows. */
  waitMs: 2_000,
  /** How long the rows may take for one answer, and how long what they do not have yet waits for the next question: at first, and in the end. */
  answerMs: 1_000,
  retryMs: 200,
  retryMaxMs: 10_000,
  /** Longest wait for a count. */
  lateForMs: 3_600_000,
  /** Members that one question is about. */
  perQuestion: 500,
  /** Rooms of which something waits to be told, and among how many of them counts wait for longer than `waitMs`. */
  maxRooms: 10_000,
  maxLateRooms: 5_000,
};
/**
 * Senders' rooms whose receipts are followed, and messages of each: more, and the eldest are told by REST alone. Senders' rooms
 * that are looked up in the rows by one statement, and members of these rooms: 100,000 take 0.3 s.
 */
export const RECEIPT_LIMITS = { maxRooms: 5_000, maxMessages: 100, looksAtOnce: 100, membersAtOnce: 100_000 };
/** News of receipts that come within so many ms are told together. */
export const RECEIPT_TICK_MS = 100;
/** Records of marks are fetched when there are so many bytes of them, or after so many ms. */
export const MARKS_FETCH = { minBytes: 1_048_576, maxWaitMs: 500 };
/** Messages whose senders are remembered, a power of two: 25 bytes each. */
export const KNOWN_MESSAGES_MAX = 32_768;
/** How often it is looked for a message that somebody wants to change while it may be on its way, and for how long, in ms. */
export const TARGET_LOOK_MS = 100;
export const TARGET_WAIT_MAX_MS = LOOKUP_DEADLINE_MS - 500;
/** When a SEND that is to be stored is answered at the latest, in ms from when its bytes came. */
export const STORED_DEADLINE_MS = ANSWER_DEADLINE_MS - 300;
/** How often the rows are asked for a message that is to be stored, where nothing is told of its partition, in ms. */
export const STORED_LOOK_MS = 250;
/** Messages that the rows are asked for at once, and how often, in ms. */
export const STORED_LOOKS = { maxKeys: 500, everyMs: 20 };
/** How last seen moves while a room is open: each session with an open room is told of once in so many turns. */
export const SEEN_REPORTS = { turns: 25, turnMs: 1_000, roomsPerRecord: 1_000 };
/** How rooms come to an instance that does not read everything; times in ms. */
export const FEED_LIMITS = {
  /**
   * Records that a router keeps of a partition for who comes from another one, and of all its partitions, at most: it reads
   * them back when it takes a partition over. Their bytes are settings.
   */
  keptRecords: 100_000,
  keptRecordsOfAll: 1_000_000,
  /** Records of one mail, beyond the first, in bytes; and one record: of what is longer, live delivery leaves out the message. */
  mailBytes: 262_144,
  recordBytes: 1_572_864,
  /** Rooms of one mail, 8 bytes each: who holds more of a partition attaches in several. Attachments that a router is told in parts at a time. */
  mailRooms: 32_768,
  openAttachments: 1_000,
  /** How often a router tells what it routes, and how far it is where that is much. */
  progressMs: 1_000,
  /** Rooms that come or go within so long are told together. */
  gatherMs: 5,
  /** How long a room is held that nobody needs. */
  lingerMs: 30_000,
  /** How often it is looked what is due. */
  tickMs: 500,
  /** How long a router may take to answer, say nothing to all, and nothing to this instance, until it is asked anew. */
  answerMs: 2_000,
  /** How often that time is doubled while no answer comes. */
  answerDoublings: 2,
  silenceMs: 5_000,
  unheardMs: 15_000,
  /** How long what is lacking is not asked for again, while no answer comes. */
  gapMs: 200,
  /** How often an instance gives a sign of life, which is answered, and after how long without it is forgotten. */
  renewMs: 10_000,
  forgetMs: 60_000,
  /** How long it may take until all partitions are routed. */
  startMs: 60_000,
  /**
   * For how long a partition may bring nothing while the brokers answer. Where this instance routes it itself it ends then, so that
   * another one takes it over; and wherever it is routed, it is not ready. The others end much later, and not all at once: to end
   * does not help where it is not their fault.
   */
  deafMs: 20_000,
  deafElsewhereMs: 60_000,
  deafSpreadMs: 30_000,
};
