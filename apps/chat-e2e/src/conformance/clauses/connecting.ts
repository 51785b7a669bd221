import { ALL, client, closed, FROM_1_1, server, type Clause } from '../clause.ts';
import { CONNECTED, error, LISTEN_FOR_PONGS, OUR_BEAT_MS, PING, R1 } from '../frames.ts';

const NEGOTIATED =
  'The protocol that will be used for the rest of the session will be the highest protocol version that both the client and server have in common.';
const connectedIn = (version: string) => CONNECTED.replace('<version>', version);

function noCommonVersion(versions: string): string {
  return error('VERSION_NOT_SUPPORTED', `Supported versions are ${versions}.`, { behind: `version:${versions}\n` });
}

/** From the first byte to CONNECTED. */
export const CONNECTING_CLAUSES: readonly Clause[] = [
  {
    id: 'connecting/connected',
    versions: FROM_1_1,
    section: 'Connecting',
    quote: 'If the server accepts the connection attempt it will respond with a `CONNECTED` frame',
    ours: 'CONNECT is answered with CONNECTED.',
    from: 'upgraded',
    steps: [
      client('CONNECT\naccept-version:<version>\nhost:stomp.github.org\nAuthorization:Bearer <token>\n\n\0'),
      server(CONNECTED),
    ],
  },
  {
    id: 'connecting/connected-1.0',
    versions: ['1.0'],
    section: 'Stomp Protocol Specification, Version 1.0',
    quote: 'After the client sends the CONNECT frame, the server will always acknowledge the connection',
    ours: 'CONNECT is answered with CONNECTED, which names the session.',
    from: 'upgraded',
    steps: [client('CONNECT\nAuthorization:Bearer <token>\n\n\0'), server(CONNECTED)],
  },
  {
    id: 'connecting/version-header',
    versions: FROM_1_1,
    section: 'CONNECTED Frame',
    quote: '`version` : The version of the STOMP protocol the session will be using.',
    ours: 'CONNECTED names the version; in 1.0 as well, whose clients ignore it.',
    from: 'upgraded',
    steps: [client('CONNECT\naccept-version:1.0,<version>\nAuthorization:Bearer <token>\n\n\0'), server(CONNECTED)],
  },
  {
    id: 'connecting/other-headers',
    versions: FROM_1_1,
    section: 'CONNECTED Frame',
    quote: '`session` : A session id',
    ours: 'CONNECTED has `heart-beat`, `session`, `server:chat-service` and `user-name`, the id of the user.',
    stance: 'choice',
    from: 'upgraded',
    steps: [
      client('CONNECT\naccept-version:<version>\nAuthorization:Bearer <token>\n\n\0'),
      server(
        `CONNECTED\nversion:<version>\nheart-beat:${OUR_BEAT_MS},${OUR_BEAT_MS}\nsession:<session>\nserver:chat-service\nuser-name:<user>\n\n\0`,
      ),
    ],
  },
  {
    id: 'connecting/server-header',
    versions: FROM_1_1,
    section: 'CONNECTED Frame',
    quote: 'The field MUST contain a server-name field and MAY be followed by optional comment',
    ours: '`server` is a name alone, without a version for strangers to look up.',
    stance: 'choice',
    from: 'upgraded',
    steps: [
      client('CONNECT\naccept-version:<version>\nAuthorization:Bearer <token>\n\n\0'),
      server(
        'CONNECTED\nversion:<version>\nheart-beat:<beats>\nsession:<session>\nserver:chat-service\nuser-name:<user>\n\n\0',
      ),
    ],
  },
  {
    id: 'connecting/rapidly',
    versions: ALL,
    section: 'Connection Lingering',
    quote: 'STOMP servers must be able to support clients which rapidly connect and disconnect.',
    ours: 'A client may say CONNECT, its business and DISCONNECT in one go, and is answered all of it before the close.',
    from: 'upgraded',
    steps: [
      client(
        `CONNECT\naccept-version:<version>\nAuthorization:Bearer <token>\n\n\0${PING}DISCONNECT\nreceipt:77\n\n\0`,
      ),
      server(CONNECTED, R1, 'RECEIPT\nreceipt-id:77\n\n\0'),
      closed(1000),
    ],
  },
  {
    id: 'connecting/rejected',
    versions: ALL,
    section: 'Connecting',
    quote:
      'The server SHOULD respond back with an `ERROR` frame explaining why the connection was rejected and then close the connection.',
    ours: 'A token that is none gets ERROR and close 1008.',
    from: 'upgraded',
    steps: [
      client('CONNECT\naccept-version:<version>\nAuthorization:Bearer nonsense\n\n\0'),
      server(error('UNAUTHENTICATED', 'This is not a JSON Web Token.')),
      closed(1008),
    ],
  },
  {
    id: 'connecting/login',
    versions: FROM_1_1,
    section: 'CONNECT or STOMP Frame',
    quote: '`login` : The user identifier used to authenticate against a secured STOMP server.',
    ours: '`login` and `passcode` are ignored: who connects is told by `Authorization: Bearer <JWT>` alone.',
    stance: 'choice',
    from: 'upgraded',
    steps: [
      client('CONNECT\naccept-version:<version>\nlogin:alice\npasscode:secret\n\n\0'),
      server(error('UNAUTHENTICATED', 'A valid bearer token is required.')),
      closed(1008),
    ],
  },
  {
    id: 'connecting/host',
    versions: FROM_1_1,
    section: 'CONNECT or STOMP Frame',
    quote:
      'If this header does not match a known virtual host, servers supporting virtual hosting MAY select a default virtual host or reject the connection.',
    ours: 'There is one host: `host` is ignored and may be left out.',
    stance: 'choice',
    from: 'upgraded',
    steps: [
      client('CONNECT\naccept-version:<version>\nhost:nobody.example\nAuthorization:Bearer <token>\n\n\0'),
      server(CONNECTED),
    ],
  },
  {
    id: 'connecting/stomp-frame',
    versions: FROM_1_1,
    section: 'CONNECT or STOMP Frame',
    quote: 'STOMP servers MUST handle a `STOMP` frame in the same manner as a `CONNECT` frame.',
    ours: 'STOMP is another name of CONNECT.',
    from: 'upgraded',
    steps: [
      client('STOMP\naccept-version:<version>\nhost:chat\nAuthorization:Bearer <token>\n\n\0'),
      server(CONNECTED),
    ],
  },
  {
    id: 'connecting/stomp-frame-1.0',
    versions: ['1.0'],
    section: 'Augmented BNF',
    quote: 'command = client-command | server-command',
    ours: 'Before the version is known STOMP is another name of CONNECT, also for who then speaks 1.0.',
    stance: 'choice',
    from: 'upgraded',
    steps: [client('STOMP\nAuthorization:Bearer <token>\n\n\0'), server(CONNECTED)],
  },
  {
    id: 'connecting/stomp-frame-later-1.0',
    versions: ['1.0'],
    section: 'Augmented BNF',
    quote: 'command = client-command | server-command',
    ours: 'In a session of 1.0 STOMP is unknown.',
    stance: 'choice',
    steps: [
      client('STOMP\naccept-version:1.2\nreceipt:r1\n\n\0'),
      server(error('UNKNOWN_COMMAND', 'STOMP 1.0 has no frame command "STOMP".', { receiptId: 'r1' })),
      closed(1002),
    ],
  },
  {
    id: 'connecting/first-frame',
    versions: ALL,
    section: 'Connecting',
    quote: 'A STOMP client initiates the stream or TCP connection to the server by sending the `CONNECT` frame',
    ours: 'Any other first frame gets ERROR and close.',
    from: 'upgraded',
    steps: [
      client(PING),
      server(error('PROTOCOL_ERROR', 'The first frame must be CONNECT or STOMP.', { receiptId: 'r1' })),
      closed(1002),
    ],
  },
  {
    id: 'connecting/twice',
    versions: ALL,
    section: 'Client Frames',
    quote: 'A client MAY send a frame not in this list',
    ours: 'A second CONNECT gets ERROR and close.',
    stance: 'choice',
    steps: [
      client('CONNECT\naccept-version:<version>\nAuthorization:Bearer <token>\nreceipt:r1\n\n\0'),
      server(error('PROTOCOL_ERROR', 'The session is connected already.', { receiptId: 'r1' })),
      closed(1002),
    ],
  },
  {
    id: 'connecting/end-of-line',
    versions: ALL,
    section: 'STOMP Frames',
    quote: 'an OPTIONAL carriage return (octet 13) followed by a REQUIRED line feed (octet 10)',
    ours: 'CONNECT may have either end of line, whatever version comes of it, and ends of line before it.',
    stance: 'choice',
    from: 'upgraded',
    steps: [
      client('\r\n\nCONNECT\r\naccept-version:<version>\r\nAuthorization:Bearer <token>\r\n\r\n\0'),
      server(CONNECTED),
    ],
  },
  {
    id: 'connecting/frames-behind',
    versions: ALL,
    section: 'Connecting',
    quote: null,
    ours: 'A client need not wait for CONNECTED before its next frames.',
    stance: 'choice',
    from: 'upgraded',
    steps: [
      client(`CONNECT\naccept-version:<version>\nAuthorization:Bearer <token>\n\n\0${PING}`),
      server(CONNECTED, R1),
    ],
  },
  {
    id: 'negotiation/highest',
    versions: ['1.2'],
    section: 'Protocol Negotiation',
    quote: NEGOTIATED,
    ours: 'The highest common version is taken, in whatever order they stand.',
    from: 'upgraded',
    steps: [client('CONNECT\naccept-version:1.2,1.0,1.1\nAuthorization:Bearer <token>\n\n\0'), server(CONNECTED)],
  },
  {
    id: 'negotiation/highest-common',
    versions: ['1.1'],
    section: 'Protocol Negotiation',
    quote:
      'The server will respond back with the highest version of the protocol that it has in common with the client',
    ours: 'Versions that there are not yet do not count.',
    from: 'upgraded',
    steps: [
      client('CONNECT\naccept-version:1.0,1.1,2.0\nhost:stomp.github.org\nAuthorization:Bearer <token>\n\n\0'),
      server(CONNECTED),
    ],
  },
  {
    id: 'negotiation/none',
    versions: ['1.0'],
    section: 'Protocol Negotiation',
    saidIn: '1.2',
    quote:
      'If the `accept-version` header is missing, it means that the client only supports version 1.0 of the protocol.',
    ours: 'CONNECT without accept-version speaks 1.0.',
    from: 'upgraded',
    steps: [client('CONNECT\nhost:chat\nAuthorization:Bearer <token>\n\n\0'), server(CONNECTED)],
  },
  {
    id: 'negotiation/spaces',
    versions: ['1.2'],
    section: 'Protocol Negotiation',
    quote:
      'It SHOULD be set to a comma separated list of incrementing STOMP protocol versions that the client supports.',
    ours: 'Spaces around the commas are no fault.',
    stance: 'choice',
    from: 'upgraded',
    steps: [client('CONNECT\naccept-version:1.1, 1.2\nAuthorization:Bearer <token>\n\n\0'), server(CONNECTED)],
  },
  {
    id: 'negotiation/nothing-in-common',
    versions: FROM_1_1,
    section: 'Protocol Negotiation',
    quote:
      'If the client and server do not share any common protocol versions, then the server MUST respond with an `ERROR` frame similar to the following and then close the connection',
    ours: 'ERROR names the versions that there are.',
    from: 'upgraded',
    steps: [
      client('CONNECT\naccept-version:2.0,2.1\nAuthorization:Bearer <token>\n\n\0'),
      server(noCommonVersion('1.0,1.1,1.2')),
      closed(1002),
    ],
  },
  {
    id: 'negotiation/empty',
    versions: FROM_1_1,
    section: 'Protocol Negotiation',
    quote:
      'If the client and server do not share any common protocol versions, then the server MUST respond with an `ERROR` frame',
    ours: 'An empty accept-version has nothing in common with ours.',
    from: 'upgraded',
    steps: [
      client('CONNECT\naccept-version:\nAuthorization:Bearer <token>\n\n\0'),
      server(noCommonVersion('1.0,1.1,1.2')),
      closed(1002),
    ],
  },
  ...(
    [
      ['v10.stomp', '1.0'],
      ['v11.stomp', '1.1'],
      ['v12.stomp', '1.2'],
    ] as const
  ).map(([name, version]): Clause => ({
    id: `negotiation/${name}`,
    versions: [version],
    section: 'WebSocket sub-protocols',
    quote: null,
    ours: `\`${name}\` narrows the choice to ${version}.`,
    stance: 'choice',
    from: 'upgraded',
    subProtocols: [name],
    steps: [
      client('CONNECT\naccept-version:1.0,1.1,1.2\nAuthorization:Bearer <token>\n\n\0'),
      server(connectedIn(version)),
    ],
  })),
  {
    id: 'negotiation/sub-protocol-alone',
    versions: ['1.2'],
    section: 'WebSocket sub-protocols',
    quote: null,
    ours: 'Of several sub-protocols the highest is taken; what accept-version says must agree with it.',
    stance: 'choice',
    from: 'upgraded',
    subProtocols: ['v10.stomp', 'v12.stomp'],
    steps: [
      client('CONNECT\naccept-version:1.0,1.1\nAuthorization:Bearer <token>\n\n\0'),
      server(noCommonVersion('1.2')),
      closed(1002),
    ],
  },
  {
    id: 'negotiation/sub-protocol-without-accept-version',
    versions: ['1.2'],
    section: 'Protocol Negotiation',
    quote: 'From STOMP 1.1 and onwards, the `CONNECT` frame MUST include the `accept-version` header.',
    ours: 'A sub-protocol does not stand for accept-version: without the header `v12.stomp` has nothing in common with 1.0.',
    stance: 'choice',
    from: 'upgraded',
    subProtocols: ['v12.stomp'],
    steps: [client('CONNECT\nAuthorization:Bearer <token>\n\n\0'), server(noCommonVersion('1.2')), closed(1002)],
  },
  {
    id: 'negotiation/rules-of-the-version',
    versions: ['1.1'],
    section: 'Protocol Negotiation',
    quote: NEGOTIATED,
    ours: 'The rules of the version hold from the frame behind CONNECT on, in the same WebSocket message too.',
    from: 'upgraded',
    steps: [
      client(
        'CONNECT\naccept-version:1.1\nAuthorization:Bearer <token>\n\n\0SEND\ndestination:/app/heartbeat\nreceipt:a\\cb\n\n\0',
      ),
      server(CONNECTED, 'RECEIPT\nreceipt-id:a\\cb\n\n\0'),
    ],
  },
  {
    id: 'connecting/receipt',
    versions: ALL,
    section: 'Header receipt',
    quote: 'Any client frame other than `CONNECT` MAY specify a `receipt` header with an arbitrary value.',
    ours: 'A CONNECT that asks for a RECEIPT all the same gets one behind CONNECTED.',
    stance: 'choice',
    from: 'upgraded',
    steps: [
      client('CONNECT\naccept-version:<version>\nAuthorization:Bearer <token>\nreceipt:r1\n\n\0'),
      server(CONNECTED, R1),
    ],
  },
  {
    id: 'connecting/lingering',
    versions: ALL,
    section: 'Connection Lingering',
    quote: 'a client may not receive the last frame sent by the server',
    ours: 'A client that goes on sending behind its fault gets ERROR and the close code all the same.',
    steps: [
      client('JUMP\nreceipt:r1\n\n\0'),
      ...Array.from({ length: 20 }, () => client(`SEND\ndestination:/app/heartbeat\n\n${'x'.repeat(60_000)}\0`)),
      server(error('UNKNOWN_COMMAND', 'STOMP <version> has no frame command "JUMP".', { receiptId: 'r1' })),
      closed(1002),
    ],
  },
  {
    id: 'connecting/nothing-behind-error',
    versions: ALL,
    section: 'ERROR',
    quote: 'it MUST then close the connection just after sending the `ERROR` frame',
    ours: 'Frames behind the fault are not processed.',
    steps: [
      client(LISTEN_FOR_PONGS),
      server('RECEIPT\nreceipt-id:s0\n\n\0'),
      client(`JUMP\n\n\0${PING}`),
      server(error('UNKNOWN_COMMAND', 'STOMP <version> has no frame command "JUMP".')),
      closed(1002),
    ],
  },
];
