import type { Socket } from 'node:net';

/** Counts connections, so that it can be said for certain that nothing was sent while there was none. */
export class SocketCount {
  #openCount = 0;
  #openedCount = 0;

  /** Connections that stand now. */
  get openCount(): number {
    return this.#openCount;
  }

  /** Connections ever made. */
  get openedCount(): number {
    return this.#openedCount;
  }

  watch(socket: Pick<Socket, 'once'>): void {
    socket.once('connect', () => {
      this.#openCount += 1;
      this.#openedCount += 1;
      socket.once('close', () => (this.#openCount -= 1));
    });
  }
}
