import { mkdir } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { standardPort, waitForPart, type Part, type PartContext } from './part.ts';

const STANDARD_PORT = 6379;
const READY_DEADLINE_MS = 15_000;
const PING_DEADLINE_MS = 1_000;

/** Starts redis-server. It keeps nothing on disk: what is in Redis may be lost. */
export async function startRedis(context: PartContext, program: string): Promise<Part> {
  const port = await context.ports.take(standardPort(context, STANDARD_PORT));
  const folder = join(context.dataDir, 'redis');
  await mkdir(folder, { recursive: true });
  const child = context.run.spawn({
    name: 'redis',
    command: program,
    args: ['--bind', '127.0.0.1', '--port', String(port), '--dir', folder, '--save', '', '--appendonly', 'no'],
    logFile: join(context.logDir, 'redis.log'),
  });
  await waitForPart(context, child, () => answersPing('127.0.0.1', port), READY_DEADLINE_MS);
  return {
    name: 'redis',
    url: `redis://127.0.0.1:${port}`,
    pid: child.pid,
    source: 'process',
  };
}

/** Whether a Redis server answers PING (or asks for a password, which only a live one does). */
export function answersPing(host: string, port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect({ host, port, timeout: PING_DEADLINE_MS }, () => socket.write('PING\r\n'));
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
