import { setTimeout as sleep } from 'node:timers/promises';
import { TEST_JWT_SECRET } from '@chat/testing';
import { CONTENT_MARK } from '../../clients/content.ts';
import { readLogs } from '../../harness/log-folder.ts';
import { judgeLogs } from '../../harness/log-leaks.ts';
import { CHAT_MESSAGES_PARTITIONS } from '../../harness/topic-layout.ts';
import type { FaultChat } from '../chat/fault-chat.ts';
import { visibleMessages } from '../history/visible-messages.ts';
import type { Untimed } from '../history/history-event.ts';
import type { Recorder } from '../history/recorder.ts';
import { seededRandom } from '../random.ts';
import { readUsage } from '../readback/read-usage.ts';
import { RunLog } from '../readback/run-log.ts';
import { RunRows } from '../readback/run-rows.ts';
import type { FaultClient } from '../workload/fault-client.ts';
import { Workload } from '../workload/workload.ts';
import { openCast, type Cast } from './cast.ts';
import { ForeignProducer } from './foreign-producer.ts';
import { noteRecovery } from './recovery.ts';
import type { Breakage, Fault } from './scene.ts';
import { until } from './until.ts';

export interface FaultRunOptions {
  readonly chat: FaultChat;
  readonly recorder: Recorder;
  readonly seed: number;
  /** One after another, as long as there are any. */
  readonly faults: Iterable<Fault>;
  /** Where the apps write their logs. */
  readonly logDir: string;
  readonly clientCount: number;
  readonly roomCount: number;
  readonly ratePerSecond: number;
  readonly idleCount: number;
  /** Load without faults before the first and after each, in ms. */
  readonly calmMs: number;
  readonly say: (line: string) => void;
}

/** From the end of the load to when every client has an answer and everything that it should have, in ms at most. */
const SETTLE_MS = 45_000;
const CONNECT_MS = 30_000;
/** From the last connection's end to when the apps hold nothing of it, in ms. */
const IDLE_MS = 3_000;
/** From asking for it to garbage being collected, in ms. */
const COLLECT_MS = 2_000;

/**
 * One run: load, faults one after another with load all the time, healing, quiet, everything read back. Resolves when all
 * of it is in the history; rejects where the harness itself could not go on.
 */
export async function runFaults(options: FaultRunOptions): Promise<void> {
  const run = await FaultRun.open(options);
  try {
    await run.go();
  } finally {
    await run.close();
  }
}

class FaultRun {
  readonly #options: FaultRunOptions;
  readonly #cast: Cast;
  readonly #workload: Workload;
  readonly #log: RunLog;
  readonly #rows: RunRows;
  readonly #leftOut = new Set<number>();
  #faultCount = 0;

  private constructor(options: FaultRunOptions, cast: Cast) {
    const { chat, recorder, seed, ratePerSecond } = options;
    const { note } = recorder;
    this.#options = options;
    this.#cast = cast;
    this.#log = new RunLog(chat.parts.direct.kafkaBrokers, CHAT_MESSAGES_PARTITIONS);
    this.#rows = new RunRows(chat.parts.direct.databaseUrl);
    this.#workload = new Workload({
      clients: cast.clients,
      random: seededRandom(seed + 1),
      ratePerSecond,
      onStall: (ms) => note({ type: 'stall', ms }),
    });
  }

  static async open(options: FaultRunOptions): Promise<FaultRun> {
    const { recorder, seed, clientCount, roomCount, ratePerSecond } = options;
    recorder.note({ type: 'run', startedAt: Date.now(), seed, clientCount, roomCount, ratePerSecond });
    const cast = await openCast({ ...options, random: seededRandom(seed), note: recorder.note });
    return new FaultRun(options, cast);
  }

  async go(): Promise<void> {
    await this.#warmUp();
    const random = seededRandom(this.#options.seed + 2);
    for (const fault of this.#options.faults) await this.#suffer(fault, random.fork());
    await this.#recover();
    await this.#settle();
    await this.#readBack();
  }

  async close(): Promise<void> {
    this.#workload.stop();
    for (const client of this.#cast.everybody()) client.leave();
    await this.#rows.close();
  }

  /** The apps are warm when it is noted what they hold without clients. */
  async #warmUp(): Promise<void> {
    this.#phase('warm-up');
    this.#workload.watch();
    await this.#connect(this.#cast.everybody());
    await this.#load(this.#options.calmMs);
    await this.#answered();
    for (const client of this.#cast.everybody()) client.goAway();
    await sleep(IDLE_MS);
    await this.#noteUsage(false);
    await this.#connect(this.#cast.everybody());
    this.#phase('calm');
    await this.#load(this.#options.calmMs);
  }

  async #suffer(fault: Fault, random: ReturnType<typeof seededRandom>): Promise<void> {
    const { chat, recorder, calmMs, say } = this.#options;
    const { clients, rooms } = this.#cast;
    say(`${fault.id}: ${fault.name}`);
    await this.#spread();
    this.#phase(fault.id);
    this.#workload.start();
    const producer = new ForeignProducer({
      brokers: chat.parts.direct.kafkaBrokers,
      partitionCount: CHAT_MESSAGES_PARTITIONS,
      note: recorder.note,
    });
    const scene = { chat, clients, rooms, random, producer, log: this.#log, rows: this.#rows };
    const impossible = await fault
      .run({
        ...scene,
        idleClients: () => this.#connectIdle(),
        leaveOut: (room) => void this.#leftOut.add(room),
        during: (breakage, work) => this.#during(fault, breakage, work),
      })
      .catch((error: unknown) => recorder.note({ type: 'undone', name: fault.id, reason: String(error) }));
    if (impossible !== undefined) say(`${fault.id} cannot be done here: ${impossible}`);
    this.#phase(`after ${fault.id}`);
    await this.#recover();
    await sleep(calmMs);
  }

  async #recover(): Promise<void> {
    const { chat, recorder } = this.#options;
    const { probes } = this.#cast;
    await noteRecovery({ apps: chat.apps, probes, log: this.#log, rows: this.#rows, note: recorder.note });
  }

  async #during<Result>(
    fault: Fault,
    { target, freezes = [] }: Breakage,
    work: () => Promise<Result>,
  ): Promise<Result> {
    const { note } = this.#options.recorder;
    const number = (this.#faultCount += 1);
    note({ type: 'fault', fault: number, name: fault.id, target, freezes });
    try {
      return await work();
    } finally {
      note({ type: 'faultEnded', fault: number });
    }
  }

  /** Clients do not come back by themselves to a gateway that was away, and one without clients has nothing to break. */
  async #spread(): Promise<void> {
    const { clients } = this.#cast;
    const { gatewayUrls } = this.#options.chat;
    const fair = Math.floor(clients.length / gatewayUrls.length);
    const at = (name: string) => clients.filter(({ gateway }) => gateway === name);
    for (const { name } of gatewayUrls.filter((gateway) => at(gateway.name).length < fair / 2)) {
      const crowded = gatewayUrls.flatMap((gateway) => at(gateway.name).slice(fair));
      for (const client of crowded.slice(0, fair)) client.moveTo(name);
    }
    await until(() => clients.every(({ isLive }) => isLive), CONNECT_MS);
  }

  async #connectIdle(): Promise<readonly FaultClient[]> {
    const idle = await this.#cast.idleClients();
    await this.#connect(idle.filter(({ isLive }) => !isLive));
    return idle;
  }

  async #settle(): Promise<void> {
    this.#phase('quiet');
    this.#workload.pause();
    await this.#answered();
  }

  /** The sessions are open at the end of the history. */
  async #readBack(): Promise<void> {
    const { note } = this.#options.recorder;
    const marks = await this.#log.mark();
    await until(() => this.#rows.isCaughtUp(marks), SETTLE_MS);
    const records = (await this.#log.read(marks)).filter((record) => this.#isJudged(record));
    const rooms = visibleMessages(records);
    const lastOf = (room: number) => rooms.get(room)?.at(-1)?.id ?? null;
    const hasAll = (client: FaultClient) => client.rooms.every((room) => client.lastSeen(room) === lastOf(room));
    await until(() => this.#cast.everybody().every(hasAll), SETTLE_MS);
    this.#phase('read back');
    for (const client of this.#cast.everybody()) client.leave();
    const rows = (await this.#rows.read()).filter((row) => this.#isJudged(row));
    for (const event of [...records, ...rows]) note(event);
    await sleep(IDLE_MS);
    await this.#noteUsage(true);
    this.#noteLeaks();
    note({ type: 'ended' });
  }

  #isJudged(event: Untimed): boolean {
    return !('room' in event && event.room !== null && this.#leftOut.has(event.room));
  }

  async #connect(clients: readonly FaultClient[]): Promise<void> {
    for (const client of clients) client.connect();
    const connected = await until(() => clients.every(({ isLive }) => isLive), CONNECT_MS);
    if (connected === null) throw new Error(`not all clients were live within ${CONNECT_MS} ms`);
  }

  async #load(ms: number): Promise<void> {
    this.#workload.start();
    await sleep(ms);
  }

  async #answered(): Promise<void> {
    this.#workload.pause();
    await until(() => this.#cast.everybody().every(({ isSettled }) => isSettled), SETTLE_MS);
  }

  #phase(name: string): void {
    this.#options.recorder.note({ type: 'phase', name });
  }

  async #noteUsage(isAfter: boolean): Promise<void> {
    for (const app of this.#options.chat.apps) app.collectGarbage();
    await sleep(COLLECT_MS);
    for (const { name: instance, internalUrl } of this.#options.chat.apps) {
      this.#options.recorder.note({ type: 'usage', instance, isAfter, ...(await readUsage(internalUrl)) });
    }
  }

  #noteLeaks(): void {
    const { logDir, recorder, chat } = this.#options;
    const passwords = [chat.parts.direct.databaseUrl].map((url) => `:${new URL(url).password}@`);
    const forbidden = { contentMark: CONTENT_MARK, secrets: [TEST_JWT_SECRET, ...passwords] };
    const { tokens, contents, secrets, troubles } = judgeLogs(readLogs(logDir), forbidden);
    for (const [what, places] of Object.entries({ tokens, contents, secrets, troubles })) {
      for (const place of places) recorder.note({ type: 'leak', what, place: fileOf(place) });
    }
  }
}

/** The file in front of a line: the line itself has what must stand nowhere. */
function fileOf(line: string): string {
  return line.slice(0, line.indexOf(':'));
}
