import fc from 'fast-check';

/** A record of `chat-messages` by a producer that means no good, as a Kafka client hands it over. */
export interface HostileRecord {
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: Readonly<Record<string, HostileHeader>> | undefined;
}
type HostileHeader = Uint8Array | null | readonly (Uint8Array | null)[];

const BOM = '\uFEFF';
const NOT_UTF8 = Buffer.from([0x31, 0xff, 0xfe, 0xc0]);

const goodId = fc.constantFrom('1', '1', '1', '2', '3', '9007199254740991');
const oddNumber = fc.constantFrom('0', '-0', '-1', '1e0', '10e-1', '1.5', '1e400', '-1e400', '9007199254740993', '1E3');
const noNumber = fc.constantFrom('"1"', 'null', 'true', '[1]', '{"__proto__":1}', '01', 'NaN', '', '0x1');
const anyText = fc.string({ unit: 'binary', maxLength: 12 }).map((text) => JSON.stringify(text));
const badText = fc.constantFrom(
  '"a\\u0000b"',
  '"\\ud800"',
  '"\\udfff\\ud800"',
  '"\\ud83d\\udc4b"',
  `"${BOM}"`,
  '"\u2028"',
  '7',
  '{}',
  'null',
);
const goodInstant = fc.constantFrom(
  '"2026-01-01T10:00:00Z"',
  '"2024-02-29T23:59:59.123456789Z"',
  '"0000-01-01T00:00:00Z"',
  '"9999-12-31T23:59:59.999Z"',
  '"2026-01-01T10:00Z"',
);
const badInstant = fc.constantFrom(
  '"2023-02-29T00:00:00Z"',
  '"2026-01-01T24:00:00Z"',
  '"2016-12-31T23:59:60Z"',
  '"2026-01-01T10:00:00+00:00"',
  '"+010000-01-01T00:00:00Z"',
  '"now"',
  '0',
);
const mostly = (good: fc.Arbitrary<string>, bad: fc.Arbitrary<string>) =>
  fc.oneof({ weight: 19, arbitrary: good }, { weight: 1, arbitrary: bad });

/** The fields of a message as JSON texts; now and then one is bad, said twice, or not a field at all. */
const field = (name: string, value: fc.Arbitrary<string>) => value.map((text) => `"${name}":${text}`);
const furtherField = fc.oneof(
  fc.constantFrom(
    '"__proto__":{"id":7,"content":"\\u0000"}',
    '"constructor":null',
    '"extra":"\\u0000"',
    '"content":"said twice"',
    '"roomId":2',
    `"deep":${'['.repeat(5_000)}${']'.repeat(5_000)}`,
  ),
  field('kind', mostly(fc.constant('"SYSTEM"'), fc.constantFrom('"OTHER"', '"EDIT"', '"DELETE"', '"REACTION"'))),
  field(
    'system',
    fc.constantFrom(
      '{"event":"MEMBER_REMOVED","userId":1,"version":2,"cause":"LEFT"}',
      '{"event":"\\u0000","userId":1,"version":2}',
      '{"event":"MEMBER_REMOVED","userId":1,"version":-2}',
      '7',
    ),
  ),
  field('targetId', mostly(goodId, fc.oneof(oddNumber, noNumber))),
  fc
    .tuple(fc.constantFrom('"EDIT"', '"DELETE"', '"REACTION"'), mostly(goodId, fc.oneof(oddNumber, noNumber)))
    .chain(([kind, target]) =>
      fc
        .constantFrom('', ',"content":""', ',"content":"👍"', ',"content":"👍","removed":true', ',"removed":7')
        .map((more) => `"kind":${kind},"targetId":${target}${more}`),
    ),
);
const messageText = fc
  .tuple(
    field('id', mostly(goodId, fc.oneof(oddNumber, noNumber))),
    field('senderId', mostly(goodId, fc.oneof(oddNumber, noNumber))),
    field('content', mostly(anyText, badText)),
    field('type', mostly(fc.constantFrom('"GROUP"', '"DIRECT"'), fc.constantFrom('"group"', '1'))),
    field('timestamp', mostly(goodInstant, badInstant)),
    fc.array(furtherField, { maxLength: 2 }),
  )
  .map(([id, sender, content, type, timestamp, further]) => [id, sender, content, type, timestamp, ...further]);

const header = (ids: readonly string[]): fc.Arbitrary<HostileHeader | undefined> =>
  fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom(...ids).map((id) => Buffer.from(id)) },
    {
      weight: 2,
      arbitrary: fc.constantFrom<HostileHeader | undefined>(
        undefined,
        null,
        [],
        [null],
        [Buffer.from('first'), Buffer.from('second')],
        NOT_UTF8,
        Buffer.from(''),
        Buffer.from('a\u0000b'),
        Buffer.from(`${BOM}${ids[0]}`),
        Buffer.from('x'.repeat(300)),
        Buffer.from(`sha256:${'0'.repeat(64)}`),
      ),
    },
  );
const headers = fc.option(
  fc
    .record({
      ce_id: header(Array.from({ length: 40 }, (_, index) => `e${index}`)),
      client: header(['k1', 'k2', 'k3']),
      sender: header(['1', '1', '2', '3', '01', '+1']),
    })
    .map(({ ce_id, client, sender }) => {
      const all = Object.entries({ ce_id, 'client-message-id': client, 'sender-id': sender });
      return Object.fromEntries(all.filter((entry): entry is [string, HostileHeader] => entry[1] !== undefined));
    }),
  { freq: 6, nil: undefined },
);

/** A key for a room that is written like this in the value. */
const keyFor = (room: string): fc.Arbitrary<Uint8Array | null> =>
  fc.oneof(
    { weight: 19, arbitrary: fc.constant(Buffer.from(room)) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        null,
        Buffer.from(''),
        NOT_UTF8,
        ...[`0${room}`, `+${room}`, ` ${room}`, `${room}.0`, `${BOM}${room}`, '٣'].map((text) => Buffer.from(text)),
      ),
    },
  );

const notJson = fc.oneof(
  fc.constantFrom(null, ...['', 'null', '[]', '"x"', '{', '{}', '{"id":1}'].map((text) => Buffer.from(text)), NOT_UTF8),
  fc.uint8Array({ maxLength: 20 }),
);

/**
 * Records that mostly count, in few rooms, by few senders, with few ids, so that they repeat each other; and among them every
 * way of not quite being one: numbers that JavaScript rounds, texts that Postgres refuses, keys and headers that nearly match.
 */
export function hostileMessageRecords(): fc.Arbitrary<HostileRecord> {
  const made = fc
    .tuple(
      messageText,
      mostly(goodId, fc.oneof(oddNumber, noNumber)),
      fc.constantFrom('', '', '', '', '', '', '', '', BOM, ' '),
    )
    .chain(([fields, room, before]) =>
      fc.record({
        key: keyFor(room),
        value: fc
          .shuffledSubarray([...fields, `"roomId":${room}`], { minLength: fields.length + 1 })
          .map((all) => Buffer.from(`${before}{${all.join(',')}}`)),
        headers,
      }),
    );
  const other = fc.record({ key: keyFor('1'), value: notJson, headers });
  return fc.oneof({ weight: 19, arbitrary: made }, { weight: 1, arbitrary: other });
}
