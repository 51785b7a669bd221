import {
  ALL,
  client,
  closed,
  cut,
  inEach,
  secondClient,
  server,
  serverInAnyOrder,
  serverToSecond,
  type Clause,
  type Step,
} from '../clause.ts';
import {
  enterRoom,
  entered,
  error,
  LISTEN_FOR_ERRORS,
  messageOf,
  published,
  R1,
  refusal,
  S0,
  sendNonsense,
  sendToRoom,
} from '../frames.ts';

const BEGIN = 'BEGIN\ntransaction:t\n\n\0';
const COMMIT = 'COMMIT\ntransaction:t\nreceipt:c\n\n\0';
const ABORT = 'ABORT\ntransaction:t\nreceipt:c\n\n\0';
const ENDED = 'RECEIPT\nreceipt-id:c\n\n\0';
const IN_T = 'transaction:t\n';
const ATOMICALLY =
  'any messages sent or acknowledged during a transaction will be processed atomically based on the transaction';
const IMPLICITLY =
  'Any started transactions which have not been committed will be implicitly aborted if the client sends a `DISCONNECT` frame or if the TCP connection fails for any reason.';
const SECOND_REFUSED = 'Message 2 of the transaction: The body is not valid JSON.';
const NOT_BEGUN = 'A frame must name a transaction that was begun and has not ended.';

const enter: readonly Step[] = [client(enterRoom('0')), server(entered('0'))];

/** A frame that names no transaction, or one that there is not. */
function refused(id: string, section: string, frame: string, quote: string, ours: string): Clause {
  const message = frame.startsWith('BEGIN') ? 'A BEGIN needs a transaction.' : NOT_BEGUN;
  return {
    id,
    versions: ALL,
    section,
    quote,
    ours,
    steps: [client(frame), server(error('PROTOCOL_ERROR', message, { receiptId: 'r1' })), closed(1002)],
  };
}

/** BEGIN, COMMIT, ABORT and what stands between them. */
export const TRANSACTION_CLAUSES: readonly Clause[] = [
  refused(
    'begin/transaction',
    'BEGIN',
    'BEGIN\nreceipt:r1\n\n\0',
    'The `transaction` header is REQUIRED',
    'A BEGIN without the header gets ERROR and close.',
  ),
  {
    id: 'begin/twice',
    versions: ALL,
    section: 'BEGIN',
    quote: 'Within the same connection, different transactions MUST use different transaction identifiers.',
    ours: 'A BEGIN with a name that is in use gets ERROR and close.',
    steps: [
      client(`${BEGIN}BEGIN\ntransaction:t\nreceipt:r1\n\n\0`),
      server(error('PROTOCOL_ERROR', 'A transaction with this name is open already.', { receiptId: 'r1' })),
      closed(1002),
    ],
  },
  {
    id: 'begin/again',
    versions: ALL,
    section: 'BEGIN',
    quote: 'Within the same connection, different transactions MUST use different transaction identifiers.',
    ours: 'The name of a transaction may be used again once it has ended.',
    stance: 'choice',
    steps: [client(BEGIN + COMMIT + BEGIN + ABORT), server(ENDED, ENDED)],
  },
  refused(
    'commit/transaction',
    'COMMIT',
    'COMMIT\nreceipt:r1\n\n\0',
    'The `transaction` header is REQUIRED and MUST specify the identifier of the transaction to commit.',
    'A COMMIT without the header gets ERROR and close.',
  ),
  refused(
    'commit/unknown',
    'COMMIT',
    'COMMIT\ntransaction:t\nreceipt:r1\n\n\0',
    'The `transaction` header is REQUIRED and MUST specify the identifier of the transaction to commit.',
    'A COMMIT of a transaction that is not open gets ERROR and close.',
  ),
  refused(
    'abort/transaction',
    'ABORT',
    'ABORT\nreceipt:r1\n\n\0',
    'The `transaction` header is REQUIRED and MUST specify the identifier of the transaction to abort.',
    'An ABORT without the header gets ERROR and close.',
  ),
  refused(
    'abort/unknown',
    'ABORT',
    'ABORT\ntransaction:t\nreceipt:r1\n\n\0',
    'The `transaction` header is REQUIRED and MUST specify the identifier of the transaction to abort.',
    'An ABORT of a transaction that is not open gets ERROR and close.',
  ),
  refused(
    'send/unknown-transaction',
    'BEGIN',
    'SEND\ndestination:/app/chat.send/1\ntransaction:t\nreceipt:r1\n\n{}\0',
    'the transaction identifier will be used for `SEND`, `COMMIT`, `ABORT`, `ACK`, and `NACK` frames to bind them to the named transaction',
    'A SEND in a transaction that was not begun gets ERROR and close.',
  ),
  {
    id: 'ack/unknown-transaction',
    versions: ['1.2'],
    section: 'BEGIN',
    quote:
      'the transaction identifier will be used for `SEND`, `COMMIT`, `ABORT`, `ACK`, and `NACK` frames to bind them to the named transaction',
    ours: 'An ACK in a transaction that was not begun gets ERROR and close.',
    steps: [
      client('ACK\nid:0\\c1\ntransaction:t\nreceipt:r1\n\n\0'),
      server(error('PROTOCOL_ERROR', NOT_BEGUN, { receiptId: 'r1' })),
      closed(1002),
    ],
  },
  {
    id: 'commit/publishes',
    versions: ALL,
    section: 'COMMIT',
    quote: '`COMMIT` is used to commit a transaction in progress.',
    ours: 'SENDs of a transaction are seen once it is committed, in their order; their RECEIPTs come with that of the COMMIT, each with its `message-id`.',
    steps: [
      ...enter,
      client(BEGIN + sendToRoom('one', `${IN_T}receipt:r1\n`) + sendToRoom('two', `${IN_T}receipt:r2\n`)),
      client(sendToRoom('before', 'receipt:r3\n')),
      serverInAnyOrder(published('r3', 'before'), messageOf('before', 'before')),
      client(COMMIT),
      serverInAnyOrder(
        published('r1', 'one'),
        published('r2', 'two'),
        ENDED,
        messageOf('one', 'one', { before: 'prev:<before>\n' }),
        messageOf('two', 'two', { before: 'prev:<one>\n' }),
      ),
    ],
  },
  {
    id: 'commit/receipts',
    versions: ALL,
    section: 'COMMIT',
    quote: '`COMMIT` is used to commit a transaction in progress.',
    ours: 'The RECEIPTs of its frames come in their order, then that of the COMMIT.',
    steps: [
      client(BEGIN + sendToRoom('one', `${IN_T}receipt:r1\n`) + sendToRoom('two', `${IN_T}receipt:r2\n`) + COMMIT),
      server(published('r1', 'one'), published('r2', 'two'), ENDED),
    ],
  },
  {
    id: 'commit/empty',
    versions: ALL,
    section: 'COMMIT',
    quote: '`COMMIT` is used to commit a transaction in progress.',
    ours: 'A transaction may be empty.',
    steps: [client(BEGIN + COMMIT), server(ENDED)],
  },
  {
    id: 'commit/several-at-once',
    versions: ALL,
    section: 'BEGIN',
    quote: 'Within the same connection, different transactions MUST use different transaction identifiers.',
    ours: 'Several transactions may be open at the same time; each has its own frames.',
    steps: [
      ...enter,
      client(`${BEGIN}BEGIN\ntransaction:u\n\n\0`),
      client(sendToRoom('of t', IN_T) + sendToRoom('of u', 'transaction:u\n')),
      client(ABORT),
      server(ENDED),
      client('COMMIT\ntransaction:u\nreceipt:r1\n\n\0'),
      serverInAnyOrder(R1, messageOf('u', 'of u')),
    ],
  },
  {
    id: 'commit/all-or-none',
    versions: ALL,
    section: 'BEGIN',
    quote: ATOMICALLY,
    ours: 'Where one SEND of a transaction is refused, none of the others is seen, and the COMMIT is refused for the same reason.',
    steps: inEach(ALL, (version) => [
      client(BEGIN + sendToRoom('never', IN_T) + sendNonsense(IN_T) + COMMIT),
      server(
        error('INVALID_JSON', SECOND_REFUSED, {
          header: version === '1.0' ? SECOND_REFUSED : SECOND_REFUSED.replace(':', '\\c'),
          receiptId: 'c',
        }),
      ),
      closed(1008),
      secondClient(enterRoom('0', 'history:10\n')),
      serverToSecond(entered('0')),
    ]),
  },
  {
    id: 'commit/refused-on-error-queue',
    versions: ALL,
    section: 'SEND',
    quote:
      'If the server cannot successfully process the `SEND` frame for any reason, the server MUST send the client an `ERROR` frame and then close the connection.',
    ours: 'Who listens on `/user/queue/errors` is told there of a refused COMMIT and of each frame of its transaction, and the session lives.',
    stance: 'refusal',
    steps: [
      client(LISTEN_FOR_ERRORS),
      server(S0),
      client(BEGIN + sendToRoom('never', `${IN_T}receipt:r1\n`) + sendNonsense(IN_T) + COMMIT),
      server(
        refusal('of-c', `{"code":"INVALID_JSON","message":"${SECOND_REFUSED}","receiptId":"c","retryable":false}`),
        refusal(
          'of-1',
          `{"code":"INVALID_JSON","message":"${SECOND_REFUSED}","receiptId":"r1","destination":"/app/chat.send/<room>","retryable":false}`,
        ),
        refusal(
          'of-2',
          `{"code":"INVALID_JSON","message":"${SECOND_REFUSED}","destination":"/app/chat.send/<room>","retryable":false}`,
        ),
      ),
    ],
  },
  {
    id: 'abort/discards',
    versions: ALL,
    section: 'ABORT',
    quote: '`ABORT` is used to roll back a transaction in progress.',
    ours: 'SENDs of an aborted transaction are never seen; their RECEIPTs come with that of the ABORT and say `aborted`.',
    steps: [
      ...enter,
      client(BEGIN + sendToRoom('never', `${IN_T}receipt:r1\n`)),
      client(ABORT),
      server('RECEIPT\nreceipt-id:r1\naborted:true\n\n\0', ENDED),
      client(sendToRoom('after')),
      server(messageOf('m', 'after')),
    ],
  },
  {
    id: 'abort/by-disconnect',
    versions: ALL,
    section: 'BEGIN',
    quote: IMPLICITLY,
    ours: 'DISCONNECT aborts what is open; the RECEIPTs of its SENDs say `aborted`.',
    steps: [
      client(BEGIN + sendToRoom('never', `${IN_T}receipt:r1\n`)),
      client('DISCONNECT\nreceipt:c\n\n\0'),
      server('RECEIPT\nreceipt-id:r1\naborted:true\n\n\0', ENDED),
      closed(1000),
      secondClient(enterRoom('0', 'history:10\n')),
      serverToSecond(entered('0')),
    ],
  },
  {
    id: 'abort/by-loss',
    versions: ALL,
    section: 'BEGIN',
    quote: IMPLICITLY,
    ours: 'The loss of the connection aborts what is open.',
    steps: [
      secondClient(enterRoom('0')),
      serverToSecond(entered('0')),
      client(BEGIN + sendToRoom('never', IN_T) + sendToRoom('before', 'receipt:r1\n')),
      server(published('r1', 'before')),
      serverToSecond(messageOf('before', 'before')),
      cut(),
      secondClient(sendToRoom('after')),
      serverToSecond(messageOf('after', 'after', { before: 'prev:<before>\n' })),
    ],
  },
  {
    id: 'begin/other-destinations',
    versions: ALL,
    section: 'BEGIN',
    quote: 'Transactions in this case apply to sending and acknowledging',
    ours: 'Only SENDs of messages to rooms may be part of a transaction: what else is sent takes effect at once, and could not be taken back.',
    stance: 'refusal',
    steps: [
      client(LISTEN_FOR_ERRORS),
      server(S0),
      client(`${BEGIN}SEND\ndestination:/app/heartbeat\n${IN_T}receipt:r1\n\n\0`),
      server(
        refusal(
          'of-1',
          '{"code":"INVALID_REQUEST","message":"destination must be that of a message to a room in a transaction","receiptId":"r1","destination":"/app/heartbeat","retryable":false}',
        ),
      ),
    ],
  },
];
