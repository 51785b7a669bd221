import { expect, it } from 'vitest';
import { withAddress } from './kafka-address.ts';

const frame = (...parts: readonly string[]) => {
  const body = Buffer.from(parts.join(''), 'latin1');
  const size = Buffer.alloc(4);
  size.writeInt32BE(body.length);
  return Buffer.concat([size, body]);
};

it('puts one address in place of every mention of another, and leaves the rest and other ports alone', () => {
  const [told, samePort, sameHost] = ['\0\tlocalhost\0\0#\x84', '\0\x05other\0\0#\x84', '\0\tlocalhost\0\0#\x85'];
  const reply = frame('head', told, 'between', told, samePort, sameHost, 'tail');
  const replaced = withAddress(reply, { host: 'localhost', port: 9092 }, { host: '127.0.0.1', port: 9093 });
  expect(replaced).toEqual(
    frame('head', '\0\t127.0.0.1\0\0#\x85', 'between', '\0\t127.0.0.1\0\0#\x85', samePort, sameHost, 'tail'),
  );
  const longer = withAddress(reply, { host: 'localhost', port: 9092 }, { host: 'host.example', port: 1 });
  expect(longer).toEqual(
    frame(
      'head',
      '\0\x0chost.example\0\0\0\x01',
      'between',
      '\0\x0chost.example\0\0\0\x01',
      samePort,
      sameHost,
      'tail',
    ),
  );
});
