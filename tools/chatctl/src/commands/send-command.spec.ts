import { Readable } from 'node:stream';
import { createToken } from '@chat/testing';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { CommandContext } from '../context.ts';
import { sendCommand } from './send-command.ts';

afterEach(() => void vi.unstubAllGlobals());

/** A gateway that takes everything; remembers the SENDs. */
function stubGateway(): string[] {
  const sends: string[] = [];
  class FakeSocket {
    onopen = () => {};
    onmessage = (_: { readonly data: string }) => {};
    onclose = (_: { readonly code: number }) => {};

    constructor() {
      queueMicrotask(() => this.onopen());
    }

    send(frame: string): void {
      if (frame.startsWith('CONNECT')) this.#answer('CONNECTED\nversion:1.2\nsession:s\nuser-name:1\n\n\0');
      if (frame.startsWith('SEND')) sends.push(frame);
      const receipt = /^receipt:(.*)$/m.exec(frame)?.[1];
      if (receipt !== undefined) this.#answer(`RECEIPT\nreceipt-id:${receipt}\nmessage-id:5\n\n\0`);
      if (frame.startsWith('DISCONNECT')) queueMicrotask(() => this.onclose({ code: 1000 }));
    }

    close(): void {}

    #answer(data: string): void {
      queueMicrotask(() => this.onmessage({ data }));
    }
  }
  vi.stubGlobal('WebSocket', FakeSocket);
  return sends;
}

const context: CommandContext = {
  options: { url: 'http://api', wsUrl: ['ws://one/ws'], token: createToken({ userId: 1 }) },
  environment: { env: {}, stack: null, jwtSecret: null },
  output: { isJson: false, result: () => {}, text: () => {}, note: () => {}, paint: (_, text) => text, paintNote: (_, text) => text, canvas: null }, // prettier-ignore
  stdin: Readable.from([]),
  interrupted: new AbortController().signal,
};

describe('a message under a key that was given', () => {
  it('says that it may have been sent before, for only then is the answer exact; one without says nothing', async () => {
    const sends = stubGateway();
    const message = { roomId: 7, text: 'hello', persisted: false };
    await sendCommand(context, { ...message, clientMessageId: 'k' });
    await sendCommand(context, message);
    expect(sends.map((frame) => /^resend:true$/m.test(frame))).toEqual([true, false]);
    expect(sends[0]).toContain('client-message-id:k\n');
  });
});
