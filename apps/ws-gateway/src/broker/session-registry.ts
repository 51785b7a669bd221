import type { UserId } from '@chat/dto';

/** The connected sessions of this instance, by user and by their ids. */
export class SessionRegistry<Session extends { readonly userId: UserId; readonly sessionId: string }> {
  readonly #byUser = new Map<UserId, Set<Session>>();
  readonly #byId = new Map<string, Session>();

  get count(): number {
    return this.#byId.size;
  }

  add(session: Session): void {
    const sessions = this.#byUser.get(session.userId);
    if (sessions === undefined) this.#byUser.set(session.userId, new Set([session]));
    else sessions.add(session);
    this.#byId.set(session.sessionId, session);
  }

  remove(session: Session): void {
    const sessions = this.#byUser.get(session.userId);
    if (sessions?.delete(session) !== true) return;
    this.#byId.delete(session.sessionId);
    if (sessions.size === 0) this.#byUser.delete(session.userId);
  }

  has(session: Session): boolean {
    return this.#byUser.get(session.userId)?.has(session) === true;
  }

  of(userId: UserId): Iterable<Session> {
    return this.#byUser.get(userId) ?? [];
  }

  find(sessionId: string): Session | undefined {
    return this.#byId.get(sessionId);
  }

  all(): Iterable<Session> {
    return this.#byId.values();
  }
}
