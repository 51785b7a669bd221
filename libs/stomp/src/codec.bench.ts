import {
  FrameParser,
  MessageTemplate,
  prepareRecipient,
  serializeFrame,
  createFrame,
  type StompFrame,
} from './index.ts';

/*
 * Frames a CPU-second of the hot paths: `node libs/stomp/src/codec.bench.ts`. Each figure is the median of
 * nine rounds; the frame is a SEND, or MESSAGE, of 316 bytes as the gateway sees it.
 */

const ROUNDS = 9;
const ROUND_MS = 300;
const FRAME_BYTES = 316;

function sendOf(bytes: number): StompFrame {
  const headers = {
    destination: '/app/chat.send/1',
    'client-message-id': '0b9f8d1e-7d5c-4f0e-9a51-2f5f6f0a8f11',
    receipt: 'message-12345',
    'content-type': 'application/json',
  };
  const bare = serializeFrame(createFrame('SEND', headers, '{"content":""}'), '1.2').length;
  return createFrame('SEND', headers, `{"content":"${'x'.repeat(bytes - bare - 1)}"}`);
}

/** As a server on Node would; the default costs 0.4 µs more. */
const allocate = (byteLength: number) => Buffer.allocUnsafe(byteLength);

const send = sendOf(FRAME_BYTES);
const wire = serializeFrame(send, '1.2');

function takeAll(parser: FrameParser): number {
  let frames = 0;
  while (parser.next() !== null) frames += 1;
  return frames;
}

function parsing(chunk: Uint8Array): () => number {
  const parser = new FrameParser();
  parser.setVersion('1.2');
  return () => {
    parser.push(chunk);
    return takeAll(parser);
  };
}

function repeated(bytes: Uint8Array, times: number): Uint8Array {
  const all = new Uint8Array(bytes.length * times);
  for (let at = 0; at < times; at += 1) all.set(bytes, at * bytes.length);
  return all;
}

function parsingInBytes(): () => number {
  const parser = new FrameParser();
  parser.setVersion('1.2');
  const bytes = [...wire].map((byte) => Uint8Array.of(byte));
  return () => {
    let frames = 0;
    for (const byte of bytes) {
      parser.push(byte);
      frames += takeAll(parser);
    }
    return frames;
  };
}

function fanningOut(): () => number {
  const template = new MessageTemplate(send.headers.slice(0, 4), send.body);
  const recipient = prepareRecipient({ version: '1.2', subscriptionId: 'sub-0', ackId: null });
  return () => template.serialize(recipient, allocate).length && 1;
}

const CASES: Readonly<Record<string, () => number>> = {
  'parse, a frame a chunk': parsing(wire),
  'parse, 32 frames a chunk': parsing(repeated(wire, 32)),
  'parse, a byte a chunk': parsingInBytes(),
  'serialize a frame': () => serializeFrame(send, '1.2', allocate).length && 1,
  'serialize a prepared MESSAGE': fanningOut(),
};

function framesACpuSecond(run: () => number): number {
  const until = performance.now() + ROUND_MS;
  const from = process.cpuUsage();
  let frames = 0;
  while (performance.now() < until) for (let at = 0; at < 200; at += 1) frames += run();
  const { user, system } = process.cpuUsage(from);
  return (frames / (user + system)) * 1_000_000;
}

for (const [name, run] of Object.entries(CASES)) {
  framesACpuSecond(run);
  const rounds = Array.from({ length: ROUNDS }, () => framesACpuSecond(run)).sort((a, b) => a - b);
  const median = rounds[ROUNDS >> 1] ?? 0;
  process.stdout.write(
    `${name.padEnd(32)} ${Math.round(median).toLocaleString('en').padStart(12)} frames a CPU-second\n`,
  );
}
