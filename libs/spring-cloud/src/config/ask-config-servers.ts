import { SettingsUnavailableError } from '@chat/service-kit';
import type { BaseUrl } from '../base-urls.ts';
import { backoffMs } from '../backoff.ts';
import { exchange } from '../http.ts';
import { parseAnswer, type ConfigAnswer } from './answer.ts';

/** Pause after the first round in vain, and the longest one, in ms. */
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 5_000;

export interface ConfigQuestion {
  /** Asked in turn; at least one. */
  readonly servers: readonly BaseUrl[];
  readonly application: string;
  /** Comma-separated. */
  readonly profile: string;
  readonly label: string | undefined;
  /** Longest wait for one answer, in ms. */
  readonly timeoutMs: number;
  /** How long it goes on asking servers that do not answer, in ms; each is asked once in any case. */
  readonly deadlineMs: number;
}

/** A server has answered, and asking it again would change nothing; the message is for people. */
export class ConfigRefusedError extends Error {
  override readonly name = 'ConfigRefusedError';
}

/**
 * The first answer that a server gives. What may pass (no connection, no answer in time, a status of 5xx, 408 or 429) is
 * tried again until the deadline, then a SettingsUnavailableError; any other answer than a configuration is a
 * ConfigRefusedError once every server was asked.
 */
export async function askConfigServers(
  question: ConfigQuestion,
  { now, pause, random }: Waiting,
): Promise<ConfigAnswer> {
  const endAt = now() + question.deadlineMs;
  for (let round = 0; ; round += 1) {
    const failures: Error[] = [];
    for (const server of question.servers) {
      const leftMs = round === 0 ? question.timeoutMs : endAt - now();
      const answer = await ask(server, question, leftMs).catch((error: Error) => error);
      if (!(answer instanceof Error)) return answer;
      failures.push(answer);
    }
    const reasons = failures.map(({ message }) => message).join('; ');
    if (failures.every((failure) => failure instanceof ConfigRefusedError)) throw new ConfigRefusedError(reasons);
    const pauseMs = backoffMs({ firstMs: FIRST_PAUSE_MS, longestMs: LONGEST_PAUSE_MS, round, random: random() });
    if (now() + pauseMs >= endAt) {
      throw new SettingsUnavailableError(`no config server could be had for ${question.deadlineMs} ms: ${reasons}`);
    }
    await pause(pauseMs);
  }
}

/** Time and chance, which specs replace. */
export interface Waiting {
  /** Milliseconds that only go forward. */
  readonly now: () => number;
  readonly pause: (ms: number) => Promise<void>;
  /** From 0 up to 1. */
  readonly random: () => number;
}

async function ask(server: BaseUrl, question: ConfigQuestion, leftMs: number): Promise<ConfigAnswer> {
  const url = urlOf(server, question);
  const timeoutMs = Math.max(1, Math.min(question.timeoutMs, Math.ceil(leftMs)));
  const request = { method: 'GET', url, authorization: server.authorization, timeoutMs } as const;
  const { status, body } = await exchange(request).catch((error: Error) => {
    throw new Error(`${url}: ${error.message}`, { cause: error });
  });
  if (status === 200) return parse(url, body);
  const isPassing = status >= 500 || status === 408 || status === 429;
  throw new (isPassing ? Error : ConfigRefusedError)(`${url} ${meaningOf(status, question)}`);
}

function parse(url: string, body: string): ConfigAnswer {
  try {
    return parseAnswer(body);
  } catch (error) {
    throw new ConfigRefusedError(`what ${url} answers ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}

function meaningOf(status: number, { label }: ConfigQuestion): string {
  if (status === 401 || status === 403) return `does not take the user name and password (status ${status})`;
  if (status === 404) {
    return `has no such configuration${label === undefined ? '' : ` under the label ${label}`} (status 404)`;
  }
  return `answers with status ${status}`;
}

/** Spring writes a slash in a label as `(_)`, and several profiles with commas. */
function urlOf({ url }: BaseUrl, { application, profile, label }: ConfigQuestion): string {
  const parts = [application, profile, ...(label === undefined ? [] : [label.replaceAll('/', '(_)')])];
  return [url, ...parts.map((part) => encodeURIComponent(part).replaceAll('%2C', ','))].join('/');
}
