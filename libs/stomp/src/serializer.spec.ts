import { describe, expect, it } from 'vitest';
import {
  createFrame,
  HEART_BEAT,
  HEART_BEAT_BYTES,
  MessageTemplate,
  prepareRecipient,
  serializeFrame,
  STOMP_VERSIONS,
  StompProtocolError,
  type StompFrame,
  type StompHeader,
  type StompVersion,
} from './index.ts';
import { parseAll, parsed, wire } from './vectors/parse-all.ts';

const UTF8 = new TextDecoder();

/** The frame's bytes as text in which `^@` stands for NUL. */
function written(frame: StompFrame, version: StompVersion): string {
  return UTF8.decode(serializeFrame(frame, version)).replaceAll('\0', '^@');
}

function codeOf(act: () => unknown): string | undefined {
  try {
    act();
    return undefined;
  } catch (error) {
    if (error instanceof StompProtocolError) return error.code;
    throw error;
  }
}

describe('serializeFrame', () => {
  it.each(STOMP_VERSIONS)('writes LF as end of line and a content-length of its own in %s', (version) => {
    const frame = createFrame('MESSAGE', { destination: '/a', 'content-length': '99' }, 'é\0');
    expect(written(frame, version)).toBe('MESSAGE\ndestination:/a\ncontent-length:3\n\né^@^@');
  });

  it.each(STOMP_VERSIONS)(
    'says content-length:0 where a body may be, and nothing where none may be, in %s',
    (version) => {
      expect(written(createFrame('SEND', {}), version)).toBe('SEND\ncontent-length:0\n\n^@');
      expect(written(createFrame('ERROR', {}), version)).toBe('ERROR\ncontent-length:0\n\n^@');
      expect(written(createFrame('RECEIPT', { 'receipt-id': '1' }), version)).toBe('RECEIPT\nreceipt-id:1\n\n^@');
      expect(written(createFrame('CONNECTED', { version }), version)).toBe(`CONNECTED\nversion:${version}\n\n^@`);
    },
  );

  it('keeps headers in order, repeated ones included, and spaces as they are', () => {
    const headers: StompHeader[] = [
      ['foo', ' World '],
      ['foo', ''],
    ];
    expect(written({ ...createFrame('RECEIPT', {}), headers }, '1.2')).toBe('RECEIPT\nfoo: World \nfoo:\n\n^@');
  });

  it.each([
    ['1.0', ' \\ : \r', ' \\ : \r'],
    ['1.1', '\\\n:\r', '\\\\\\n\\c\r'],
    ['1.2', '\\\n:\r', '\\\\\\n\\c\\r'],
    ['1.1', '\\n \\c', '\\\\n \\\\c'],
    ['1.2', '\\r', '\\\\r'],
  ] as const)('writes in %s the value %j as %j', (version, value, escaped) => {
    expect(written(createFrame('RECEIPT', { 'receipt-id': value }), version)).toBe(
      `RECEIPT\nreceipt-id:${escaped}\n\n^@`,
    );
  });

  it.each(['1.1', '1.2'] as const)('escapes names as well in %s', (version) => {
    expect(written(createFrame('RECEIPT', { 'a:b\n\\': '1' }), version)).toBe('RECEIPT\na\\cb\\n\\\\:1\n\n^@');
  });

  it.each(['CONNECT', 'STOMP', 'CONNECTED'])('escapes nothing in %s', (command) => {
    expect(written(createFrame(command, { passcode: 'a:b\\n' }), '1.2')).toBe(`${command}\npasscode:a:b\\n\n\n^@`);
  });

  const unrepresentable: readonly (readonly [StompVersion, string, StompHeader])[] = [
    ['1.0', 'RECEIPT', ['a', 'b\nc']],
    ['1.0', 'RECEIPT', ['a\nb', 'c']],
    ['1.0', 'RECEIPT', ['a:b', 'c']],
    ...STOMP_VERSIONS.flatMap((version): [StompVersion, string, StompHeader][] => [
      [version, 'RECEIPT', ['', 'a']],
      [version, 'RECEIPT', ['a', 'b\0']],
      [version, 'RECEIPT', ['a\0', 'b']],
      [version, 'RECEIPT', ['a', '\ud800']],
      [version, 'RECEIPT', ['\udc00', 'a']],
      [version, 'CONNECTED', ['a', 'b\nc']],
      [version, 'CONNECTED', ['a', 'b\r']],
      [version, 'CONNECTED', ['a:b', 'c']],
    ]),
  ];
  it.each(unrepresentable)('refuses, in %s, in %s, the header %j', (version, command, header) => {
    expect(codeOf(() => serializeFrame({ ...createFrame(command, {}), headers: [header] }, version))).toBe(
      'UNREPRESENTABLE',
    );
  });

  it('refuses commands that the version does not have', () => {
    for (const command of ['', 'FOO', 'send', 'SEND\n']) {
      expect(codeOf(() => serializeFrame(createFrame(command, {}), '1.2'))).toBe('UNREPRESENTABLE');
    }
    expect(codeOf(() => serializeFrame(createFrame('NACK', {}), '1.0'))).toBe('UNREPRESENTABLE');
  });

  it('refuses a body where none may be, but for 1.0', () => {
    expect(codeOf(() => serializeFrame(createFrame('RECEIPT', {}, 'x'), '1.2'))).toBe('UNREPRESENTABLE');
    expect(written(createFrame('SUBSCRIBE', {}, 'x'), '1.0')).toBe('SUBSCRIBE\ncontent-length:1\n\nx^@');
  });

  it('writes heads of any length', () => {
    for (const length of [4_000, 4_095, 4_096, 5_000, 70_000]) {
      const value = `${'x'.repeat(length)}é`;
      expect(written(createFrame('RECEIPT', { a: value }), '1.2')).toBe(`RECEIPT\na:${value}\n\n^@`);
    }
  });

  it('writes into memory that it is given and that was used before', () => {
    const room = new Uint8Array(100).fill(0xee);
    const bytes = serializeFrame(createFrame('SEND', {}, 'x'), '1.2', (byteLength) =>
      room.subarray(10, 10 + byteLength),
    );
    expect(bytes).toEqual(wire('SEND\ncontent-length:1\n\nx^@'));
    expect(bytes.buffer).toBe(room.buffer);
    expect([room[9], room[10 + bytes.length]]).toEqual([0xee, 0xee]);
  });

  it('makes a heart-beat of one LF', () => {
    expect(HEART_BEAT_BYTES).toEqual(wire('\n'));
  });
});

describe('MessageTemplate', () => {
  const headers: StompHeader[] = [
    ['destination', '/topic/chat_rooms/1'],
    ['message-id', 'a:b'],
    ['client-message-id', 'c\\d'],
  ];
  const template = new MessageTemplate(headers, wire('{"content":"é"}'));
  const to = (version: StompVersion, subscriptionId: string | null, ackId: string | null = null) =>
    prepareRecipient({ version, subscriptionId, ackId });

  it.each(STOMP_VERSIONS)('writes in %s what the serializer would', (version) => {
    for (const id of ['sub-0', 's\\:', 'ключ', 'x'.repeat(5_000)]) {
      const all: StompHeader[] = [...headers, ['content-length', '16'], ['subscription', id]];
      const { events } = parseAll([template.serialize(to(version, id))], {
        version,
        limits: { maxHeaderBytes: 9_000 },
      });
      expect(events).toEqual([['MESSAGE', all, parsed(createFrame('SEND', {}, '{"content":"é"}'))[2]]]);
    }
  });

  it('leaves the subscription out where the client named none', () => {
    expect(UTF8.decode(template.serialize(to('1.0', null)))).not.toContain('subscription');
    expect(parseAll([template.serialize(to('1.0', null))], { version: '1.0' }).error).toBeNull();
  });

  it('says by what an ACK would name the message, where one is expected', () => {
    const [event] = parseAll([template.serialize(to('1.2', 's', 's:4:2'))], { version: '1.2' }).events;
    expect(event?.[1]).toEqual([...headers, ['content-length', '16'], ['subscription', 's'], ['ack', 's:4:2']]);
  });

  it('leaves out a header that the version cannot carry, and only there', () => {
    const odd = new MessageTemplate([...headers, ['odd', 'a\nb'], ['nul', '\0'], ['e:f', 'g']], wire('x'));
    const namesIn = (version: StompVersion) =>
      parseAll([odd.serialize(to(version, '1'))], { version })
        .events.filter((event) => event !== HEART_BEAT)
        .flatMap(([, sent]) => sent.map(([name]) => name));
    const common = ['destination', 'message-id', 'client-message-id'];
    expect(namesIn('1.0')).toEqual([...common, 'content-length', 'subscription']);
    expect(namesIn('1.1')).toEqual([...common, 'odd', 'e:f', 'content-length', 'subscription']);
    expect(namesIn('1.2')).toEqual([...common, 'odd', 'e:f', 'content-length', 'subscription']);
  });

  it('refuses a subscription id that the version cannot carry', () => {
    expect(codeOf(() => to('1.0', 'a\nb'))).toBe('UNREPRESENTABLE');
  });

  it('gives each subscription id a frame of its own', () => {
    const [first, second] = ['1', '2'].map((id) => template.serialize(to('1.2', id)));
    expect(UTF8.decode(first)).toContain('subscription:1\n');
    expect(UTF8.decode(second)).toContain('subscription:2\n');
  });

  it('writes into memory that it is given and that was used before', () => {
    const allocate = (byteLength: number) => new Uint8Array(byteLength).fill(0xee);
    expect(template.serialize(to('1.1', 's'), allocate)).toEqual(template.serialize(to('1.1', 's')));
  });
});
