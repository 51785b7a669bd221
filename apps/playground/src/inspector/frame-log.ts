/** A STOMP frame as the inspector keeps it; secrets are left out. */
export interface LoggedFrame {
  /** Rises by one with each frame of the page. */
  readonly number: number;
  /** Milliseconds of the page's clock, as of `Date.now()`. */
  readonly at: number;
  /** Whose connection it is. */
  readonly side: Side;
  readonly direction: Direction;
  readonly command: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
  /** Characters of the body that were too many to keep. */
  readonly cutCharacters: number;
}

export type Side = 'left' | 'right';
/** As the client sees it: out is what it sends. */
export const DIRECTIONS = ['out', 'in'] as const;
export type Direction = (typeof DIRECTIONS)[number];

export interface FrameLog {
  /** The eldest first. */
  readonly frames: readonly LoggedFrame[];
  readonly isPaused: boolean;
  /** How many were left out while it was paused. */
  readonly missedCount: number;
  readonly nextNumber: number;
}

export const EMPTY_LOG: FrameLog = { frames: [], isPaused: false, missedCount: 0, nextNumber: 1 };

/** What a log holds at most; the eldest frames go first. */
export const FRAMES_MAX_COUNT = 1_000;
export const BODY_MAX_CHARACTERS = 20_000;

export type NewFrame = Omit<LoggedFrame, 'number' | 'cutCharacters'>;

/** The log with these frames behind those that it has; a paused one only counts them. */
export function addFrames(log: FrameLog, frames: readonly NewFrame[]): FrameLog {
  if (frames.length === 0) return log;
  if (log.isPaused) return { ...log, missedCount: log.missedCount + frames.length };
  const added = frames.slice(-FRAMES_MAX_COUNT).map((frame, index) => kept(frame, log.nextNumber + index));
  return {
    ...log,
    frames: [...log.frames, ...added].slice(-FRAMES_MAX_COUNT),
    nextNumber: log.nextNumber + added.length,
  };
}

export function paused(log: FrameLog, isPaused: boolean): FrameLog {
  return { ...log, isPaused, missedCount: isPaused ? log.missedCount : 0 };
}

/** The log without its frames; their numbers are not used again. */
export function cleared(log: FrameLog): FrameLog {
  return { ...log, frames: [], missedCount: 0 };
}

const SECRET_HEADERS = new Set(['authorization', 'passcode']);
/** A JWT wherever it may stand: three base64url parts, of which the first is a JSON object. */
const JWT = /\beyJ[\w-]*\.[\w-]+\.[\w-]*/g;
const HIDDEN = '(hidden)';

function kept(frame: NewFrame, number: number): LoggedFrame {
  const body = frame.body.slice(0, BODY_MAX_CHARACTERS);
  return {
    ...frame,
    number,
    headers: frame.headers.map(([name, value]) => [name, hasSecret(name) ? HIDDEN : withoutTokens(value)] as const),
    body: withoutTokens(body),
    cutCharacters: frame.body.length - body.length,
  };
}

function hasSecret(header: string): boolean {
  return SECRET_HEADERS.has(header.toLowerCase());
}

function withoutTokens(text: string): string {
  return text.replaceAll(JWT, HIDDEN);
}

export interface FrameFilter {
  /** Words, all of which have to be somewhere in the frame, in any case. */
  readonly text: string;
  readonly side: Side | 'both';
  readonly direction: Direction | 'both';
  readonly showsHeartBeats: boolean;
}

export const NO_FILTER: FrameFilter = { text: '', side: 'both', direction: 'both', showsHeartBeats: false };
/** What a heart-beat, which is no frame, is called in the log. */
export const HEART_BEAT = 'heart-beat';

/** The frames that a filter lets pass, in their order. */
export function filterFrames(frames: readonly LoggedFrame[], filter: FrameFilter): readonly LoggedFrame[] {
  const words = filter.text.toLowerCase().split(/\s+/).filter(Boolean);
  return frames.filter(
    (frame) =>
      (filter.side === 'both' || frame.side === filter.side) &&
      (filter.direction === 'both' || frame.direction === filter.direction) &&
      (filter.showsHeartBeats || frame.command !== HEART_BEAT) &&
      hasAll(frame, words),
  );
}

function hasAll(frame: LoggedFrame, words: readonly string[]): boolean {
  if (words.length === 0) return true;
  const text = frameText(frame).toLowerCase();
  return words.every((word) => text.includes(word));
}

/** What a frame is about, in one line: its destination, or what it answers. */
export function summaryOf({ headers }: Pick<LoggedFrame, 'headers'>): string {
  const header = (name: string) => headers.find(([given]) => given === name)?.[1];
  return (
    header('destination') ??
    header('receipt-id') ??
    header('message') ??
    header('id') ??
    header('version') ??
    header('accept-version') ??
    ''
  );
}

/** The body as one would like to read it: JSON in lines, anything else as it is. */
export function prettyBody(body: string): string {
  if (!/^\s*[[{]/.test(body)) return body;
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
}

/** The frame as it goes over the wire, but for escapes and what is hidden: to be copied. */
export function frameText({ command, headers, body }: Pick<LoggedFrame, 'command' | 'headers' | 'body'>): string {
  return [command, ...headers.map(([name, value]) => `${name}:${value}`), '', body].join('\n');
}
