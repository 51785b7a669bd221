export type { MessageName, MessageStoryRepository, StoredStory } from './repositories/message-story-repository.ts';
export {
  DatabaseService,
  openDatabase,
  type DatabaseOptions,
  type Repositories,
  type TransactionOptions,
} from './database.ts';
export { isStatementTimeout } from './database-error.ts';
export { databaseSettings } from './settings.ts';
export { MESSAGE_ID_EPOCH_MS, messageIdParts, TICK_MS, tickOf, type MessageIdParts } from './message-ids/layout.ts';
export { openMessageIds, type MessageIds, type MessageIdsOptions } from './message-ids/message-ids.ts';
export { logEpochCheck, problemOfTopic, type LogEpochCheckOptions } from './persisted-messages/log-epoch-check.ts';
export type {
  LogEpoch,
  LogEpochRepository,
  LogTopic,
  NextLogEpoch,
} from './persisted-messages/log-epoch-repository.ts';
export type {
  LastRecord,
  MessageBatch,
  NewMessageRow,
  PersistedMessageRepository,
  StoredLogPosition,
} from './persisted-messages/persisted-message-repository.ts';
export type { Ban, BanRepository } from './repositories/ban-repository.ts';
export type { InstanceNumberRepository, TickInterval } from './repositories/instance-number-repository.ts';
export type { Invitation, InvitationRepository, OwnInvitation } from './repositories/invitation-repository.ts';
export type { KeptCommand, KeptCommandBounds, KeptCommandRepository } from './repositories/kept-command-repository.ts';
export type { LastSeen, LastSeenRepository } from './repositories/last-seen-repository.ts';
export type { MemberChange, MemberRepository } from './repositories/member-repository.ts';
export type {
  MembershipRepository,
  MembershipView,
  MembersAtVersion,
  RoomAccess,
  RoomState,
} from './repositories/membership-repository.ts';
export {
  HISTORY_START,
  type HistoryPlace,
  type HistoryPosition,
  type HistoryRequest,
  type HistorySlice,
  type MessageRepository,
  type StoredMessage,
} from './repositories/message-repository.ts';
export type { OutboxEntry, OutboxRepository } from './repositories/outbox-repository.ts';
export type {
  DeliveredMark,
  MemberDelivery,
  ReadMark,
  ReceiptMarkRepository,
} from './repositories/receipt-mark-repository.ts';
export type {
  ChangeTarget,
  NewestMessages,
  NewestRequest,
  ReplayedMessage,
  ReplayStretch,
  ResumePoint,
  ResumeRepository,
  StoredSend,
  StoredTarget,
} from './repositories/resume-repository.ts';
export type {
  SentMessageKey,
  SentMessageReach,
  SentMessageRepository,
  SentStretch,
} from './repositories/sent-message-repository.ts';
export type { Removal, RetentionRepository } from './persisted-messages/retention-repository.ts';
export type { RevocationRepository } from './repositories/revocation-repository.ts';
export type { Member, Page, PageRequest, Room, RoomMetadata, RoomOfUser } from './repositories/room.ts';
export type { NewDirectRoom, NewRoom, RoomChange, RoomRepository } from './repositories/room-repository.ts';
export type { RoomsOfUserRepository } from './repositories/rooms-of-user.ts';
export type { MemberKey, MemberUnread, RoomUnread, UnreadRepository } from './repositories/unread-repository.ts';
export type { UserRepository } from './repositories/user-repository.ts';
