import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  CLIENT_COMMANDS,
  HEART_BEAT_BYTES,
  isCommandOf,
  isUnescaped,
  mayHaveBody,
  SERVER_COMMANDS,
  serializeFrame,
  STOMP_VERSIONS,
  type StompFrame,
  type StompHeader,
  type StompVersion,
} from './index.ts';
import { cut, joined, parseAll, parsed, singly, type ParsedFrame } from './vectors/parse-all.ts';

const RUNS = 10_000;
const RUNS_TIMEOUT_MS = 120_000;
/** Bytes of a stream up to which it is split in two at every byte, besides the cuts drawn at random. */
const EVERY_SPLIT_BYTES = 64;

/** Characters that mean something to some version are as frequent as all others together. */
const character = fc.oneof(
  fc.constantFrom(...'\\\n\r:cnrt \t'),
  fc.constantFrom(...'aé€🚀\u0001\u007f\ufeff\uffff'),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
);
const text = (minLength: number) => fc.string({ unit: character, minLength, maxLength: 12 });

/** What a version has no bytes for, by the specifications and not by the code under test. */
function forbidden(version: StompVersion, command: string, part: 'name' | 'value'): RegExp {
  if (isUnescaped(command)) return part === 'name' ? /[\0\n\r:]/g : /[\0\n\r]/g;
  if (version === '1.0') return part === 'name' ? /[\0\n:]/g : /[\0\n]/g;
  return /\0/g;
}

function headerOf(version: StompVersion, command: string): fc.Arbitrary<StompHeader> {
  const name = text(1).map((drawn) => drawn.replace(forbidden(version, command, 'name'), '-'));
  const value = text(0).map((drawn) => drawn.replace(forbidden(version, command, 'value'), '-'));
  return fc.tuple(name, value);
}

function frameOf(version: StompVersion): fc.Arbitrary<StompFrame> {
  const commands = [...CLIENT_COMMANDS, ...SERVER_COMMANDS].filter((command) => isCommandOf(command, version));
  return fc.constantFrom('SEND', 'MESSAGE', 'ERROR', ...commands).chain((command) =>
    fc.record({
      command: fc.constant(command),
      headers: fc.array(headerOf(version, command), { maxLength: 4 }),
      body: fc.uint8Array({ maxLength: mayHaveBody(command, version) ? 24 : 0 }),
    }),
  );
}

/** The frame as it must come back: with the content-length that the serializer adds. */
function expected(frame: StompFrame): ParsedFrame {
  const hasLength = frame.body.length > 0 || mayHaveBody(frame.command, '1.2');
  const length: StompHeader[] = hasLength ? [['content-length', String(frame.body.length)]] : [];
  return parsed({ ...frame, headers: [...frame.headers, ...length] });
}

describe.each(STOMP_VERSIONS)('in %s', (version) => {
  const stream = fc.record({
    frames: fc.array(frameOf(version), { minLength: 1, maxLength: 3 }),
    heartBeats: fc.nat({ max: 2 }),
    cuts: fc.uniqueArray(fc.nat({ max: 200 }), { maxLength: 6 }),
  });

  it(
    `${RUNS} random streams come back as they were, however they are cut`,
    () => {
      fc.assert(
        fc.property(stream, ({ frames, heartBeats, cuts }) => {
          const gap = Array<Uint8Array>(heartBeats).fill(HEART_BEAT_BYTES);
          const bytes = joined(...frames.flatMap((frame) => [...gap, serializeFrame(frame, version)]));
          const events = frames.flatMap((frame) => [...gap.map(() => 'heart-beat'), expected(frame)]);
          const wanted = JSON.stringify({ events, error: null });
          const assertCut = (chunks: Uint8Array[]) => {
            const outcome = JSON.stringify(parseAll(chunks, { version }));
            if (outcome !== wanted) expect(outcome).toBe(wanted);
          };
          assertCut([bytes]);
          assertCut(singly(bytes));
          const inside = cuts.filter((offset) => offset < bytes.length).sort((a, b) => a - b);
          assertCut(cut(bytes, inside));
          for (let at = 1; at < bytes.length && bytes.length <= EVERY_SPLIT_BYTES; at += 1) assertCut(cut(bytes, [at]));
        }),
        { numRuns: RUNS },
      );
    },
    RUNS_TIMEOUT_MS,
  );
});
