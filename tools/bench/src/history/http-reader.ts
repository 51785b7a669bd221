import { Agent, get } from 'node:http';
import { bearer } from '@chat/testing';
import { READER_ID } from './load-history.ts';
import type { PageRequest } from './page-requests.ts';

/** Longest wait for an answer, in ms. */
const ANSWER_DEADLINE_MS = 10_000;

/** Reads pages from rooms-api over one connection that is kept. */
export function openHttpReader(baseUrl: string, limit: number) {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const headers = { authorization: bearer(READER_ID) };
  return {
    async read(request: PageRequest): Promise<number> {
      const body = await getText(`${baseUrl}${pathOf(request, limit)}`, {
        agent,
        headers,
        timeout: ANSWER_DEADLINE_MS,
      });
      return (JSON.parse(body) as { items: unknown[] }).items.length; // the answer of our own endpoint
    },
    close: () => agent.destroy(),
  };
}

function pathOf({ roomId, before, after }: PageRequest, limit: number): string {
  const cursor = before === undefined ? (after === undefined ? '' : `&after=${after}`) : `&before=${before}`;
  return `/api/v1/chat/chat-rooms/${roomId}/messages?limit=${limit}${cursor}`;
}

/** The body of a 200; rejects for every other answer and when nothing comes in time. */
function getText(url: string, options: Parameters<typeof get>[1]): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const request = get(url, options, (answer) => {
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
