import { contentOf } from '../workload/content.ts';
import { newPerson, type Person } from '../../clients/person.ts';
import type { FaultChat } from '../chat/fault-chat.ts';
import { openRoom } from '../chat/open-rooms.ts';
import type { Recorder } from '../history/recorder.ts';
import type { Random } from '../random.ts';
import { FaultClient } from '../workload/fault-client.ts';

/** Rooms that each client is in: enough for one connection to serve several, few enough for this machine. */
const ROOMS_PER_CLIENT = 2;

export interface CastOptions {
  readonly chat: FaultChat;
  readonly random: Random;
  readonly note: Recorder['note'];
  readonly clientCount: number;
  readonly roomCount: number;
  /** Of those that only listen, where a fault asks for them. */
  readonly idleCount: number;
}

/** Everybody in a run. Nobody is connected yet. */
export interface Cast {
  readonly clients: readonly FaultClient[];
  readonly rooms: readonly number[];
  /** Two in a room of their own, by whom it is seen when the chat works again. */
  readonly probes: readonly [FaultClient, FaultClient];
  /** Everybody so far. */
  everybody(): readonly FaultClient[];
  /** Those that only listen, in a room of their own; made when they are first asked for. */
  idleClients(): Promise<readonly FaultClient[]>;
}

/** Makes the rooms and the people, spread evenly over them. */
export async function openCast(options: CastOptions): Promise<Cast> {
  const { chat, clientCount, roomCount, idleCount } = options;
  const clientOf = clientMaker(options);
  const people = Array.from({ length: clientCount }, () => newPerson());
  const isIn = (person: number, room: number) => isMember(person, room, roomCount);
  const rooms: number[] = [];
  for (let room = 0; room < roomCount; room += 1) {
    rooms.push(
      await openRoom(
        chat.restUrl,
        people.filter((_, person) => isIn(person, room)),
      ),
    );
  }
  const clients = people.map((person, index) =>
    clientOf(
      person,
      rooms.filter((_, room) => isIn(index, room)),
    ),
  );
  const probing = [newPerson(), newPerson()] as const;
  const probeRoom = await openRoom(chat.restUrl, probing);
  const probes = [clientOf(probing[0], [probeRoom]), clientOf(probing[1], [probeRoom])] as const;
  let idle: readonly FaultClient[] | null = null;
  const openIdle = async () => {
    const many = Array.from({ length: idleCount }, () => newPerson());
    const room = await openRoom(chat.restUrl, many);
    return many.map((person) => clientOf(person, [room]));
  };
  return {
    clients,
    rooms,
    probes,
    everybody: () => [...clients, ...probes, ...(idle ?? [])],
    idleClients: async () => (idle ??= await openIdle()),
  };
}

/** Each client is in the next few rooms from its own on. */
function isMember(person: number, room: number, roomCount: number): boolean {
  return (room - (person % roomCount) + roomCount) % roomCount < ROOMS_PER_CLIENT;
}

function clientMaker({ chat, random, note }: CastOptions) {
  let lastSession = 0;
  let lastSubscription = 0;
  return ({ id, token }: Person, rooms: readonly number[]) =>
    new FaultClient({
      client: id,
      token,
      rooms,
      gateways: chat.gatewayUrls,
      random: random.fork(),
      nextSession: () => (lastSession += 1),
      nextSubscription: () => (lastSubscription += 1),
      contentOf,
      note,
    });
}
