import type { LogLine } from './log-folder.ts';

/** What no log may hold. */
export interface Forbidden {
  /** In every content that the tests sent. */
  readonly contentMark: string;
  readonly secrets: readonly string[];
}

/** The first characters of every JSON Web Token: `{"alg"` or `{"typ"` in base64url. */
const TOKEN = /eyJ(hbGci|0eXAi)[A-Za-z0-9_-]{6}/;
const TROUBLE = /unhandled ?rejection|uncaught ?exception/i;
/** Of Redis, Postgres and Kafka, to somebody who may do less. */
const DENIAL = /NOPERM|permission denied for|not authorized to access|authorization failed/i;
const SHOWN_LENGTH = 500;

/** Lines by what is wrong with them, each with its file in front and cut to a length that can be shown. */
export function judgeLogs(lines: readonly LogLine[], { contentMark, secrets }: Forbidden) {
  const linesWith = (isBad: (text: string) => boolean) =>
    lines.filter(({ text }) => isBad(text)).map(({ file, text }) => `${file}: ${text.slice(0, SHOWN_LENGTH)}`);
  return {
    tokens: linesWith((text) => TOKEN.test(text)),
    contents: linesWith((text) => text.includes(contentMark)),
    secrets: linesWith((text) => secrets.some((secret) => text.includes(secret))),
    troubles: linesWith((text) => TROUBLE.test(text)),
    denials: linesWith((text) => DENIAL.test(text)),
    errors: linesWith(isError),
    noJson: linesWith((text) => parseLine(text) === null),
  };
}

function isError(text: string): boolean {
  const level = parseLine(text)?.['level'];
  return level === 'error' || level === 'fatal';
}

function parseLine(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, unknown>) : null; // an object, as the check says
  } catch {
    return null;
  }
}
