import type { ChatClientOptions, TokenReason } from '../api.ts';
import { clientError } from '../error.ts';
import { claimsOf, isFresh, type TokenClaims } from './token-claims.ts';

export interface TokenKeeperOptions {
  readonly getToken: ChatClientOptions['getToken'];
  readonly deadlineMs: number;
}

/** The token of now; asks the application for another one, never twice at a time. */
export class TokenKeeper {
  readonly #options: TokenKeeperOptions;
  #token: string | null = null;
  #claims: TokenClaims | null = null;
  #asking: Promise<string | null> | null = null;

  constructor(options: TokenKeeperOptions) {
    this.#options = options;
  }

  /** Of the last token that was given; null before that. */
  get claims(): TokenClaims | null {
    return this.#claims;
  }

  /** To connect and to call REST: the last one as long as it is fresh. Null where there is none any more. */
  async current(): Promise<string | null> {
    const isGood = this.#token !== null && this.#claims !== null && isFresh(this.#claims, Date.now());
    return isGood ? this.#token : this.renew('connect');
  }

  /** Another one; one that was refused is not given again. Rejects with a ChatClientError NO_TOKEN where the application gives none in time. */
  renew(reason: TokenReason): Promise<string | null> {
    if (reason === 'refused') this.#token = null;
    this.#asking ??= this.#ask(reason).finally(() => (this.#asking = null));
    return this.#asking;
  }

  async #ask(reason: TokenReason): Promise<string | null> {
    const { getToken, deadlineMs } = this.#options;
    const over = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    try {
      const late = new Promise<never>((_, reject) => {
        const message = `getToken gave no token within ${deadlineMs} ms.`;
        timer = setTimeout(() => reject(clientError('NO_TOKEN', { message })), deadlineMs);
      });
      this.#token = await Promise.race([getToken({ reason, signal: over.signal }), late]);
      if (this.#token !== null) this.#claims = claimsOf(this.#token);
      return this.#token;
    } catch (cause) {
      throw clientError('NO_TOKEN', { cause });
    } finally {
      clearTimeout(timer);
      over.abort();
    }
  }
}
