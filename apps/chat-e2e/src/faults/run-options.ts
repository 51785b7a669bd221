import { parseArgs } from 'node:util';

/** What the command line asks for. */
export interface RunOptions {
  /** Ids of faults; all in turn where there are none. */
  readonly faultIds: readonly string[];
  /** Null: one of its own, which is printed. */
  readonly seed: number | null;
  /** No fault begins after so many minutes. */
  readonly minutes: number;
  readonly clientCount: number;
  readonly roomCount: number;
  readonly ratePerSecond: number;
  /** How gateways get `chat-messages`: `ROOM_FEED`. */
  readonly feed: string;
  /** A history to judge instead of running. */
  readonly replay: string | null;
  /** Whether the figures go into docs/guarantees.md. */
  readonly writesDocument: boolean;
}

/** What `--feed` may be. */
const FEEDS = ['full', 'interest'];

/** Throws a RangeError that names the option which is none of what it may be. */
export function readOptions(args: readonly string[]): RunOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      fault: { type: 'string', multiple: true, default: [] },
      seed: { type: 'string' },
      minutes: { type: 'string', default: '10' },
      clients: { type: 'string', default: '40' },
      rooms: { type: 'string', default: '8' },
      rate: { type: 'string', default: '200' },
      feed: { type: 'string', default: 'full' },
      replay: { type: 'string' },
      write: { type: 'boolean', default: false },
    },
  });
  return {
    faultIds: values.fault,
    seed: values.seed === undefined ? null : whole('seed', values.seed),
    minutes: whole('minutes', values.minutes),
    clientCount: whole('clients', values.clients),
    roomCount: whole('rooms', values.rooms),
    ratePerSecond: whole('rate', values.rate),
    feed: parseFeed(values.feed),
    replay: values.replay ?? null,
    writesDocument: values.write,
  };
}

/** What a word behind `--feed` means; full where there is none. */
export function parseFeed(text = 'full'): string {
  return oneOf('feed', FEEDS, text);
}

function whole(name: string, text: string): number {
  if (!/^[1-9][0-9]{0,8}$/.test(text)) throw new RangeError(`--${name} must be a whole number from 1, not ${text}`);
  return Number(text);
}

function oneOf(name: string, choices: readonly string[], text: string): string {
  if (!choices.includes(text)) throw new RangeError(`--${name} must be one of ${choices.join(', ')}, not ${text}`);
  return text;
}
