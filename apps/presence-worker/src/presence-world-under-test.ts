import type { RoomId } from '@chat/dto';
import type { PresenceChange, PresenceState, SessionEntry, UserSnapshot } from './presence-change.ts';
import type { PresenceInput } from './transition.ts';

export const GRACE_MS = 10;
export const LEASE_MS = 30;
export const PROCESSES = ['p', 'q'] as const;
export const TABS = ['one', 'two', 'three'] as const;

export type ProcessName = (typeof PROCESSES)[number];
export type TabName = (typeof TABS)[number];
export type SessionInput = PresenceInput & { readonly kind: 'OPENED' | 'CLOSED' | 'LOST' };

/** A record of session-events. */
export interface Told {
  readonly sessionId: string;
  readonly gatewayId: string;
  readonly input: SessionInput;
}

interface Tab {
  readonly sessionId: string;
  readonly process: ProcessName;
  readonly room: RoomId | null;
}

/**
 * What is so, whoever tells of it: gateway processes, each with a clock of its own and one id after another, and the tabs of one
 * user, each of them one session after another. Redis holds the leases; its clock is `now`, and goes on evenly.
 */
export class World {
  now = 1_000_000;
  holdEnd = 0;
  /** When the lease of a gateway id was gone; absent while it lives. */
  readonly goneAt = new Map<string, number>();
  readonly #clocks = new Map<ProcessName, number>();
  readonly #incarnations = new Map<ProcessName, number>();
  readonly #frozen = new Set<ProcessName>();
  readonly #tabs = new Map<TabName, Tab>();
  #sessionCount = 0;

  gatewayId(process: ProcessName): string {
    return `${process}${this.#incarnations.get(process) ?? 0}`;
  }

  stepClock(process: ProcessName, byMs: number): void {
    this.#clocks.set(process, (this.#clocks.get(process) ?? 0) + byMs);
  }

  /** The tab connects, or where it is connected looks at another room. */
  open(name: TabName, process: ProcessName, room: RoomId | null, exitedRoomIds: readonly RoomId[]): Told[] {
    const known = this.#tabs.get(name);
    const tab = {
      sessionId: known?.sessionId ?? `s${(this.#sessionCount += 1)}`,
      process: known?.process ?? process,
      room,
    };
    if (this.#frozen.has(tab.process)) return [];
    this.#tabs.set(name, tab);
    return [this.#opened(tab, exitedRoomIds)];
  }

  end(name: TabName, kind: 'CLOSED' | 'LOST', exitedRoomIds: readonly RoomId[]): Told[] {
    const tab = this.#tabs.get(name);
    if (tab === undefined || this.#frozen.has(tab.process)) return [];
    this.#tabs.delete(name);
    const { sessionId, process } = tab;
    return [
      { sessionId, gatewayId: this.gatewayId(process), input: { kind, exitedRoomIds, at: this.#clockOf(process) } },
    ];
  }

  /** It says nothing for so long that its lease is gone: for ever, where it crashed. */
  freeze(process: ProcessName): void {
    if (this.#frozen.has(process)) return;
    this.#frozen.add(process);
    this.#loseLease(process);
  }

  /** It finds its lease gone, takes another id and announces its sessions again. */
  thaw(process: ProcessName): Told[] {
    return this.#frozen.delete(process) ? this.#announceAgain(process) : [];
  }

  /** Redis is empty: nobody is announced OFFLINE for one lease, and every process announces again under another id. */
  emptyRedis(): Told[] {
    this.hold();
    const running = PROCESSES.filter((process) => !this.#frozen.has(process));
    for (const process of running) this.#loseLease(process);
    return running.flatMap((process) => this.#announceAgain(process));
  }

  hold(): void {
    this.holdEnd = this.now + LEASE_MS;
  }

  get holdMs(): number {
    return Math.max(0, this.holdEnd - this.now);
  }

  /** The sessions that live on processes that do. */
  liveSessions(): string[] {
    return [...this.#tabs.values()]
      .filter(({ process }) => !this.#frozen.has(process))
      .map(({ sessionId }) => sessionId);
  }

  #loseLease(process: ProcessName): void {
    this.goneAt.set(this.gatewayId(process), this.now);
  }

  #announceAgain(process: ProcessName): Told[] {
    this.#incarnations.set(process, (this.#incarnations.get(process) ?? 0) + 1);
    return [...this.#tabs.values()].filter((tab) => tab.process === process).map((tab) => this.#opened(tab, []));
  }

  #opened({ sessionId, process, room }: Tab, exitedRoomIds: readonly RoomId[]): Told {
    const gatewayId = this.gatewayId(process);
    const at = this.#clockOf(process);
    return { sessionId, gatewayId, input: { kind: 'OPENED', gatewayId, activeRoomId: room, exitedRoomIds, at } };
  }

  #clockOf(process: ProcessName): string {
    return new Date(this.now + (this.#clocks.get(process) ?? 0)).toISOString();
  }
}

/** What Redis keeps of one user, in memory: applies what `transition` decides. */
export class StoredUser {
  state: PresenceState = 'UNKNOWN';
  readonly sessions = new Map<string, SessionEntry>();
  readonly activeRooms = new Map<string, RoomId>();
  readonly ended = new Set<string>();
  /** Goes on to Postgres, and is not lost with the rest. */
  readonly lastSeen = new Map<RoomId, number>();
  readonly announced: string[] = [];
  deadline: number | null = null;

  snapshot(sessionId: string, isGatewayAlive: boolean, holdMs: number): UserSnapshot {
    return {
      state: this.state,
      session: this.sessions.get(sessionId) ?? null,
      activeRoomId: this.activeRooms.get(sessionId) ?? null,
      sessionCount: this.sessions.size,
      hasEnded: this.ended.has(sessionId),
      isGatewayAlive,
      holdMs,
    };
  }

  apply(sessionId: string, change: PresenceChange | null, now: number): void {
    if (change === null) return;
    if (change.session === 'REMOVED') this.sessions.delete(sessionId);
    else if (change.session !== undefined) this.sessions.set(sessionId, change.session);
    if (change.activeRoomId === null) this.activeRooms.delete(sessionId);
    else if (change.activeRoomId !== undefined) this.activeRooms.set(sessionId, change.activeRoomId);
    if (change.endsSession) this.ended.add(sessionId);
    if (change.deadline === 'CLEARED') this.deadline = null;
    else if (change.deadline !== undefined) this.deadline = now + change.deadline;
    if (change.state !== undefined) this.state = change.state.name;
    if (change.announces !== undefined) this.announced.push(change.announces.event);
    for (const { roomId, seenAtMs } of change.seenRooms) {
      this.lastSeen.set(roomId, Math.max(seenAtMs, this.lastSeen.get(roomId) ?? 0));
    }
  }

  forget(): void {
    for (const kept of [this.sessions, this.activeRooms, this.ended]) kept.clear();
    this.state = 'UNKNOWN';
    this.deadline = null;
    this.announced.push('FORGOTTEN');
  }
}
