import { setTimeout as sleep } from 'node:timers/promises';
import type { FaultApp } from '../chat/fault-app.ts';
import type { FaultChat } from '../chat/fault-chat.ts';
import type { Random } from '../random.ts';
import type { RunLog } from '../readback/run-log.ts';
import type { RunRows } from '../readback/run-rows.ts';
import type { FaultClient } from '../workload/fault-client.ts';
import type { ForeignProducer } from './foreign-producer.ts';

/** What a fault may take hold of. */
export interface Scene {
  readonly chat: FaultChat;
  readonly clients: readonly FaultClient[];
  /** That they are in. */
  readonly rooms: readonly number[];
  readonly random: Random;
  readonly log: RunLog;
  readonly rows: RunRows;
  readonly producer: ForeignProducer;
  /** Clients that only listen, in a room of their own, connected. */
  readonly idleClients: () => Promise<readonly FaultClient[]>;
  /** A room in which things happen that the rules of a run do not judge. */
  readonly leaveOut: (room: number) => void;
  /** Notes begin and end of a breakage, the end also when the work fails. */
  readonly during: <Result>(breakage: Breakage, work: () => Promise<Result>) => Promise<Result>;
}

export interface Breakage {
  /** Which instance, broker or stretch of network. */
  readonly target: string;
  /** Gateways, and clients by their number, that cannot answer meanwhile. */
  readonly freezes?: readonly string[];
}

/** One way to break the system, and to mend it. */
export interface Fault {
  /** As the command line names it. */
  readonly id: string;
  /** What happens, in a few words. */
  readonly name: string;
  /** The short form has one fault of each class. */
  readonly class: string;
  /** Breaks and mends; resolves when everything is mended. A sentence says why it cannot be done on this machine. */
  readonly run: (scene: Scene) => Promise<string | void>;
}

/** Any of the gateways, as the seed has it. */
export const aGateway = ({ chat, random }: Scene): FaultApp => random.pick(chat.gateways);
/** Any of the persisters. */
export const aPersister = ({ chat, random }: Scene): FaultApp => random.pick(chat.persisters);

/** How long something stays broken where it does not matter how long, in ms. */
const BROKEN_MS = 5_000;

/** Lets time pass while something is broken. */
export function last(ms: number = BROKEN_MS): Promise<void> {
  return sleep(ms);
}
