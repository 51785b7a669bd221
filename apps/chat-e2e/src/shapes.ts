import { expect } from 'vitest';

/** Required and optional fields of a documented shape. */
export interface Shape {
  readonly required: readonly string[];
  readonly optional?: readonly string[];
}

export const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;

/** Fields of the specification are always there; those that the design adds may be. */
export const CHAT_ROOM: Shape = {
  required: ['id', 'name', 'description', 'type', 'status', 'ownerId', 'createdAt', 'updatedAt'],
  optional: ['visibility', 'metadata'],
};
export const CHAT_ROOM_OF_CALLER: Shape = {
  required: CHAT_ROOM.required,
  optional: ['visibility', 'metadata', 'unreadCount', 'lastMessage'],
};
export const PAGE: Shape = { required: ['content', 'page', 'size', 'totalElements', 'totalPages'] };
export const MESSAGE: Shape = { required: ['id', 'senderId', 'roomId', 'content', 'type', 'timestamp'] };
export const BASIC_USER_INFO: Shape = { required: ['id', 'username', 'isOnline'] };
export const LAST_SEEN: Shape = { required: ['chatRoomId', 'userId', 'lastSeenAt'] };
export const ROOM_MEMBER: Shape = { required: ['userId', 'username', 'role', 'isOnline', 'joinedAt'] };

/** Fails unless the object has every required field of the shape and no field that it does not name. */
export function expectShape(object: object, { required, optional = [] }: Shape): void {
  const fields = Object.keys(object);
  expect(fields).toEqual(expect.arrayContaining([...required]));
  expect(fields.filter((field) => !required.includes(field) && !optional.includes(field))).toEqual([]);
}
