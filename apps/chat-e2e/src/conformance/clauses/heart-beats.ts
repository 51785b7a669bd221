import { client, closed, FROM_1_1, heartBeats, keepSending, server, silence, type Clause } from '../clause.ts';
import { CONNECTED, error, OUR_BEAT_MS, R1 } from '../frames.ts';

const SECTION = 'Heart-beating';
const SPEAKS_IN_TIME = 'the sender MUST send new data over the network connection at least every `<n>` milliseconds';
const MAX_RULE = 'otherwise, there will be heart-beats every MAX(`<cx>`,`<sy>`) milliseconds';
const DEAD = 'the receiver SHOULD be tolerant and take into account an error margin';
/** Of a client that promised one as often as we want them: twice the time between two, in ms. */
const TOLERATED_MS = 2 * OUR_BEAT_MS;
const LATE_MS = 2_000;

const malformed = (name: string, header: string): Clause => ({
  id: `heart-beats/malformed-${name}`,
  versions: FROM_1_1,
  section: SECTION,
  quote: 'When used, the `heart-beat` header MUST contain two positive integers separated by a comma.',
  ours: `\`heart-beat:${header}\` gets ERROR and close.`,
  from: 'upgraded',
  steps: [
    client(`CONNECT\naccept-version:<version>\nAuthorization:Bearer <token>\nheart-beat:${header}\n\n\0`),
    server(error('PROTOCOL_ERROR', 'A heart-beat header must be two numbers of milliseconds.')),
    closed(1002),
  ],
});

/** Who must be heard how often. */
export const HEART_BEAT_CLAUSES: readonly Clause[] = [
  {
    id: 'heart-beats/offer',
    versions: FROM_1_1,
    section: SECTION,
    quote: 'each party has to declare what it can do and what it would like the other party to do',
    ours: 'CONNECTED offers and asks for one every `HEART_BEAT_MS`.',
    from: 'upgraded',
    steps: [
      client('CONNECT\naccept-version:<version>\nAuthorization:Bearer <token>\nheart-beat:0,0\n\n\0'),
      server(CONNECTED),
    ],
  },
  {
    id: 'heart-beats/missing',
    versions: FROM_1_1,
    section: SECTION,
    quote: 'A missing `heart-beat` header MUST be treated the same way as a "heart-beat:0,0" header',
    ours: 'Without the header none are sent and none are expected.',
    steps: [silence(TOLERATED_MS + 1_000)],
  },
  {
    id: 'heart-beats/none',
    versions: FROM_1_1,
    section: SECTION,
    quote: 'the party cannot send and does not want to receive heart-beats',
    ours: 'With `0,0` none are sent and none are expected.',
    connectWith: 'heart-beat:0,0\n',
    steps: [silence(TOLERATED_MS + 1_000)],
  },
  {
    id: 'heart-beats/sent',
    versions: FROM_1_1,
    section: SECTION,
    quote: 'In the other direction, `<sx>` and `<cy>` are used the same way.',
    ours: 'A client that wants them more often than we offer gets them as often as we offer; the first gap counts.',
    connectWith: 'heart-beat:0,1000\n',
    steps: [heartBeats(2, OUR_BEAT_MS)],
  },
  {
    id: 'heart-beats/sent-seldom',
    versions: FROM_1_1,
    section: SECTION,
    quote: SPEAKS_IN_TIME,
    ours: 'A client that wants them less often gets them as it wants.',
    connectWith: 'heart-beat:0,3000\n',
    steps: [silence(OUR_BEAT_MS), heartBeats(1, 3_000)],
  },
  {
    id: 'heart-beats/end-of-line',
    versions: FROM_1_1,
    section: SECTION,
    quote: 'if the sender has no real STOMP frame to send, it MUST send an end-of-line (EOL)',
    ours: 'A heart-beat is one LF.',
    connectWith: 'heart-beat:0,1000\n',
    steps: [heartBeats(1, OUR_BEAT_MS)],
  },
  {
    id: 'heart-beats/expected',
    versions: FROM_1_1,
    section: SECTION,
    quote: MAX_RULE,
    ours: 'A client that promised them and is silent for twice the time is dead; its socket is cut.',
    connectWith: 'heart-beat:1000,0\n',
    steps: [closed(1006, { notBeforeMs: TOLERATED_MS - 500, deadlineMs: TOLERATED_MS + LATE_MS })],
  },
  {
    id: 'heart-beats/margin',
    versions: FROM_1_1,
    section: SECTION,
    quote: DEAD,
    ours: 'A client may be late with a heart-beat by as much again.',
    connectWith: 'heart-beat:1000,0\n',
    steps: [silence(OUR_BEAT_MS + 1_000)],
  },
  {
    id: 'heart-beats/kept',
    versions: FROM_1_1,
    section: SECTION,
    quote: 'any new data received over the network connection is an indication that the remote end is alive',
    ours: 'A LF in time keeps the session.',
    connectWith: 'heart-beat:2000,0\n',
    steps: [keepSending('\n', { everyMs: 1_500, forMs: TOLERATED_MS + 500 })],
  },
  {
    id: 'heart-beats/any-data',
    versions: FROM_1_1,
    section: SECTION,
    quote: 'any new data received over the network connection is an indication that the remote end is alive',
    ours: 'Any byte in time keeps the session, of half a frame too.',
    connectWith: 'heart-beat:2000,0\n',
    steps: [
      client('SEND\ndestination:/app/heartbeat\nreceipt:r1\n\n'),
      keepSending('x', { everyMs: 1_500, forMs: TOLERATED_MS + 500 }),
      client('\0'),
      server(R1),
    ],
  },
  {
    id: 'heart-beats/version-1.0',
    versions: ['1.0'],
    section: SECTION,
    quote: null,
    ours: '1.0 has no heart-beats; who asks for them in its CONNECT gets them.',
    stance: 'choice',
    connectWith: 'heart-beat:0,1000\n',
    steps: [heartBeats(1, OUR_BEAT_MS)],
  },
  malformed('words', 'often'),
  malformed('one', '1000'),
  malformed('negative', '-1,0'),
  malformed('fraction', '0.5,0'),
  malformed('spaces', '0, 1000'),
];
