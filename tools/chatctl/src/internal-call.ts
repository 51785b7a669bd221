import type { CommandContext } from './context.ts';
import { UsageError } from './failure.ts';

/** By the service's own deadline it has answered, in ms. */
const ANSWER_MS = 10_000;

/** A request to the internal listener of rooms-api. */
export interface InternalRequest {
  readonly method?: 'GET' | 'POST';
  /** Behind `/internal/chat`. */
  readonly path: string;
  readonly body?: unknown;
  /** Address of the listener; without it that of the local stack. */
  readonly internalUrl?: string | undefined;
}

/** What rooms-api answers. Rejects with the code and the sentence of a refusal, and with a UsageError where no address is known. */
export async function callInternal<Body>(
  { environment }: Pick<CommandContext, 'environment'>,
  { method = 'GET', path, body, internalUrl }: InternalRequest,
): Promise<Body> {
  const url = internalUrl ?? environment.stack?.internalUrls['rooms-api'];
  if (url === undefined) throw new UsageError('Name the internal address of rooms-api by --internal-url');
  const response = await fetch(`${url.replace(/\/+$/, '')}/internal/chat${path}`, {
    method,
    signal: AbortSignal.timeout(ANSWER_MS),
    ...(body !== undefined && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });
  const answer = (await response.json()) as Body & { detail?: string; code?: string; retryable?: boolean }; // of rooms-api
  if (response.ok) return answer;
  const { detail = `the answer was ${response.status}`, code = 'FAILED', retryable = false } = answer;
  throw Object.assign(new Error(detail), { code, retryable });
}
