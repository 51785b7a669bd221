import { styleText } from 'node:util';

/** What chatctl writes to: a stream that may be a terminal. */
export interface OutputStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

export type Paint = (style: 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan', text: string) => string;

export interface OutputOptions {
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly isJson: boolean;
}

/** Results go to standard output, all else to standard error, so that a pipe gets results alone. */
export interface Output {
  readonly isJson: boolean;
  /** One result: a line of JSON, or what `text` says of it, with no line where that is null. */
  result(value: unknown, text: () => string | null): void;
  /** A result that is text in itself, such as a token. */
  text(line: string): void;
  /** A line for people, such as what is being done. */
  note(line: string): void;
  /** Colours of standard output: on a terminal alone, and not with NO_COLOR. */
  readonly paint: Paint;
  readonly paintNote: Paint;
  /** Standard error, where it is a terminal that a line may be drawn on again. */
  readonly canvas: OutputStream | null;
}

export function createOutput({ stdout, stderr, isJson }: OutputOptions): Output {
  const text = (line: string) => void stdout.write(`${line}\n`);
  return {
    isJson,
    text,
    result: (value, describe) => {
      const line = isJson ? JSON.stringify(value) : describe();
      if (line !== null) text(line);
    },
    note: (line) => void stderr.write(`${line}\n`),
    paint: (style, line) => styleText(style, line, { stream: stdout }),
    paintNote: (style, line) => styleText(style, line, { stream: stderr }),
    canvas: stderr.isTTY ? stderr : null,
  };
}
