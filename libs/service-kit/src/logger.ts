import { pino, type DestinationStream, type Logger as PinoLogger } from 'pino';

export type Logger = PinoLogger;
export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

/** What must never reach a log, wherever an object carries it. */
const REDACTED = ['token', 'authorization', 'content', 'password', 'secret', 'jwtSecret', 'payload'].flatMap((name) => [
  name,
  `*.${name}`,
  `*.*.${name}`,
]);

/** JSON lines on standard output: constant text, fields for what varies, tokens and content left out. */
export function createLogger(
  app: string,
  options: { level: (typeof LOG_LEVELS)[number]; instanceId: string },
  destination?: DestinationStream,
): Logger {
  return pino(
    {
      level: options.level,
      base: { app, instanceId: options.instanceId },
      redact: { paths: REDACTED, censor: '[redacted]' },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    destination ?? pino.destination({ fd: 1, sync: true }),
  );
}
