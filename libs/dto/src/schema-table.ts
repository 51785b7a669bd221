import {
  ChatRoomDTOSchema,
  InvitationDTOSchema,
  OwnInvitationDTOSchema,
  RoomBanDTOSchema,
  RoomMemberDTOSchema,
} from './chat-room.ts';
import { ErasureDTOSchema } from './erasure.ts';
import { ErrorDTOSchema } from './error.ts';
import {
  CommandDTOSchema,
  LogPositionSchema,
  PersisterProgressDTOSchema,
  PresenceEventDTOSchema,
  ReceiptDTOSchema,
  ReceiptGroupSchema,
  ReceiptMarkSchema,
  RoomEventDTOSchema,
  SessionEventDTOSchema,
} from './events.ts';
import { HeartbeatReplyDTOSchema } from './heartbeat.ts';
import {
  ClientMessageDTOSchema,
  ClientReadDTOSchema,
  MessageDTOSchema,
  MessageReceiptSchema,
  MessageReceiptsDTOSchema,
  MessageStatusDTOSchema,
  SystemNoticeSchema,
} from './message.ts';
import {
  ClientDeleteDTOSchema,
  ClientEditDTOSchema,
  ClientReactionDTOSchema,
  HistoryMessageDTOSchema,
  ReactionCountSchema,
} from './message-change.ts';
import { RevocationRequestSchema } from './revocation.ts';
import {
  MessageMemoryDTOSchema,
  MessagePassageSchema,
  MessageTraceDTOSchema,
  SendAnswerSchema,
} from './message-trace.ts';
import { RoomPresenceDTOSchema } from './room-presence.ts';
import {
  AddMemberRequestSchema,
  BanRequestSchema,
  ChangeRoleRequestSchema,
  CreateRoomRequestSchema,
  UpdateRoomRequestSchema,
} from './room-requests.ts';
import { ClientRefreshDTOSchema } from './token.ts';
import { ClientTypingDTOSchema, TypingDTOSchema } from './typing.ts';
import { RoomNotificationDTOSchema, UnreadDTOSchema } from './unread.ts';
import { BasicUserInfoDTOSchema, LastSeenDTOSchema, UserPresenceDTOSchema } from './user.ts';

/** What clients send and the service reads. The service may come to take more, since it is there before its newest clients. */
export const REQUEST_SCHEMAS = {
  AddMemberRequest: AddMemberRequestSchema,
  BanRequest: BanRequestSchema,
  ChangeRoleRequest: ChangeRoleRequestSchema,
  ClientDeleteDTO: ClientDeleteDTOSchema,
  ClientEditDTO: ClientEditDTOSchema,
  ClientMessageDTO: ClientMessageDTOSchema,
  ClientReactionDTO: ClientReactionDTOSchema,
  ClientReadDTO: ClientReadDTOSchema,
  ClientRefreshDTO: ClientRefreshDTOSchema,
  ClientTypingDTO: ClientTypingDTOSchema,
  CreateRoomRequest: CreateRoomRequestSchema,
  RevocationRequest: RevocationRequestSchema,
  UpdateRoomRequest: UpdateRoomRequestSchema,
} as const;

/** What the service says, to clients, to other services and between its apps. */
const ANSWER_SCHEMAS = {
  BasicUserInfoDTO: BasicUserInfoDTOSchema,
  ChatRoomDTO: ChatRoomDTOSchema,
  CommandDTO: CommandDTOSchema,
  ErasureDTO: ErasureDTOSchema,
  ErrorDTO: ErrorDTOSchema,
  HeartbeatReplyDTO: HeartbeatReplyDTOSchema,
  HistoryMessageDTO: HistoryMessageDTOSchema,
  InvitationDTO: InvitationDTOSchema,
  LastSeenDTO: LastSeenDTOSchema,
  LogPosition: LogPositionSchema,
  MessageDTO: MessageDTOSchema,
  MessageMemoryDTO: MessageMemoryDTOSchema,
  MessagePassage: MessagePassageSchema,
  MessageReceipt: MessageReceiptSchema,
  MessageReceiptsDTO: MessageReceiptsDTOSchema,
  MessageStatusDTO: MessageStatusDTOSchema,
  MessageTraceDTO: MessageTraceDTOSchema,
  OwnInvitationDTO: OwnInvitationDTOSchema,
  PersisterProgressDTO: PersisterProgressDTOSchema,
  PresenceEventDTO: PresenceEventDTOSchema,
  ReactionCount: ReactionCountSchema,
  ReceiptDTO: ReceiptDTOSchema,
  ReceiptGroup: ReceiptGroupSchema,
  ReceiptMark: ReceiptMarkSchema,
  RoomBanDTO: RoomBanDTOSchema,
  RoomEventDTO: RoomEventDTOSchema,
  RoomMemberDTO: RoomMemberDTOSchema,
  RoomNotificationDTO: RoomNotificationDTOSchema,
  RoomPresenceDTO: RoomPresenceDTOSchema,
  SendAnswer: SendAnswerSchema,
  SessionEventDTO: SessionEventDTOSchema,
  SystemNotice: SystemNoticeSchema,
  TypingDTO: TypingDTOSchema,
  UnreadDTO: UnreadDTOSchema,
  UserPresenceDTO: UserPresenceDTOSchema,
} as const;

/** The schema of every DTO, by the name under which it is published. */
export const DTO_SCHEMAS = { ...ANSWER_SCHEMAS, ...REQUEST_SCHEMAS } as const;
export type DtoName = keyof typeof DTO_SCHEMAS;
