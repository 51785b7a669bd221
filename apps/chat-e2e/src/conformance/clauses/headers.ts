import { ALL, client, closed, FROM_1_1, server, type Clause } from '../clause.ts';
import { CONNECTED, error, invalidJson, LISTEN_FOR_ERRORS, PING, R1, S0, sendNonsense } from '../frames.ts';

const UNESCAPED = 'When decoding frame headers, the following transformations MUST be applied';

/** The error queue shows the receipt of a refused SEND as JSON, so what was read from the header. */
function readAs(header: string, json: string) {
  return [
    client(LISTEN_FOR_ERRORS),
    server(S0),
    client(sendNonsense(`receipt:${header}\n`)),
    server(invalidJson(json)),
  ];
}

/** Ends the session for an escape that the version does not have. */
function undefinedEscape(header: string, shown: string, inHeader: string) {
  return [
    client(`SEND\nreceipt:r1\ndestination:/app/heartbeat\n${header}\n\n\0`),
    server(
      error('UNDEFINED_ESCAPE', `STOMP <version> does not define ${shown} of a header.`, {
        header: `STOMP <version> does not define ${inHeader} of a header.`,
        receiptId: 'r1',
      }),
    ),
    closed(1002),
  ];
}

/** A space before or behind a value makes it another one. */
const SPACES_KEPT = [
  client('SEND\ndestination:/app/heartbeat\nreceipt: a \n\n\0'),
  server('RECEIPT\nreceipt-id: a \n\n\0'),
  client('SEND\ndestination: /app/heartbeat\nreceipt:r1\n\n\0'),
  server(error('UNKNOWN_DESTINATION', 'There is no such destination for SEND.', { receiptId: 'r1' })),
  closed(1002),
];

/** Escapes, character set, repetition. */
export const HEADER_CLAUSES: readonly Clause[] = [
  {
    id: 'headers/unescape-lf',
    versions: FROM_1_1,
    section: 'Value Encoding',
    quote: UNESCAPED,
    ours: '`\\n` is read as a line feed.',
    steps: readAs('a\\nb', '"a\\nb"'),
  },
  {
    id: 'headers/unescape-colon',
    versions: FROM_1_1,
    section: 'Value Encoding',
    quote: UNESCAPED,
    ours: '`\\c` is read as a colon.',
    steps: readAs('a\\cb', '"a:b"'),
  },
  {
    id: 'headers/unescape-backslash',
    versions: FROM_1_1,
    section: 'Value Encoding',
    quote: UNESCAPED,
    ours: '`\\\\` is read as a backslash, also before a letter that makes an escape.',
    steps: readAs('a\\\\nb', '"a\\\\nb"'),
  },
  {
    id: 'headers/unescape-cr',
    versions: ['1.2'],
    section: 'Value Encoding',
    quote: '`\\r` (octet 92 and 114) translates to carriage return (octet 13)',
    ours: '`\\r` is read as a carriage return.',
    steps: readAs('a\\rb', '"a\\rb"'),
  },
  {
    id: 'headers/undefined-cr',
    versions: ['1.1'],
    section: 'Value Encoding',
    quote: 'Undefined escape sequences such as `\\r` (octet 92 and 114) MUST be treated as a fatal protocol error.',
    ours: '`\\r` ends a session of 1.1.',
    steps: undefinedEscape('x:a\\rb', 'the escape sequence \\r', 'the escape sequence \\\\r'),
  },
  {
    id: 'headers/undefined-escape',
    versions: FROM_1_1,
    section: 'Value Encoding',
    quote: 'MUST be treated as a fatal protocol error',
    ours: 'An escape that the version does not define ends the session.',
    steps: undefinedEscape('x:a\\tb', 'the escape sequence \\t', 'the escape sequence \\\\t'),
  },
  {
    id: 'headers/undefined-escape-in-name',
    versions: FROM_1_1,
    section: 'Value Encoding',
    quote:
      'Escaping is needed to allow header keys and values to contain those frame header delimiting octets as values.',
    ours: 'An undefined escape in the name of a header ends the session too.',
    steps: undefinedEscape('x\\t:y', 'the escape sequence \\t', 'the escape sequence \\\\t'),
  },
  {
    id: 'headers/lone-backslash',
    versions: FROM_1_1,
    section: 'Value Encoding',
    quote: 'MUST be treated as a fatal protocol error',
    ours: 'A backslash at the end of a value ends the session.',
    steps: undefinedEscape('x:a\\', 'a backslash at the end', 'a backslash at the end'),
  },
  {
    id: 'headers/escaped-names',
    versions: FROM_1_1,
    section: 'Value Encoding',
    quote:
      'Escaping is needed to allow header keys and values to contain those frame header delimiting octets as values.',
    ours: 'Names of headers are un-escaped before they are compared.',
    steps: [client('SEND\ndestination:/app/heartbeat\nreceipt\\c:no\nreceipt:r1\n\n\0'), server(R1)],
  },
  {
    id: 'headers/escape',
    versions: FROM_1_1,
    section: 'Value Encoding',
    quote: 'Conversely when encoding frame headers, the reverse transformation MUST be applied.',
    ours: 'What we send is escaped the same way.',
    steps: [
      client('SEND\ndestination:/app/heartbeat\nreceipt:a\\nb\\cc\\\\d\n\n\0'),
      server('RECEIPT\nreceipt-id:a\\nb\\cc\\\\d\n\n\0'),
    ],
  },
  {
    id: 'headers/escape-cr',
    versions: ['1.2'],
    section: 'Value Encoding',
    quote: 'Conversely when encoding frame headers, the reverse transformation MUST be applied.',
    ours: 'In 1.2 a carriage return is escaped as well.',
    steps: [client('SEND\ndestination:/app/heartbeat\nreceipt:a\\rb\n\n\0'), server('RECEIPT\nreceipt-id:a\\rb\n\n\0')],
  },
  {
    id: 'headers/raw-cr-1.1',
    versions: ['1.1'],
    section: 'Augmented BNF',
    quote: 'header-value = *<any OCTET except LF or ":">',
    ours: 'In 1.1 a carriage return goes both ways as it is.',
    steps: [client('SEND\ndestination:/app/heartbeat\nreceipt:a\rb\n\n\0'), server('RECEIPT\nreceipt-id:a\rb\n\n\0')],
  },
  {
    id: 'headers/no-escapes-1.0',
    versions: ['1.0'],
    section: 'Augmented BNF',
    quote: 'header-value = 1*<any CHAR except LF>',
    ours: '1.0 has no escapes: a backslash is a character, and nothing that we send is escaped.',
    steps: [
      client('SEND\ndestination:/app/heartbeat\nreceipt:a\\n\\c\\\\:\\tb\n\n\0'),
      server('RECEIPT\nreceipt-id:a\\n\\c\\\\:\\tb\n\n\0'),
    ],
  },
  {
    id: 'headers/connect-is-plain',
    versions: ALL,
    section: 'Value Encoding',
    quote:
      'The `CONNECT` and `CONNECTED` frames do not escape the carriage return, line feed or colon octets in order to remain backward compatible with STOMP 1.0.',
    ours: 'Nothing is un-escaped in CONNECT.',
    from: 'upgraded',
    steps: [
      client('CONNECT\naccept-version:<version>\nAuthorization:Bearer <token>\npasscode:a\\t:b\\\n\n\0'),
      server(CONNECTED),
    ],
  },
  {
    id: 'headers/stomp-is-plain',
    versions: ['1.2'],
    section: 'Value Encoding',
    quote: 'All frames except the `CONNECT` and `CONNECTED` frames will also escape',
    ours: 'STOMP is read as CONNECT is, without escapes, since it is handled in the same manner.',
    stance: 'choice',
    from: 'upgraded',
    steps: [
      client('STOMP\naccept-version:1.2\nhost:chat\nAuthorization:Bearer <token>\npasscode:a\\t:b\\\n\n\0'),
      server(CONNECTED),
    ],
  },
  {
    id: 'headers/no-trimming',
    versions: FROM_1_1,
    section: 'Value Encoding',
    quote: 'clients and servers MUST never trim or pad headers with spaces',
    ours: 'Spaces before and behind a value belong to it.',
    steps: SPACES_KEPT,
  },
  {
    id: 'headers/no-trimming-1.0',
    versions: ['1.0'],
    section: 'SUBSCRIBE',
    quote: 'destination: /queue/foo',
    ours: 'Though examples of 1.0 have a space behind the colon, values are not trimmed there either.',
    stance: 'choice',
    steps: SPACES_KEPT,
  },
  {
    id: 'headers/utf-8',
    versions: FROM_1_1,
    section: 'Value Encoding',
    quote: 'The commands and headers are encoded in UTF-8.',
    ours: 'Headers are UTF-8 both ways.',
    steps: [
      client('SEND\ndestination:/app/heartbeat\nreceipt:größer 😀\n\n\0'),
      server('RECEIPT\nreceipt-id:größer 😀\n\n\0'),
    ],
  },
  {
    id: 'headers/utf-8-1.0',
    versions: ['1.0'],
    section: 'Augmented BNF',
    quote: 'CHAR = <any US-ASCII character (octets 0 - 127)>',
    ours: 'Headers are UTF-8 in 1.0 as well, of which US-ASCII is a part.',
    stance: 'choice',
    steps: [
      client('SEND\ndestination:/app/heartbeat\nreceipt:größer 😀\n\n\0'),
      server('RECEIPT\nreceipt-id:größer 😀\n\n\0'),
    ],
  },
  {
    id: 'headers/not-utf-8',
    versions: ALL,
    section: 'Value Encoding',
    quote: 'The commands and headers are encoded in UTF-8.',
    ours: 'A head that is not UTF-8 ends the session.',
    steps: [
      client(Buffer.from('SEND\nreceipt:r1\ndestination:/app/heart\xFFbeat\n\n\0', 'latin1')),
      server(error('INVALID_UTF8', 'The command and the headers of a frame must be UTF-8.', { receiptId: 'r1' })),
      closed(1002),
    ],
  },
  {
    id: 'headers/repeated',
    versions: FROM_1_1,
    section: 'Repeated Header Entries',
    quote:
      'If a client or a server receives repeated frame header entries, only the first header entry SHOULD be used as the value of header entry.',
    ours: 'The first header of a name counts.',
    steps: [
      client('SEND\ndestination:/app/heartbeat\ndestination:/app/nowhere\nreceipt:r1\nreceipt:r2\n\n\0'),
      server(R1),
    ],
  },
  {
    id: 'headers/repeated-1.0',
    versions: ['1.0'],
    section: 'Standard Headers',
    quote: null,
    ours: 'In 1.0 too, which does not speak of it, the first header of a name counts.',
    stance: 'choice',
    steps: [
      client('SEND\ndestination:/app/heartbeat\ndestination:/app/nowhere\nreceipt:r1\nreceipt:r2\n\n\0'),
      server(R1),
    ],
  },
  {
    id: 'headers/repeated-content-length',
    versions: FROM_1_1,
    section: 'Repeated Header Entries',
    quote: 'only the first header entry SHOULD be used as the value of header entry',
    ours: 'The first content-length counts as well.',
    steps: [
      client(`SEND\ndestination:/app/heartbeat\ncontent-length:3\ncontent-length:1\nreceipt:r1\n\na\0b\0${PING}`),
      server(R1, R1),
    ],
  },
];
