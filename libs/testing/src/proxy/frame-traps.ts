import { FrameSplitter, type FrameHead, type Piece, type ReadHead } from './frame-splitter.ts';
import type { Passing } from './passage.ts';

/** What a trap may do to the connection whose frame it caught. */
export interface TrappedConnection {
  /** Breaks it towards both sides with RST; nothing that is held passes any more. */
  reset(): void;
}

/** Waits for a frame and does something before it has passed. */
export interface FrameTrap<Frame> {
  readonly matches: (frame: Frame) => boolean;
  /** How much of the frame has passed when `act` is called: nothing (unless given), half of it, all of it. */
  readonly at?: 'start' | 'half' | 'end';
  /** What follows is held until it is done. Its failure is that of `sprung`. */
  readonly act?: (frame: Frame, connection: TrappedConnection) => Promise<void> | void;
  /** What passes in place of the frame; with `at: 'start'` only, and after `act`. */
  readonly replace?: (whole: Buffer, frame: Frame) => Buffer;
  /** How many frames it catches, 1 unless given. */
  readonly times?: number;
}

/** A trap that has been set. */
export interface SetTrap<Frame> {
  /** Resolves once `act` is done for the first frame; rejects with what it threw. Never settles before one came. */
  readonly sprung: Promise<Frame>;
  /** Frames caught so far. */
  readonly count: number;
  remove(): void;
}

interface Armed<Frame> extends FrameTrap<Frame> {
  caught: number;
  readonly spring: (frame: Frame) => void;
  readonly fail: (reason: unknown) => void;
}

/** The traps of one proxy, for all its connections. */
export class FrameTraps<Frame> {
  readonly #armed = new Set<Armed<Frame>>();

  get areSet(): boolean {
    return this.#armed.size > 0;
  }

  set(trap: FrameTrap<Frame>): SetTrap<Frame> {
    const { promise: sprung, resolve, reject } = Promise.withResolvers<Frame>();
    sprung.catch(() => undefined); // whoever wants to know awaits it
    const armed: Armed<Frame> = { ...trap, caught: 0, spring: resolve, fail: reject };
    this.#armed.add(armed);
    return {
      sprung,
      get count() {
        return armed.caught;
      },
      remove: () => void this.#armed.delete(armed),
    };
  }

  /** The trap that this frame is caught by, or null. */
  catch(frame: Frame): Armed<Frame> | null {
    for (const trap of this.#armed) {
      if (!trap.matches(frame)) continue;
      trap.caught += 1;
      if (trap.caught >= (trap.times ?? 1)) this.#armed.delete(trap);
      return trap;
    }
    return null;
  }
}

/** A frame in a trap, of which some bytes have come. */
interface CaughtFrame<Frame> {
  readonly trap: Armed<Frame>;
  readonly head: FrameHead<Frame>;
  readonly parts: Buffer[];
  cameBytes: number;
}

/** Looks for trapped frames in one direction of one connection. */
export class TrapLine<Frame> {
  readonly #traps: FrameTraps<Frame>;
  readonly #splitter: FrameSplitter<Frame>;
  readonly #connection: TrappedConnection;
  #caught: CaughtFrame<Frame> | null = null;

  constructor(traps: FrameTraps<Frame>, readHead: ReadHead<Frame>, connection: TrappedConnection) {
    this.#traps = traps;
    this.#splitter = new FrameSplitter(readHead);
    this.#connection = connection;
  }

  /** What passes in place of these bytes: they themselves, with the work of sprung traps between them. */
  inspect(chunk: Buffer): readonly Passing[] {
    const pieces = this.#splitter.split(chunk);
    if (this.#traps.areSet || this.#caught !== null) return pieces.flatMap((piece) => this.#inspectPiece(piece));
    const byteCount = pieces.reduce((sum, { bytes }) => sum + bytes.length, 0);
    return byteCount === chunk.length ? [chunk] : pieces.map(({ bytes }) => bytes);
  }

  #inspectPiece({ bytes, head }: Piece<Frame>): readonly Passing[] {
    const trap = head && this.#traps.catch(head.frame);
    if (head !== null && trap !== null) this.#caught = { trap, head, parts: [], cameBytes: 0 };
    const caught = this.#caught;
    if (caught === null) return [bytes];
    caught.cameBytes += bytes.length;
    if (caught.cameBytes === caught.head.byteCount) this.#caught = null;
    return caught.trap.replace === undefined ? this.#hold(caught, bytes) : this.#replace(caught, bytes);
  }

  #hold(caught: CaughtFrame<Frame>, bytes: Buffer): readonly Passing[] {
    const holdAt = Math.floor(caught.head.byteCount * { start: 0, half: 0.5, end: 1 }[caught.trap.at ?? 'start']);
    const begin = caught.cameBytes - bytes.length;
    const isLast = caught.cameBytes === caught.head.byteCount;
    if (holdAt < begin || (isLast ? holdAt > caught.cameBytes : holdAt >= caught.cameBytes)) return [bytes];
    const [before, after] = [bytes.subarray(0, holdAt - begin), bytes.subarray(holdAt - begin)];
    return [before, this.#act(caught), after].filter(isSomething);
  }

  #replace(caught: CaughtFrame<Frame>, bytes: Buffer): readonly Passing[] {
    caught.parts.push(bytes);
    if (caught.cameBytes < caught.head.byteCount) return [];
    const replaced = caught.trap.replace?.(Buffer.concat(caught.parts), caught.head.frame);
    return [this.#act(caught), ...(replaced === undefined ? [] : [replaced])].filter(isSomething);
  }

  #act({ trap, head: { frame } }: CaughtFrame<Frame>): () => Promise<void> {
    return async () => {
      try {
        await trap.act?.(frame, this.#connection);
        trap.spring(frame);
      } catch (error) {
        trap.fail(error);
      }
    };
  }
}

function isSomething(passing: Passing): boolean {
  return typeof passing === 'function' || passing.length > 0;
}
