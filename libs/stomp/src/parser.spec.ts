import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { FrameParser, HEART_BEAT, StompProtocolError, type FrameLimits, type StompFrame } from './index.ts';
import { cut, joined, latin1, parseAll, parsed, singly, wire, type Outcome } from './vectors/parse-all.ts';

const SEND = wire('SEND\ndestination:/a\n\nhello^@');

function takeAll(parser: FrameParser): StompFrame[] {
  const frames: StompFrame[] = [];
  for (let event = parser.next(); event !== null; event = parser.next()) if (event !== HEART_BEAT) frames.push(event);
  return frames;
}

function errorOf(act: () => unknown): StompProtocolError {
  try {
    act();
  } catch (error) {
    if (error instanceof StompProtocolError) return error;
    throw error;
  }
  throw new Error('Nothing was thrown.');
}

function usedHeapBytes(): number {
  setFlagsFromString('--expose-gc');
  const collectGarbage: unknown = runInNewContext('gc');
  if (typeof collectGarbage === 'function') collectGarbage();
  return process.memoryUsage().heapUsed;
}

/** Whole, in two at every byte, and byte by byte. */
function underEveryCut(bytes: Uint8Array, limits: Partial<FrameLimits>): Outcome {
  const whole = parseAll([bytes], { version: '1.2', limits });
  expect(parseAll(singly(bytes), { version: '1.2', limits })).toEqual(whole);
  for (let at = 1; at < bytes.length; at += 1) {
    expect(parseAll(cut(bytes, [at]), { version: '1.2', limits }), `split at ${at}`).toEqual(whole);
  }
  return whole;
}

describe('FrameParser', () => {
  describe('the version', () => {
    const stream = wire('CONNECT\r\npasscode:a\\cb\r\n\r\n^@SEND\na:b\\cc\n\n^@');

    it.each([
      ['1.0', 'b\\cc'],
      ['1.1', 'b:c'],
      ['1.2', 'b:c'],
    ] as const)('%s holds from the frame behind CONNECT on, in the same chunk', (version, value) => {
      const expected = [
        ['CONNECT', [['passcode', 'a\\cb']], ''],
        ['SEND', [['a', value]], ''],
      ];
      const onFrame = (_frame: StompFrame, parser: FrameParser) => parser.setVersion(version);
      expect(parseAll([stream], { onFrame }).events).toEqual(expected);
      expect(parseAll(singly(stream), { onFrame }).events).toEqual(expected);
      for (let at = 1; at < stream.length; at += 1) {
        expect(parseAll(cut(stream, [at]), { onFrame }).events).toEqual(expected);
      }
    });

    it('makes a CR part of the header once it is 1.1', () => {
      const onFrame = (_frame: StompFrame, parser: FrameParser) => parser.setVersion('1.1');
      const { events } = parseAll([wire('CONNECT\r\n\r\n^@SEND\na:b\r\n\n^@')], { onFrame });
      expect(events).toEqual([
        ['CONNECT', [], ''],
        ['SEND', [['a', 'b\r']], ''],
      ]);
    });
  });

  describe('chunks', () => {
    it('reads several frames of one chunk in their order', () => {
      const parser = new FrameParser();
      parser.push(joined(SEND, wire('\nBEGIN\ntransaction:1\n\n^@'), SEND));
      expect(takeAll(parser).map(({ command }) => command)).toEqual(['SEND', 'BEGIN', 'SEND']);
      expect(parser.next()).toBeNull();
    });

    it('takes chunks in while frames wait, and an empty one as nothing', () => {
      const parser = new FrameParser();
      for (const chunk of [...singly(SEND), new Uint8Array(0), SEND, ...cut(SEND, [9])]) parser.push(chunk);
      expect(takeAll(parser).map(parsed)).toEqual(Array(3).fill(['SEND', [['destination', '/a']], 'hello']));
    });

    it('gives bodies as views of a whole chunk', () => {
      const chunk = joined(SEND, SEND);
      const parser = new FrameParser();
      parser.push(chunk);
      expect(takeAll(parser).every(({ body }) => body.buffer === chunk.buffer)).toBe(true);
    });

    it.each([1, 2, 5, 11, 30, 31, 100])(
      'leaves bodies as they are while it reads on, in chunks of %i bytes',
      (size) => {
        const texts = Array.from({ length: 40 }, (_, index) => `body ${index}`);
        const stream = joined(...texts.map((text) => wire(`SEND\ncontent-length:${text.length}\n\n${text}^@`)));
        const offsets = Array.from({ length: Math.floor(stream.length / size) }, (_, index) => (index + 1) * size);
        const parser = new FrameParser();
        const bodies: Uint8Array[] = [];
        for (const chunk of cut(stream, offsets)) {
          parser.push(chunk);
          for (const { body } of takeAll(parser)) bodies.push(body);
        }
        expect(bodies.map(latin1)).toEqual(texts);
      },
    );

    it('does not look at a chunk again once it is drained', () => {
      const parser = new FrameParser();
      const [first, second] = cut(SEND, [12]);
      parser.push(first ?? SEND);
      expect(parser.next()).toBeNull();
      first?.fill(0xff);
      parser.push(second ?? SEND);
      expect(takeAll(parser).map(parsed)).toEqual([['SEND', [['destination', '/a']], 'hello']]);
    });
  });

  describe('limits', () => {
    const limits = { maxFrameBytes: 60, maxCommandBytes: 11, maxHeaderBytes: 12, maxHeaderCount: 3, maxBodyBytes: 40 };
    const frameOf = (bytes: number, head = 'SEND\n\n') => wire(`${head}${'x'.repeat(bytes - head.length - 1)}^@`);
    const wide = { ...limits, maxBodyBytes: 1_000 };

    it('accepts a frame of exactly the limit and refuses one byte more', () => {
      expect(underEveryCut(frameOf(60), wide)).toMatchObject({ error: null });
      expect(underEveryCut(frameOf(61), wide)).toMatchObject({ events: [], error: { code: 'FRAME_TOO_LARGE' } });
    });

    it('refuses a frame too large by its content-length as soon as its head has come', () => {
      const head = 'SEND\nreceipt:1\ncontent-length:31\n\n';
      const inTwoHeads = { ...wide, maxHeaderBytes: 20 };
      expect(underEveryCut(frameOf(66, head), inTwoHeads)).toMatchObject({ error: { code: 'FRAME_TOO_LARGE' } });
      expect(parseAll([wire(head)], { limits: inTwoHeads }).error).toEqual({ code: 'FRAME_TOO_LARGE', receiptId: '1' });
      const exact = 'SEND\ncontent-length:36\n\n';
      expect(underEveryCut(frameOf(60, exact.replace('36', '35')), inTwoHeads)).toMatchObject({ error: null });
    });

    it('refuses a head that leaves no room for the NUL', () => {
      const head = `SEND\n${'abcdefgh:12\n'.repeat(4)}abcde:\n`;
      expect(head).toHaveLength(60);
      const many = { ...limits, maxHeaderCount: 9 };
      expect(underEveryCut(wire(`${head}\n^@`), many)).toMatchObject({ error: { code: 'FRAME_TOO_LARGE' } });
    });

    it('refuses it as too large also where a body would be a fault', () => {
      const head = `ABORT\n${'abcdefgh:12\n'.repeat(4)}abc:\n`;
      const many = { ...limits, maxHeaderCount: 9 };
      expect(underEveryCut(wire(`${head}\nx^@`), many)).toMatchObject({ error: { code: 'FRAME_TOO_LARGE' } });
    });

    it('accepts a header line of exactly the limit, with LF or CR LF, and refuses one byte more', () => {
      expect(underEveryCut(wire('SEND\nname:1234567\n\n^@'), limits)).toMatchObject({ error: null });
      expect(underEveryCut(wire('SEND\nname:1234567\r\n\n^@'), limits)).toMatchObject({ error: null });
      for (const end of ['\n', '\r\n']) {
        const outcome = underEveryCut(wire(`SEND\nreceipt:1\nname:12345678${end}\n^@`), limits);
        expect(outcome.error).toEqual({ code: 'HEADER_TOO_LONG', receiptId: '1' });
      }
    });

    it('counts the bytes of a header line, not its characters', () => {
      expect(underEveryCut(wire('SEND\nname:€€€\n\n^@'), limits)).toMatchObject({ error: { code: 'HEADER_TOO_LONG' } });
    });

    it('accepts a command of exactly the limit and refuses one byte more', () => {
      expect(underEveryCut(wire('UNSUBSCRIBE\r\n\n^@'), limits)).toMatchObject({ error: null });
      const narrow = { ...limits, maxCommandBytes: 10 };
      expect(underEveryCut(wire('UNSUBSCRIBE\r\n\n^@'), narrow)).toMatchObject({ error: { code: 'COMMAND_TOO_LONG' } });
    });

    it('accepts as many headers as the limit and refuses one more', () => {
      expect(underEveryCut(wire('SEND\nreceipt:1\na:1\na:1\n\n^@'), limits)).toMatchObject({ error: null });
      const outcome = underEveryCut(wire('SEND\nreceipt:1\na:1\na:1\na:1\n\n^@'), limits);
      expect(outcome.error).toEqual({ code: 'TOO_MANY_HEADERS', receiptId: '1' });
    });

    it('accepts a body of exactly the limit and refuses one byte more, by NUL and by content-length', () => {
      expect(underEveryCut(frameOf(47), limits)).toMatchObject({ error: null });
      expect(underEveryCut(frameOf(48), limits)).toMatchObject({ error: { code: 'BODY_TOO_LARGE' } });
      const small = { maxBodyBytes: 2 };
      expect(underEveryCut(wire('SEND\ncontent-length:2\n\nab^@'), small)).toMatchObject({ error: null });
      const outcome = underEveryCut(wire('SEND\ncontent-length:3\n\nabc^@'), small);
      expect(outcome).toMatchObject({ error: { code: 'BODY_TOO_LARGE' } });
    });

    it.each([
      ['FRAME_TOO_LARGE', frameOf(61), '60 bytes'],
      ['COMMAND_TOO_LONG', wire('X'.repeat(20)), '11 bytes'],
      ['HEADER_TOO_LONG', wire('SEND\nname:123456789'), '12 bytes'],
      ['TOO_MANY_HEADERS', wire('SEND\na:\na:\na:\na:\n'), '3 headers'],
      ['BODY_TOO_LARGE', frameOf(50, 'SEND\n\n'), '40 bytes'],
    ])('names the limit in %s', (code, bytes, named) => {
      const parser = new FrameParser(code === 'FRAME_TOO_LARGE' ? wide : limits);
      parser.push(bytes);
      const error = errorOf(() => parser.next());
      expect(error.code).toBe(code);
      expect(error.message).toContain(`at most ${named}`);
    });

    it('refuses an endless head or body without waiting for its end', () => {
      for (const endless of ['S', 'SEND\na', 'SEND\na:b\n', 'SEND\n\nx', 'SEND\ncontent-length:9\n\nx']) {
        const parser = new FrameParser(limits);
        parser.push(wire(endless));
        const fill = wire(endless.endsWith('\n') ? 'a:b\n' : 'xxxx');
        expect(() => {
          for (let at = 0; at < 20; at += 1) {
            expect(parser.next()).toBeNull();
            expect(parser.bufferedBytes).toBeLessThanOrEqual(limits.maxFrameBytes);
            parser.push(fill);
          }
        }).toThrow(StompProtocolError);
      }
    });
  });

  describe('time', () => {
    const BYTES = 250_000;
    const wide = { maxFrameBytes: 2 * BYTES, maxHeaderBytes: 2 * BYTES, maxBodyBytes: 2 * BYTES };
    /** Linear work takes some 0.05 s for this; copying or scanning again at every byte takes far more. */
    const CPU_LIMIT_MS = 3_000;

    it.each([
      ['a header', `SEND\na:${'x'.repeat(BYTES)}\n\n^@`],
      ['a body up to its NUL', `SEND\n\n${'x'.repeat(BYTES)}^@`],
      ['a body by content-length', `SEND\ncontent-length:${BYTES}\n\n${'x'.repeat(BYTES)}^@`],
      ['heart-beats', `${'\n'.repeat(BYTES)}SEND\n\n^@`],
    ])(
      'is linear for %s that comes byte by byte',
      (_title, text) => {
        const parser = new FrameParser(wide);
        const from = process.cpuUsage();
        let frames = 0;
        for (const byte of wire(text)) {
          parser.push(Uint8Array.of(byte));
          frames += takeAll(parser).length;
        }
        const { user, system } = process.cpuUsage(from);
        expect(frames).toBe(1);
        expect((user + system) / 1_000).toBeLessThan(CPU_LIMIT_MS);
      },
      120_000,
    );
  });

  describe('memory', () => {
    it('keeps no more than a frame may have once it is drained, and nothing between frames', () => {
      const parser = new FrameParser({ maxFrameBytes: 1_000 });
      const many = joined(...Array<Uint8Array>(400).fill(SEND));
      parser.push(joined(many, SEND.subarray(0, 5)));
      takeAll(parser);
      expect(parser.bufferedBytes).toBe(5);
      expect(parser.heldBytes).toBeLessThanOrEqual(256);
      parser.push(joined(SEND.subarray(5), many, SEND.subarray(0, 5)));
      expect(takeAll(parser)).toHaveLength(401);
      expect(parser.heldBytes).toBeLessThanOrEqual(256);
      parser.push(SEND.subarray(5));
      expect(takeAll(parser)).toHaveLength(1);
      expect(parser.heldBytes).toBe(0);
    });

    it('never holds more than the frame limit for a frame that comes byte by byte', () => {
      const parser = new FrameParser({ maxFrameBytes: 3_000 });
      for (const byte of singly(wire(`SEND\n\n${'x'.repeat(2_993)}^@`))) {
        parser.push(byte);
        const taken = takeAll(parser);
        expect(parser.heldBytes).toBeLessThanOrEqual(3_000);
        if (taken.length > 0) expect(taken[0]?.body).toHaveLength(2_993);
      }
      expect(parser.heldBytes).toBe(0);
    });

    it('refuses a backlog over its limit when nobody takes the frames', () => {
      const parser = new FrameParser({ maxBacklogBytes: 10 * SEND.length });
      for (let at = 0; at < 10; at += 1) parser.push(SEND);
      expect(parser.bufferedBytes).toBe(10 * SEND.length);
      parser.push(SEND);
      expect(parser.heldBytes).toBe(0);
      const error = errorOf(() => parser.next());
      expect(error).toMatchObject({ code: 'BACKLOG_TOO_LARGE' });
      expect(error.message).toContain(`${10 * SEND.length} bytes`);
    });

    it('takes a chunk of any size when nothing waits to be taken', () => {
      const parser = new FrameParser({ maxBacklogBytes: 10 });
      for (let round = 0; round < 3; round += 1) {
        parser.push(joined(SEND, SEND, SEND));
        expect(takeAll(parser)).toHaveLength(3);
      }
      parser.push(SEND.subarray(0, 20));
      expect(takeAll(parser)).toHaveLength(0);
      parser.push(joined(SEND.subarray(20), SEND));
      expect(takeAll(parser)).toHaveLength(2);
    });

    it('lets a header outlive its frame without keeping the frame alive', () => {
      const parser = new FrameParser();
      const fill = 'x'.repeat(8_000);
      const before = usedHeapBytes();
      const ids = Array.from({ length: 1_000 }, (_, index) => {
        parser.push(wire(`SUBSCRIBE\nid:subscription-number-${index}\n${`fill:${fill}\n`.repeat(4)}\n^@`));
        return takeAll(parser)[0]?.headers[0]?.[1];
      });
      expect(usedHeapBytes() - before).toBeLessThan(8_000_000);
      expect(ids[999]).toBe('subscription-number-999');
    });
  });

  describe('after an error', () => {
    it('throws the same error again, takes nothing in and holds nothing', () => {
      const parser = new FrameParser();
      parser.push(joined(SEND, wire('BROKEN\n\n^@'), SEND));
      expect(parser.next()).toMatchObject({ command: 'SEND' });
      const error = errorOf(() => parser.next());
      parser.push(SEND);
      expect(errorOf(() => parser.next())).toBe(error);
      expect(parser.heldBytes).toBe(0);
      expect(parser.bufferedBytes).toBe(0);
    });

    it('does not show more than the start of a command', () => {
      const parser = new FrameParser({ maxCommandBytes: 1_000 });
      parser.push(wire(`${'X'.repeat(900)}\n\n^@`));
      expect(errorOf(() => parser.next()).message.length).toBeLessThan(100);
    });
  });
});
