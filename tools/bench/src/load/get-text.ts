import { get, type RequestOptions } from 'node:http';

/** Longest wait for an answer, in ms. */
const ANSWER_DEADLINE_MS = 10_000;

/** The body of a 200; rejects for every other answer and when nothing comes in time. */
export function getText(url: string, options: RequestOptions): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const request = get(url, { ...options, timeout: ANSWER_DEADLINE_MS }, (answer) => {
    const chunks: Buffer[] = [];
    answer.on('data', (chunk: Buffer) => chunks.push(chunk));
    answer.once('error', reject);
    answer.once('end', () => {
      const text = Buffer.concat(chunks).toString();
      if (answer.statusCode === 200) resolve(text);
      else reject(new Error(`${url} answered ${answer.statusCode}: ${text}`));
    });
  });
  request.once('timeout', () => request.destroy(new Error(`${url} did not answer in ${ANSWER_DEADLINE_MS} ms`)));
  request.once('error', reject);
  return promise;
}
