import { consecutive } from '../consecutive.ts';
import type { Membership } from '../insert-rooms.ts';

/** The first room's id; all have four digits, so that all frames are of one size. */
const FIRST_ROOM = 1001;

/** Who is in which rooms. */
export interface Layout {
  readonly name: string;
  readonly roomIds: readonly number[];
  /** Of user n + 1, who is connected once. */
  readonly roomsOfClients: readonly (readonly number[])[];
  /** Members of every room: what one message is delivered to. */
  readonly roomSize: number;
}

export function oneRoom(size: number): Layout {
  return separateRooms(`one room of ${count(size)}`, 1, size);
}

export function manyRooms(roomCount: number, size: number): Layout {
  return separateRooms(`${count(roomCount)} rooms of ${size}`, roomCount, size);
}

function separateRooms(name: string, roomCount: number, roomSize: number): Layout {
  const roomIds = consecutive(roomCount, FIRST_ROOM);
  return { name, roomIds, roomSize, roomsOfClients: roomIds.flatMap((id) => Array<number[]>(roomSize).fill([id])) };
}

/** Rooms of two that overlap: half as many clients as rooms, each in four of them, with four others. */
export function overlappingPairs(roomCount: number): Layout {
  const roomIds = consecutive(roomCount, FIRST_ROOM);
  const clientCount = roomCount / 2;
  const roomsOfClients = Array.from({ length: clientCount }, () => [] as number[]);
  roomIds.forEach((roomId, index) => {
    const [first, lap] = [index % clientCount, Math.floor(index / clientCount)];
    roomsOfClients[first]?.push(roomId);
    roomsOfClients[(first + 1 + 2 * lap) % clientCount]?.push(roomId);
  });
  return { name: `${count(roomCount)} rooms of 2 with overlap`, roomIds, roomSize: 2, roomsOfClients };
}

export function membersOf({ roomsOfClients }: Layout): readonly Membership[] {
  return roomsOfClients.flatMap((rooms, index) => rooms.map((roomId) => ({ roomId, userId: index + 1 })));
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}
