import { describe, expect, it } from 'vitest';
import { FrameSplitter, type ReadHead } from './frame-splitter.ts';
import { kafkaHeads, KAFKA_API } from './kafka-frames.ts';
import { postgresHeads } from './postgres-frames.ts';

/** The frames found and the bytes that came out, for bytes that come in chunks of this size. */
function split<Frame>(readHead: ReadHead<Frame>, bytes: Buffer, chunkBytes: number) {
  const splitter = new FrameSplitter(readHead);
  const frames: Frame[] = [];
  const passed: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += chunkBytes) {
    for (const piece of splitter.split(bytes.subarray(at, at + chunkBytes))) {
      passed.push(piece.bytes);
      if (piece.head !== null) frames.push(piece.head.frame);
    }
  }
  return { frames, passed: Buffer.concat(passed) };
}

const kafkaRequest = (apiKey: number, correlationId: number, bodyBytes: number) => {
  const bytes = Buffer.alloc(12 + bodyBytes, 0xee);
  bytes.writeInt32BE(8 + bodyBytes, 0);
  bytes.writeInt16BE(apiKey, 4);
  bytes.writeInt16BE(7, 6);
  bytes.writeInt32BE(correlationId, 8);
  return bytes;
};
const kafkaReply = (correlationId: number, bodyBytes: number) => {
  const bytes = Buffer.alloc(8 + bodyBytes, 0xdd);
  bytes.writeInt32BE(4 + bodyBytes, 0);
  bytes.writeInt32BE(correlationId, 4);
  return bytes;
};
const typed = (letter: string, body: string) => {
  const bytes = Buffer.alloc(5 + body.length);
  bytes.write(letter + '....' + body, 'latin1');
  bytes.writeInt32BE(4 + body.length, 1);
  return bytes;
};
const startup = (code: number, body: string) => {
  const bytes = Buffer.alloc(8 + body.length);
  bytes.writeInt32BE(8 + body.length, 0);
  bytes.writeInt32BE(code, 4);
  bytes.write(body, 8, 'latin1');
  return bytes;
};

const CHUNKS = [1, 2, 3, 5, 7, 11, 13, 64, 10_000];

describe('the frames of a Kafka connection', () => {
  it.each(CHUNKS)('are found in chunks of %d bytes, and every byte passes', (chunkBytes) => {
    const heads = kafkaHeads();
    const requests = Buffer.concat([
      kafkaRequest(KAFKA_API.produce, 1, 700),
      kafkaRequest(KAFKA_API.offsetCommit, 2, 0),
      kafkaRequest(KAFKA_API.fetch, -3, 5),
    ]);
    const asked = split(heads.request, requests, chunkBytes);
    expect(asked.passed).toEqual(requests);
    expect(asked.frames).toEqual([
      { direction: 'request', apiKey: 0, apiVersion: 7, correlationId: 1 },
      { direction: 'request', apiKey: 8, apiVersion: 7, correlationId: 2 },
      { direction: 'request', apiKey: 1, apiVersion: 7, correlationId: -3 },
    ]);
    const replies = Buffer.concat([kafkaReply(1, 30), kafkaReply(-3, 900), kafkaReply(2, 0), kafkaReply(99, 1)]);
    const answered = split(heads.reply, replies, chunkBytes);
    expect(answered.passed).toEqual(replies);
    expect(answered.frames.map(({ apiKey, correlationId }) => [apiKey, correlationId])).toEqual([
      [0, 1],
      [1, -3],
      [8, 2],
      [-1, 99],
    ]);
  });

  it('keep back nothing but the incomplete head of the next one', () => {
    const splitter = new FrameSplitter(kafkaHeads().request);
    const bytes = Buffer.concat([kafkaRequest(0, 1, 100), kafkaRequest(0, 2, 100).subarray(0, 11)]);
    expect(splitter.split(bytes).map((piece) => piece.bytes.length)).toEqual([112]);
  });

  it('forget the requests that never get a reply', () => {
    const { request, reply } = kafkaHeads();
    for (let id = 0; id <= 1_000; id += 1) request(kafkaRequest(KAFKA_API.produce, id, 0));
    expect(reply(kafkaReply(0, 0))?.frame.apiKey).toBe(-1);
    expect(reply(kafkaReply(1, 0))?.frame.apiKey).toBe(KAFKA_API.produce);
  });
});

describe('the messages of a Postgres connection', () => {
  it.each(CHUNKS)('are found in chunks of %d bytes, and every byte passes', (chunkBytes) => {
    const heads = postgresHeads();
    const sql = `INSERT INTO messages ${'x'.repeat(1_000)}`;
    const requests = Buffer.concat([
      startup(196_608, 'user\0chat\0\0'),
      typed('P', sql),
      typed('S', ''),
      typed('Q', 'COMMIT'),
    ]);
    const asked = split(heads.request, requests, chunkBytes);
    expect(asked.passed).toEqual(requests);
    expect(asked.frames.map(({ type }) => type)).toEqual(['startup', 'P', 'S', 'Q']);
    expect(asked.frames[1]?.start.toString('latin1')).toBe(sql.slice(0, 256));
    const replies = Buffer.concat([typed('R', '0000'), typed('C', 'INSERT 0 7'), typed('Z', 'I')]);
    const answered = split(heads.reply, replies, chunkBytes);
    expect(answered.passed).toEqual(replies);
    expect(answered.frames.map(({ type, start }) => [type, start.toString()])).toEqual([
      ['R', '0000'],
      ['C', 'INSERT 0 7'],
      ['Z', 'I'],
    ]);
  });

  it('begin with an answer of one byte where the client asks for TLS', () => {
    const heads = postgresHeads();
    const asked = split(heads.request, startup(80_877_103, ''), 100);
    const answered = split(heads.reply, Buffer.concat([Buffer.from('N'), typed('R', '0000')]), 100);
    const askedAgain = split(heads.request, Buffer.concat([startup(196_608, 'user\0\0'), typed('Q', 'SELECT 1')]), 100);
    expect([...asked.frames, ...answered.frames, ...askedAgain.frames].map(({ type }) => type)).toEqual([
      'startup',
      'answer',
      'R',
      'startup',
      'Q',
    ]);
  });
});
