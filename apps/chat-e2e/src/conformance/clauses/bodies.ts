import { ALL, client, closed, FROM_1_1, server, serverInAnyOrder, type Clause } from '../clause.ts';
import { enterRoom, entered, error, messageOf, PING, published, R1, sendToRoom } from '../frames.ts';

/** What stands between the empty line and the NUL. */
export const BODY_CLAUSES: readonly Clause[] = [
  {
    id: 'bodies/only-of-send',
    versions: FROM_1_1,
    section: 'Body',
    quote: 'Only the `SEND`, `MESSAGE`, and `ERROR` frames MAY have a body. All other frames MUST NOT have a body.',
    ours: 'A body in any other client frame than SEND ends the session.',
    steps: [
      client('SUBSCRIBE\nid:0\ndestination:/topic/commands\nreceipt:r1\n\nbody\0'),
      server(error('BODY_NOT_ALLOWED', 'A SUBSCRIBE frame must not have a body.', { receiptId: 'r1' })),
      closed(1002),
    ],
  },
  {
    id: 'bodies/ignored-1.0',
    versions: ['1.0'],
    section: 'SUBSCRIBE',
    quote: 'The body of the SUBSCRIBE command is ignored.',
    ours: 'Any frame of 1.0 may have a body, which nobody reads but that of a SEND.',
    steps: [client('SUBSCRIBE\nid:0\ndestination:/topic/commands\nreceipt:r1\n\nbody\0'), server(R1)],
  },
  {
    id: 'bodies/content-length',
    versions: ALL,
    section: 'Header content-length',
    quote:
      'If a `content-length` header is included, this number of octets MUST be read, regardless of whether or not there are NULL octets in the body.',
    ours: 'So many bytes are read, NULs included.',
    steps: [
      client(`SEND\ndestination:/app/heartbeat\ncontent-length:5\nreceipt:r1\n\na\0b\0c\0${PING}`),
      server(R1, R1),
    ],
  },
  {
    id: 'bodies/nul-behind',
    versions: ALL,
    section: 'Header content-length',
    quote: 'The frame still needs to be terminated with a NULL octet.',
    ours: 'A content-length that no NUL follows ends the session.',
    steps: [
      client('SEND\ndestination:/app/heartbeat\ncontent-length:2\nreceipt:r1\n\nabcd\0'),
      server(error('BAD_CONTENT_LENGTH', 'No NUL follows the 2 bytes of content-length.', { receiptId: 'r1' })),
      closed(1002),
    ],
  },
  {
    id: 'bodies/content-length-number',
    versions: ALL,
    section: 'Header content-length',
    quote: 'This header is an octet count for the length of the message body.',
    ours: 'A content-length that is no number ends the session.',
    steps: [
      client('SEND\ndestination:/app/heartbeat\ncontent-length:-1\nreceipt:r1\n\n\0'),
      server(error('BAD_CONTENT_LENGTH', 'content-length must be a whole number of bytes.', { receiptId: 'r1' })),
      closed(1002),
    ],
  },
  {
    id: 'bodies/content-length-everywhere',
    versions: ['1.2'],
    section: 'Header content-length',
    quote: 'All frames MAY include a `content-length` header.',
    ours: 'A content-length of 0 may be on any frame.',
    steps: [client('SUBSCRIBE\nid:0\ndestination:/topic/commands\ncontent-length:0\nreceipt:r1\n\n\0'), server(R1)],
  },
  {
    id: 'bodies/up-to-nul',
    versions: ['1.0'],
    section: 'SEND',
    quote: 'if a content-length is not specified, the first null byte encountered signals the end of the frame',
    ours: 'Without content-length a body ends at the first NUL.',
    steps: [client(`SEND\ndestination:/app/heartbeat\nreceipt:r1\n\nbody\0${PING}`), server(R1, R1)],
  },
  {
    id: 'bodies/content-length-optional',
    versions: FROM_1_1,
    section: 'Header content-length',
    quote: 'SHOULD include a `content-length` header',
    ours: 'Without content-length a body ends at the first NUL.',
    steps: [client(`SEND\ndestination:/app/heartbeat\nreceipt:r1\n\nbody\0${PING}`), server(R1, R1)],
  },
  {
    id: 'bodies/content-type',
    versions: FROM_1_1,
    section: 'Header content-type',
    quote: 'Otherwise, the receiver SHOULD consider the body to be a binary blob.',
    ours: 'The body of a SEND is JSON in UTF-8, whatever content-type says.',
    stance: 'choice',
    steps: [
      client(sendToRoom('hello', 'content-type:application/octet-stream\nreceipt:r1\n')),
      server(published('r1', 'm')),
    ],
  },
  {
    id: 'bodies/utf-8',
    versions: ALL,
    section: 'Header content-type',
    quote: 'All STOMP clients and servers MUST support UTF-8 encoding and decoding.',
    ours: 'Bodies are UTF-8 both ways; content-length counts bytes.',
    steps: [
      client(enterRoom('0')),
      server(entered('0')),
      client(sendToRoom('größer 😀')),
      server(messageOf('m', 'größer 😀')),
    ],
  },
  {
    id: 'bodies/not-utf-8',
    versions: ALL,
    section: 'Header content-type',
    quote: 'it is RECOMMENDED that text based content be encoded with UTF-8',
    ours: 'A SEND to a room whose body is not UTF-8 is refused; the frame is a frame all the same.',
    stance: 'choice',
    steps: [
      client(Buffer.from('SEND\ndestination:/app/chat.send/1\nreceipt:r1\n\n{"content":"\xFF"}\0', 'latin1')),
      server(error('INVALID_JSON', 'The body is not valid JSON.', { receiptId: 'r1' })),
      closed(1008),
    ],
  },
  {
    id: 'bodies/of-messages',
    versions: ALL,
    section: 'MESSAGE',
    quote:
      '`MESSAGE` frames SHOULD include a `content-length` header and a `content-type` header if a body is present.',
    ours: 'A MESSAGE always has both.',
    steps: [
      client(enterRoom('0')),
      server(entered('0')),
      client(sendToRoom('hello', 'receipt:r1\n')),
      serverInAnyOrder(published('r1', 'm'), messageOf('m', 'hello')),
    ],
  },
];
