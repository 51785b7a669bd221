import { describe, expect, it } from 'vitest';
import {
  createFrame,
  FrameParser,
  HEART_BEAT,
  isUnescaped,
  serializeFrame,
  STOMP_VERSIONS,
  StompProtocolError,
  type StompFrame,
  type StompVersion,
} from './index.ts';
import { ENDS_OF_LINE, ESCAPES, FIRST_FRAMES } from './vectors/header-vectors.ts';
import { FRAMES } from './vectors/frame-vectors.ts';
import { cut, joined, wire } from './vectors/parse-all.ts';

const CASES = 1_000_000;
const FUZZ_TIMEOUT_MS = 300_000;
/** New in every run and part of the test's name; to see a failure again, put its seed here. */
const SEED = Date.now() % 2 ** 32;

/** Small, so that mutated frames often reach them. */
const LIMITS = { maxFrameBytes: 160, maxCommandBytes: 14, maxHeaderBytes: 60, maxHeaderCount: 5, maxBodyBytes: 80 };
/** Of what is sent again: it has a content-length of its own, and escapes where it had none. */
const RESENT_LIMITS = { ...LIMITS, maxFrameBytes: 640, maxHeaderBytes: 240, maxHeaderCount: 6 };

/** Mulberry32: numbers in [0, 1) from a 32-bit seed. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const CORPUS: readonly Uint8Array[] = [
  ...[...FRAMES, ...ESCAPES, ...ENDS_OF_LINE, ...FIRST_FRAMES].map(({ bytes }) => bytes),
  ...STOMP_VERSIONS.flatMap((version) => [
    serializeFrame(createFrame('SEND', { destination: '/app/chat.send/1', receipt: '1' }, '{"content":"é"}'), version),
    serializeFrame(createFrame('SUBSCRIBE', { id: '0', destination: '/topic/chat_rooms/1', ack: 'client' }), version),
    serializeFrame(createFrame('ACK', { id: '1', 'message-id': '1', subscription: '0' }), version),
  ]),
];
const TOKENS: readonly Uint8Array[] = [
  ...['^@', '\n', '\r', '\r\n', '\n\n', ':', '\\', '\\n', '\\r', '\\c', '\\\\', '9', '0', '-', ' ', '\n\n^@'].map(wire),
  ...['content-length:3\n', 'receipt:r\n', 'SEND\n', 'CONNECT\n', '\ncontent-length:0\n\n'].map(wire),
  ...[[0xff], [0xc3], [0xe2, 0x82], [0x80], [0xf0, 0x9f]].map((octets) => Uint8Array.from(octets)),
];

interface Fuzzer {
  /** A whole number below the bound. */
  readonly below: (bound: number) => number;
  readonly pick: <T>(values: readonly T[]) => T;
}

function createFuzzer(random: () => number): Fuzzer {
  const below = (bound: number) => Math.floor(random() * bound);
  return {
    below,
    pick: (values) => {
      const picked = values[below(values.length)];
      if (picked === undefined) throw new Error('There is nothing to pick from.');
      return picked;
    },
  };
}

/** A token put in, a piece cut out, a byte changed, a piece said twice, the end cut off, or another frame behind. */
function mutated(bytes: Uint8Array, { below, pick }: Fuzzer): Uint8Array {
  const at = below(bytes.length + 1);
  const end = at + below(Math.min(8, bytes.length - at) + 1);
  const [before, piece, after] = [bytes.subarray(0, at), bytes.subarray(at, end), bytes.subarray(end)];
  switch (below(6)) {
    case 0:
      return joined(before, pick(TOKENS), bytes.subarray(at));
    case 1:
      return joined(before, after);
    case 2:
      return joined(before, Uint8Array.of(below(256)), bytes.subarray(at + 1));
    case 3:
      return joined(before, piece, piece, after);
    case 4:
      return before.slice();
    default:
      return joined(bytes, pick(CORPUS));
  }
}

function cutAnyhow(bytes: Uint8Array, { below }: Fuzzer): Uint8Array[] {
  const offsets = Array.from({ length: below(5) }, () => below(bytes.length + 1)).sort((a, b) => a - b);
  return cut(bytes, offsets);
}

/** Frames, heart-beats and error of a stream as one text. Checks that the parser gets on and keeps to its limit. */
function read(
  chunks: readonly Uint8Array[],
  version: StompVersion | null,
  frames: StompFrame[],
  limits = LIMITS,
): string {
  const parser = new FrameParser(limits);
  if (version !== null) parser.setVersion(version);
  let outcome = '';
  try {
    for (const chunk of chunks) {
      parser.push(chunk);
      for (let event = parser.next(); event !== null; event = parser.next()) {
        outcome += event === HEART_BEAT ? 'h' : shown(event);
        if (event !== HEART_BEAT) frames.push(event);
      }
      if (parser.heldBytes > limits.maxFrameBytes) throw new Error(`It holds ${parser.heldBytes} bytes.`);
    }
  } catch (error) {
    if (!(error instanceof StompProtocolError)) throw error;
    if (parser.heldBytes > 0) throw new Error('It holds memory after its end.', { cause: error });
    outcome += `!${error.code}!${error.receiptId}`;
  }
  return outcome;
}

function shown({ command, headers, body }: StompFrame): string {
  return `<${command}|${headers.join('|')}|${body.length},${body.at(-1)}>`;
}

/** What was received in a version can be sent in it and means the same; a CR in CONNECT alone has no way back. */
function assertResent(frame: StompFrame, version: StompVersion): void {
  if (isUnescaped(frame.command)) return;
  const again: StompFrame[] = [];
  read([serializeFrame(frame, version)], version, again, RESENT_LIMITS);
  const own = (one: StompFrame | undefined) =>
    one && { ...one, headers: one.headers.filter(([name]) => name !== 'content-length') };
  expect(own(again[0])).toEqual(own(frame));
}

function runCase(fuzzer: Fuzzer, at: number): void {
  let bytes = fuzzer.pick(CORPUS);
  for (let left = 1 + fuzzer.below(3); left > 0; left -= 1) bytes = mutated(bytes, fuzzer);
  const version = fuzzer.pick([null, ...STOMP_VERSIONS]);
  const frames: StompFrame[] = [];
  const whole = read([bytes], version, frames);
  const inParts = read(cutAnyhow(bytes, fuzzer), version, []);
  if (inParts !== whole) expect(inParts, `case ${at} in ${version}: ${JSON.stringify(Array.from(bytes))}`).toBe(whole);
  if (version !== null && at % 50 === 0) for (const frame of frames) assertResent(frame, version);
}

/** Most cases end in an error, and its stack would take longer than the rest. */
function withoutStackTraces(act: () => void): void {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  try {
    act();
  } finally {
    Error.stackTraceLimit = limit;
  }
}

describe('mutated frames', () => {
  it(
    `${CASES} of them (seed ${SEED}) throw nothing but the codec's own error, whatever the cut, within the limit`,
    () => {
      const fuzzer = createFuzzer(createRandom(SEED));
      withoutStackTraces(() => {
        for (let at = 0; at < CASES; at += 1) runCase(fuzzer, at);
      });
    },
    FUZZ_TIMEOUT_MS,
  );
});
