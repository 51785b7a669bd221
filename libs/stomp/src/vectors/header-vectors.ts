import type { StompVersion } from '../index.ts';
import { wire } from './parse-all.ts';
import { ESCAPING, frame, type Vector } from './vector.ts';

/* Support of the specs: not part of the library. */

const LF_ONLY: readonly StompVersion[] = ['1.0', '1.1'];

export const ESCAPES: readonly Vector[] = [
  {
    title: 'a backslash, which is a character like any other',
    source: '1.0, "Augmented BNF": header-value = 1*<any CHAR except LF>',
    version: '1.0',
    bytes: wire('SEND\na\\nb:c\\n\\c\\\\\\r\\t\\\n\n^@'),
    events: [frame('SEND', '', ['a\\nb', 'c\\n\\c\\\\\\r\\t\\'])],
  },
  ...ESCAPING.flatMap((version): Vector[] => [
    {
      title: 'escapes in a value',
      source: `${version}, "Value Encoding": \\n translates to newline, \\c to ":", \\\\ to "\\"`,
      version,
      bytes: wire('SEND\na:1\\n2\\c3\\\\4\n\n^@'),
      events: [frame('SEND', '', ['a', '1\n2:3\\4'])],
    },
    {
      title: 'escapes in a name',
      source: `${version}, "Value Encoding": Escaping is needed to allow header keys and values to contain those`,
      version,
      bytes: wire('SEND\n1\\n2\\c3\\\\4:a\n\n^@'),
      events: [frame('SEND', '', ['1\n2:3\\4', 'a'])],
    },
    {
      title: 'an escaped backslash before a letter, which stays that letter',
      source: `${version}, "Value Encoding": \\\\ (octet 92 and 92) translates to \\ (octet 92)`,
      version,
      bytes: wire('SEND\na:\\\\n\\\\c\\\\r\\\\\\\\\\n\n\n^@'),
      events: [frame('SEND', '', ['a', '\\n\\c\\r\\\\\n'])],
    },
    ...['\\t', '\\', '\\\\\\', '\\N', '\\C', '\\0', '\\:', '\\🚀', ...(version === '1.1' ? ['\\r'] : [])].map(
      (value): Vector => ({
        title: `the undefined escape ${JSON.stringify(value)}`,
        source: `${version}, "Value Encoding": Undefined escape sequences MUST be treated as a fatal protocol error`,
        version,
        bytes: wire(`SEND\nreceipt:r-6\nname:${value}\n\n^@`),
        events: [],
        error: 'UNDEFINED_ESCAPE',
        receiptId: 'r-6',
      }),
    ),
    {
      title: 'an undefined escape in a name',
      source: `${version}, "Value Encoding": Undefined escape sequences MUST be treated as a fatal protocol error`,
      version,
      bytes: wire('SEND\nna\\me:value\n\n^@'),
      events: [],
      error: 'UNDEFINED_ESCAPE',
    },
    {
      title: 'an undefined escape in the receipt itself',
      source: `${version}, "Value Encoding": Undefined escape sequences MUST be treated as a fatal protocol error`,
      version,
      bytes: wire('SEND\nreceipt:\\x\n\n^@'),
      events: [],
      error: 'UNDEFINED_ESCAPE',
    },
    ...['CONNECT', 'CONNECTED', 'STOMP'].map((command): Vector => ({
      title: `backslashes in ${command}, left alone`,
      source: `${version}, "Value Encoding": All frames except the CONNECT and CONNECTED frames will also escape`,
      version,
      bytes: wire(`${command}\npasscode:a\\tb\\nc\\:d\n\n^@`),
      events: [frame(command, '', ['passcode', 'a\\tb\\nc\\:d'])],
    })),
  ]),
  {
    title: 'an escaped carriage return',
    source: '1.2, "Value Encoding": \\r (octet 92 and 114) translates to carriage return (octet 13)',
    version: '1.2',
    bytes: wire('SEND\na\\rb:c\\r\n\n^@'),
    events: [frame('SEND', '', ['a\rb', 'c\r'])],
  },
];

export const ENDS_OF_LINE: readonly Vector[] = [
  ...[null, '1.2' as const].flatMap((version): Vector[] => [
    {
      title: 'CR LF as end of line',
      source: '1.2, "STOMP Frames": an OPTIONAL carriage return (octet 13) followed by a REQUIRED line feed (octet 10)',
      version,
      bytes: wire('CONNECT\r\naccept-version:1.2\r\nhost:a\r\n\r\n^@\r\nCONNECT\r\n\n^@\n\r\n'),
      events: [
        frame('CONNECT', '', ['accept-version', '1.2'], ['host', 'a']),
        'heart-beat',
        frame('CONNECT', ''),
        'heart-beat',
        'heart-beat',
      ],
    },
    {
      title: 'CR LF right behind the empty line, which is body',
      source: '1.2, "STOMP Frames": A blank line indicates the end of the headers and the beginning of the body',
      version,
      bytes: wire('SEND\n\n\r\nx^@'),
      events: [frame('SEND', '\r\nx')],
    },
    {
      title: 'a CR that no LF follows, where a frame could begin',
      source: '1.2, "STOMP Frames": followed by a REQUIRED line feed (octet 10)',
      version,
      bytes: wire('\rSEND\n\n^@'),
      events: [],
      error: 'UNKNOWN_COMMAND',
    },
  ]),
  {
    title: 'a lone CR inside a header',
    source: '1.2, "Augmented BNF": header-value = *<any OCTET except CR or LF or ":">',
    version: '1.2',
    bytes: wire('SEND\nreceipt:r-8\na:b\rc\n\n^@'),
    events: [],
    error: 'MALFORMED_HEADER',
    receiptId: 'r-8',
  },
  {
    title: 'two CRs before the LF, of which one belongs to the value',
    source: '1.2, "Augmented BNF": EOL = [CR] LF',
    version: '1.2',
    bytes: wire('SEND\na:b\r\r\n\n^@'),
    events: [],
    error: 'MALFORMED_HEADER',
  },
  ...LF_ONLY.flatMap((version): Vector[] => [
    {
      title: 'a CR in a value, which is a character like any other',
      source: '1.1, "Augmented BNF": header-value = *<any OCTET except LF or ":">',
      version,
      bytes: wire('SEND\na:b\r\nc\rd:\r\n\n^@'),
      events: [frame('SEND', '', ['a', 'b\r'], ['c\rd', '\r'])],
    },
    {
      title: 'CR LF instead of the empty line, which is a header without a colon',
      source: '1.1, "Augmented BNF": frame = command LF *( header LF ) LF *OCTET NULL *( LF )',
      version,
      bytes: wire('SEND\na:b\n\r\n\n^@'),
      events: [],
      error: 'MALFORMED_HEADER',
    },
    {
      title: 'CR LF behind the command, which is no command',
      source: '1.1, "Augmented BNF": frame = command LF *( header LF ) LF *OCTET NULL *( LF )',
      version,
      bytes: wire('SEND\r\n\n^@'),
      events: [],
      error: 'UNKNOWN_COMMAND',
    },
  ]),
];

export const FIRST_FRAMES: readonly Vector[] = [
  {
    title: 'CONNECT of 1.0',
    source: '1.0: CONNECT, login, passcode, blank line, NUL',
    version: null,
    bytes: wire('CONNECT\nlogin: <username>\npasscode:a:b\\c\n\n^@'),
    events: [frame('CONNECT', '', ['login', ' <username>'], ['passcode', 'a:b\\c'])],
  },
  {
    title: 'STOMP instead of CONNECT',
    source: '1.2, "CONNECT or STOMP Frame": servers MUST handle a STOMP frame in the same manner as a CONNECT frame',
    version: null,
    bytes: wire('STOMP\naccept-version:1.0,1.1,2.0\nhost:stomp.github.org\n\n^@'),
    events: [frame('STOMP', '', ['accept-version', '1.0,1.1,2.0'], ['host', 'stomp.github.org'])],
  },
  {
    title: 'a body in CONNECT',
    source: '1.2, "Body": All other frames MUST NOT have a body',
    version: null,
    bytes: wire('CONNECT\n\nx^@'),
    events: [],
    error: 'BODY_NOT_ALLOWED',
  },
  {
    title: 'an HTTP request, refused at its head',
    source: '1.2, "CONNECT or STOMP Frame": a protocol sniffer/discriminator will be able to differentiate',
    version: null,
    bytes: wire('GET / HTTP/1.1\r\nHost: a\r\n\r\n'),
    events: [],
    error: 'UNKNOWN_COMMAND',
  },
];
