import type { HistoryMessageDTO, MemberRole, RoomId, RoomStatus, RoomType, RoomVisibility, UserId } from '@chat/dto';

/** A free JSON object, as the client gave it. */
export type RoomMetadata = Readonly<Record<string, unknown>>;

export interface Room {
  readonly id: RoomId;
  readonly name: string;
  readonly description: string;
  readonly type: RoomType;
  readonly visibility: RoomVisibility;
  readonly status: RoomStatus;
  readonly ownerId: UserId;
  readonly metadata: RoomMetadata;
  /** Raised by every change of the room or its members. */
  readonly version: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** A room of a user, with the newest message that counts and how many of others are unread. */
export interface RoomOfUser {
  readonly room: Room;
  readonly lastMessage: HistoryMessageDTO | null;
  readonly unreadCount: number;
}

/** One page of a list, and how many there are in all. */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly totalCount: number;
}

/** Which page: `page` counts from 0. */
export interface PageRequest {
  readonly page: number;
  readonly size: number;
}

export interface Member {
  readonly userId: UserId;
  readonly role: MemberRole;
  readonly joinedAt: Date;
}
