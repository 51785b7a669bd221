/** One bench of tools/bench. */
export interface BenchSpec {
  readonly name: string;
  /** The apps that it starts. */
  readonly apps: readonly string[];
  readonly deadlineMs: number;
}

const MINUTE_MS = 60_000;

export const BENCHES: readonly BenchSpec[] = [
  { name: 'publisher', apps: [], deadlineMs: 15 * MINUTE_MS },
  { name: 'persister', apps: [], deadlineMs: 15 * MINUTE_MS },
  { name: 'history', apps: ['@chat/rooms-api'], deadlineMs: 45 * MINUTE_MS },
  { name: 'fan-out', apps: ['@chat/ws-gateway'], deadlineMs: 15 * MINUTE_MS },
  { name: 'paced', apps: ['@chat/ws-gateway'], deadlineMs: 15 * MINUTE_MS },
  { name: 'echo', apps: ['@chat/ws-gateway'], deadlineMs: 15 * MINUTE_MS },
  { name: 'connections', apps: ['@chat/ws-gateway'], deadlineMs: 15 * MINUTE_MS },
  { name: 'idle', apps: ['@chat/ws-gateway'], deadlineMs: 15 * MINUTE_MS },
  { name: 'filter', apps: ['@chat/ws-gateway'], deadlineMs: 15 * MINUTE_MS },
  { name: 'feed', apps: ['@chat/ws-gateway'], deadlineMs: 20 * MINUTE_MS },
  { name: 'mail', apps: ['@chat/ws-gateway'], deadlineMs: 5 * MINUTE_MS },
  {
    name: 'presence',
    apps: ['@chat/ws-gateway', '@chat/presence-worker', '@chat/rooms-api'],
    deadlineMs: 30 * MINUTE_MS,
  },
  { name: 'replay', apps: ['@chat/ws-gateway', '@chat/message-persister'], deadlineMs: 15 * MINUTE_MS },
  { name: 'unread', apps: ['@chat/rooms-api'], deadlineMs: 15 * MINUTE_MS },
];
