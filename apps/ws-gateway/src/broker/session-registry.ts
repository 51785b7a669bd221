import type { UserId } from '@chat/dto';

/** The connected sessions of this instance, by user. */
export class SessionRegistry<Session extends { readonly userId: UserId }> {
  readonly #byUser = new Map<UserId, Set<Session>>();
  #count = 0;

  get count(): number {
    return this.#count;
  }

  add(session: Session): void {
    const sessions = this.#byUser.get(session.userId);
    if (sessions === undefined) this.#byUser.set(session.userId, new Set([session]));
    else sessions.add(session);
    this.#count += 1;
  }

  remove(session: Session): void {
    const sessions = this.#byUser.get(session.userId);
    if (sessions?.delete(session) !== true) return;
    this.#count -= 1;
    if (sessions.size === 0) this.#byUser.delete(session.userId);
  }

  has(session: Session): boolean {
    return this.#byUser.get(session.userId)?.has(session) === true;
  }

  of(userId: UserId): Iterable<Session> {
    return this.#byUser.get(userId) ?? [];
  }

  *all(): Iterable<Session> {
    for (const sessions of this.#byUser.values()) yield* sessions;
  }
}
