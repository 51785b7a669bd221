import { client, closed, FROM_1_1, server, type Clause } from '../clause.ts';
import { error, R1 } from '../frames.ts';

const SECTION = 'Size Limits';
const QUOTE =
  'If these limits are exceeded the server SHOULD send the client an `ERROR` frame and then close the connection.';

const HEAD = 'SEND\ndestination:/app/heartbeat\nreceipt:r1\n';
const headers = (count: number) => Array.from({ length: count }, (_, at) => `h${at}:x\n`).join('');

/** A frame of so many bytes with its NUL. */
function frameOf(bytes: number): string {
  return `${HEAD}\n${'x'.repeat(bytes - HEAD.length - 2)}\0`;
}

/** What is larger than it may be. */
export const LIMIT_CLAUSES: readonly Clause[] = [
  {
    id: 'limits/headers',
    versions: FROM_1_1,
    section: SECTION,
    quote: 'the number of frame headers allowed in a single frame',
    ours: 'A frame may have 64 headers.',
    stance: 'choice',
    steps: [client(`${HEAD}${headers(62)}\n\0`), server(R1)],
  },
  {
    id: 'limits/headers-exceeded',
    versions: FROM_1_1,
    section: SECTION,
    quote: QUOTE,
    ours: 'A 65th header ends the session.',
    steps: [
      client(`${HEAD}${headers(63)}\n\0`),
      server(error('TOO_MANY_HEADERS', 'A frame may have at most 64 headers.', { receiptId: 'r1' })),
      closed(1002),
    ],
  },
  {
    id: 'limits/header-line',
    versions: FROM_1_1,
    section: SECTION,
    quote: 'the maximum length of header lines',
    ours: 'A header line may have 8,192 bytes.',
    stance: 'choice',
    steps: [client(`${HEAD}x:${'y'.repeat(8_190)}\n\n\0`), server(R1)],
  },
  {
    id: 'limits/header-line-exceeded',
    versions: FROM_1_1,
    section: SECTION,
    quote: QUOTE,
    ours: 'A header line over 8,192 bytes ends the session.',
    steps: [
      client(`${HEAD}x:${'y'.repeat(8_191)}\n\n\0`),
      server(error('HEADER_TOO_LONG', 'A header line may have at most 8192 bytes.', { receiptId: 'r1' })),
      closed(1002),
    ],
  },
  {
    id: 'limits/command-exceeded',
    versions: FROM_1_1,
    section: 'Conformance',
    quote: 'Implementations may impose implementation-specific limits on unconstrained inputs',
    ours: 'A command line over 32 bytes ends the session before its line has ended.',
    stance: 'choice',
    steps: [
      client('X'.repeat(40)),
      server(error('COMMAND_TOO_LONG', 'A frame command may have at most 32 bytes.')),
      closed(1002),
    ],
  },
  {
    id: 'limits/frame',
    versions: FROM_1_1,
    section: SECTION,
    quote: 'the maximum size of a frame body',
    ours: 'A frame may have 65,536 bytes, and its body what the head leaves of them.',
    stance: 'choice',
    steps: [client(frameOf(65_536)), server(R1)],
  },
  {
    id: 'limits/frame-exceeded',
    versions: FROM_1_1,
    section: SECTION,
    quote: QUOTE,
    ours: 'A frame over 65,536 bytes ends the session with 1009.',
    steps: [
      client(frameOf(65_537)),
      server(error('FRAME_TOO_LARGE', 'A frame may have at most 65536 bytes.', { receiptId: 'r1' })),
      closed(1009),
    ],
  },
  {
    id: 'limits/content-length-exceeded',
    versions: FROM_1_1,
    section: SECTION,
    quote: QUOTE,
    ours: 'A content-length over the limit ends the session before the body comes.',
    steps: [
      client(`${HEAD}content-length:65536\n\n`),
      server(error('FRAME_TOO_LARGE', 'A frame may have at most 65536 bytes.', { receiptId: 'r1' })),
      closed(1009),
    ],
  },
];
