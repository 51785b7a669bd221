import { describe, expect, it } from 'vitest';
import { ServerStream } from './server-stream.ts';

describe('the stream of a server', () => {
  it('falls into frames and heart-beats, wherever it is cut', () => {
    const bytes = Buffer.from('\nA\nb:ü\n\n{}\0\n\nC\n\n\0');
    const expected = ['\n', 'A\nb:ü\n\n{}\0', '\n', '\n', 'C\n\n\0'];

    expect(new ServerStream().push(bytes)).toEqual(expected);
    for (let at = 1; at < bytes.length; at += 1) {
      const stream = new ServerStream();
      expect([...stream.push(bytes.subarray(0, at)), ...stream.push(bytes.subarray(at))]).toEqual(expected);
    }
  });
});
