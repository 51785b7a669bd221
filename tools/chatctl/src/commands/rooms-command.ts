import type { ChatRoomDTO, PageDTO } from '@chat/client';
import type { CommandContext } from '../context.ts';
import { columns } from '../output/columns.ts';
import type { Output } from '../output/output.ts';
import { printable } from '../output/printable.ts';
import { restOf } from '../with-client.ts';

export interface PageOptions {
  readonly page: number;
  readonly size: number;
}

export interface NewRoomOptions {
  readonly name: string;
  readonly description: string;
  readonly isPrivate: boolean;
}

/** Public rooms, or those of the caller. */
export async function listRoomsCommand(
  context: CommandContext,
  whose: 'public' | 'own',
  page: PageOptions,
): Promise<void> {
  const rest = restOf(context);
  const rooms = await (whose === 'own' ? rest.listOwnRooms(page) : rest.listPublicRooms(page));
  context.output.result(rooms, () => describePage(rooms, context.output));
}

export async function createRoomCommand(context: CommandContext, room: NewRoomOptions): Promise<void> {
  const { name, description, isPrivate } = room;
  const visibility = isPrivate ? 'PRIVATE' : 'PUBLIC';
  const created = await restOf(context).createRoom({ name, description, visibility });
  context.output.result(created, () => String(created.id));
}

export async function joinRoomCommand(context: CommandContext, roomId: number): Promise<void> {
  const room = await restOf(context).joinRoom(roomId);
  context.output.result(room, () => `in room ${room.id}, ${printable(room.name)}`);
}

export async function listMembersCommand(context: CommandContext, roomId: number): Promise<void> {
  const members = await restOf(context).listMembers(roomId);
  context.output.result({ items: members }, () => {
    const rows = members.map(({ userId, username, role, isOnline }) => [
      String(userId),
      printable(username),
      role,
      isOnline ? 'online' : 'offline',
    ]);
    return columns([['user', 'name', 'role', ''], ...rows]).join('\n');
  });
}

function describePage({ content, page, totalPages, totalElements }: PageDTO<ChatRoomDTO>, { paint }: Output): string {
  const rows = content.map(({ id, name, type, visibility = 'PUBLIC', unreadCount, description }) => [
    String(id),
    printable(name),
    `${type} ${visibility}`.toLowerCase(),
    unreadCount === undefined ? '' : `${unreadCount} unread`,
    printable(description),
  ]);
  const footer = paint('dim', `page ${page + 1} of ${Math.max(totalPages, 1)}, ${totalElements} in all`);
  return [...columns([['id', 'name', 'kind', '', ''], ...rows]), footer].join('\n');
}
