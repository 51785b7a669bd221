import type { StompVersion } from '@chat/stomp';

/**
 * One thing that the specifications ask of a server, or leave to it, with the bytes that show what ours does.
 *
 * Texts in `<…>` stand for what differs from run to run: `<version>`, `<token>`, `<user>` and `<room>` are given; any other
 * stands for whatever the server says there first, and for the same from then on. `<length>` is the bytes of the body.
 */
export interface Clause {
  /** Never changes: documents and reports name it. */
  readonly id: string;
  readonly versions: readonly StompVersion[];
  readonly section: string;
  /** Words of the specification of `saidIn`; null where none speaks of it. */
  readonly quote: string | null;
  /** The highest version that it applies to where left out. */
  readonly saidIn?: StompVersion;
  /** What this server does, as a sentence. */
  readonly ours: string;
  /** Whether it holds to the letter, leaves a choice that `ours` tells, or is refused for the reason that `ours` gives. */
  readonly stance?: 'choice' | 'refusal';
  /** Where the first step finds the client; connected in the version where left out. */
  readonly from?: 'upgraded';
  /** Sub-protocols that the WebSocket offers; none where left out. */
  readonly subProtocols?: readonly string[];
  /** Header lines for the CONNECT before the first step. */
  readonly connectWith?: string;
  /** By version where their bytes differ. */
  readonly steps: readonly Step[] | StepsByVersion;
}

export type StepsByVersion = ReadonlyMap<StompVersion, readonly Step[]>;

/** Which of the connections of one user; the second is opened and connected where it is named first. */
export type ClientName = 'first' | 'second';

export type Step = { readonly by: ClientName } & (
  | {
      readonly do: 'send';
      readonly bytes: string | Uint8Array;
      readonly isBinary: boolean;
      /** One WebSocket message, or one for each byte. */
      readonly inMessages: 'one' | 'many';
    }
  /** The frames that come next, byte for byte, with nothing else between them. */
  | { readonly do: 'get'; readonly frames: readonly string[]; readonly inOrder: boolean }
  /** The socket is closed with this code and nothing came before it that was not told. */
  | { readonly do: 'be closed'; readonly code: number; readonly notBeforeMs: number; readonly deadlineMs: number }
  /** So many heart-beats come, each at the latest so long after the bytes before it. */
  | { readonly do: 'get heart-beats'; readonly count: number; readonly everyMs: number }
  | { readonly do: 'hear nothing'; readonly forMs: number }
  /** Bytes sent over and over for a while. */
  | { readonly do: 'keep sending'; readonly bytes: string; readonly everyMs: number; readonly forMs: number }
  | { readonly do: 'cut' }
);

/** How long any answer may take, in ms. */
const ANSWER_DEADLINE_MS = 5_000;

export interface SendOptions {
  readonly by?: ClientName;
  readonly isBinary?: boolean;
  readonly inMessages?: 'one' | 'many';
}

/** The client sends these bytes: text as UTF-8. */
export function client(bytes: string | Uint8Array, options: SendOptions = {}): Step {
  const { by = 'first', isBinary = typeof bytes !== 'string', inMessages = 'one' } = options;
  return { do: 'send', by, bytes, isBinary, inMessages };
}

/** The server answers with these frames, in this order. */
export function server(...frames: readonly string[]): Step {
  return { do: 'get', by: 'first', frames, inOrder: true };
}

/** The server answers with these frames; RECEIPTs and MESSAGEs do not wait for each other. */
export function serverInAnyOrder(...frames: readonly string[]): Step {
  return { do: 'get', by: 'first', frames, inOrder: false };
}

export function secondClient(bytes: string): Step {
  return client(bytes, { by: 'second' });
}

export function serverToSecond(...frames: readonly string[]): Step {
  return { do: 'get', by: 'second', frames, inOrder: true };
}

/** The server closes the WebSocket with this code; between the times, in ms from the last step, where they are told. */
export function closed(code: number, { notBeforeMs = 0, deadlineMs = ANSWER_DEADLINE_MS } = {}): Step {
  return { do: 'be closed', by: 'first', code, notBeforeMs, deadlineMs };
}

export function heartBeats(count: number, everyMs: number): Step {
  return { do: 'get heart-beats', by: 'first', count, everyMs };
}

export function keepSending(bytes: string, { everyMs, forMs }: { everyMs: number; forMs: number }): Step {
  return { do: 'keep sending', by: 'first', bytes, everyMs, forMs };
}

/** The client's socket goes away without a close frame. */
export function cut(): Step {
  return { do: 'cut', by: 'first' };
}

/** Steps that are told differently in each of these versions. */
export function inEach(
  versions: readonly StompVersion[],
  stepsIn: (version: StompVersion) => readonly Step[],
): StepsByVersion {
  return new Map(versions.map((version) => [version, stepsIn(version)]));
}

/** What is played in a version. */
export function stepsIn({ id, steps }: Clause, version: StompVersion): readonly Step[] {
  if (!(steps instanceof Map)) return steps as readonly Step[]; // Array.isArray and instanceof tell no readonly types apart
  const told = (steps as StepsByVersion).get(version);
  if (told === undefined) throw new Error(`${id} does not say what happens in ${version}`);
  return told;
}

export const ALL: readonly StompVersion[] = ['1.0', '1.1', '1.2'];
export const FROM_1_1: readonly StompVersion[] = ['1.1', '1.2'];

/** Nothing at all comes, heart-beats included, and the socket stays open. */
export function silence(forMs: number): Step {
  return { do: 'hear nothing', by: 'first', forMs };
}
