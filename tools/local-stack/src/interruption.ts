/** The user, or what started us, wants this command to end. */
export class Interruption extends Error {
  override readonly name = 'Interruption';
  readonly signal: NodeJS.Signals;

  constructor(signal: NodeJS.Signals) {
    super(`interrupted by ${signal}`);
    this.signal = signal;
  }

  /** 128 + the signal's number, as shells have it. */
  get exitCode(): number {
    return { SIGINT: 130, SIGHUP: 129 }[this.signal as string] ?? 143;
  }
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Aborts with an Interruption at the first signal, or when the process that started this one is gone. Later signals
 * change nothing: a terminal, a shell and npm each pass on the same Ctrl-C.
 */
export function listenForInterruption(): AbortSignal {
  const controller = new AbortController();
  for (const signal of SIGNALS) process.on(signal, () => controller.abort(new Interruption(signal)));
  process.on('disconnect', () => controller.abort(new Interruption('SIGTERM')));
  return controller.signal;
}

/** The work's outcome, or the signal's reason as soon as it aborts; what the work does then is ignored. */
export async function unlessInterrupted<Value>(work: Promise<Value>, signal: AbortSignal): Promise<Value> {
  const { promise: interrupted, reject } = Promise.withResolvers<never>();
  const stop = () => reject(signal.reason);
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop, { once: true });
  work.catch(() => undefined); // it may fail after nobody waits for it any more
  try {
    return await Promise.race([work, interrupted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** Resolves when the signal aborts. */
export function whenInterrupted(signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  if (signal.aborted) resolve();
  signal.addEventListener('abort', () => resolve(), { once: true });
  return promise;
}
