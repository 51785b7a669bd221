import { mkdir } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { standardPort, startProgram, type Part, type PartContext, type PartProgram } from './part.ts';

const STANDARD_PORT = 6379;
const READY_DEADLINE_MS = 15_000;
const PING_DEADLINE_MS = 1_000;

/** Opens a connection; the listener is called once it stands. */
export type OpenSocket = (listener: () => void) => Socket;

/** Starts redis-server. */
export async function startRedis(context: PartContext, command: string): Promise<Part> {
  const { program, url } = await prepareRedis(context, command);
  const child = await startProgram(context, program);
  return { name: 'redis', url, pid: child.pid, source: 'process' };
}

/** A redis-server that keeps nothing on disk, so that it comes back empty: what is in Redis may be lost. In the clear unless `listensAt` says else. */
export async function prepareRedis(
  context: PartContext,
  command: string,
  listensAt: (port: number) => readonly string[] = (port) => ['--port', String(port)],
): Promise<{ readonly program: PartProgram; readonly url: string; readonly port: number }> {
  const port = await context.ports.take(standardPort(context, STANDARD_PORT));
  const folder = join(context.dataDir, 'redis');
  await mkdir(folder, { recursive: true });
  const spec = {
    name: 'redis',
    command,
    args: ['--bind', '127.0.0.1', ...listensAt(port), '--dir', folder, '--save', '', '--appendonly', 'no'],
    logFile: join(context.logDir, 'redis.log'),
  };
  const isReady = () => answersPing('127.0.0.1', port);
  return { program: { spec, isReady, readyDeadlineMs: READY_DEADLINE_MS }, url: `redis://127.0.0.1:${port}`, port };
}

/** Whether a Redis server answers PING (or asks for a password, which only a live one does). */
export function answersPing(
  host: string,
  port: number,
  open: OpenSocket = (listener) => connect({ host, port }, listener),
): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = open(() => socket.write('PING\r\n')).setTimeout(PING_DEADLINE_MS);
  socket.once('data', (answer) => finish(/^(\+PONG|-NOAUTH)/.test(answer.toString('latin1'))));
  socket.once('timeout', () => finish(false));
  socket.once('error', () => finish(false));
  socket.once('close', () => finish(false));
  return promise;
  function finish(isAnswer: boolean): void {
    socket.destroy();
    resolve(isAnswer);
  }
}
