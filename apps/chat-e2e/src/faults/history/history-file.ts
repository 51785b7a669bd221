import { createReadStream, createWriteStream, type WriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { finished } from 'node:stream/promises';
import { decodeEvent, type HistoryEvent } from './history-event.ts';

/** Lines that are gathered before they are written: a run can see thousands of events a second. */
const LINES_PER_WRITE = 1_000;

/** The history of one run as JSON lines, written while it happens. */
export class HistoryFile {
  readonly path: string;
  readonly #stream: WriteStream;
  #lines: string[] = [];

  constructor(path: string) {
    this.path = path;
    this.#stream = createWriteStream(path);
  }

  append(event: HistoryEvent): void {
    this.#lines.push(JSON.stringify(event));
    if (this.#lines.length >= LINES_PER_WRITE) this.#write();
  }

  /** Resolves when everything is in the file; rejects where it could not be written. */
  async close(): Promise<void> {
    this.#write();
    this.#stream.end();
    await finished(this.#stream);
  }

  #write(): void {
    if (this.#lines.length === 0) return;
    this.#stream.write(`${this.#lines.join('\n')}\n`);
    this.#lines = [];
  }
}

/** Reads a history back; throws a SyntaxError that names the line which is none. */
export async function readHistory(path: string): Promise<readonly HistoryEvent[]> {
  const events: HistoryEvent[] = [];
  for await (const line of createInterface({ input: createReadStream(path), crlfDelay: Infinity })) {
    try {
      events.push(decodeEvent(line));
    } catch (error) {
      throw new SyntaxError(`${path}:${events.length + 1}: ${String(error)}`, { cause: error });
    }
  }
  return events;
}
