import { Agent } from 'node:http';
import { bearer } from '@chat/testing';
import { getText } from '../load/get-text.ts';
import { READER_ID } from './load-history.ts';
import type { PageRequest } from './page-requests.ts';

/** Reads pages from rooms-api over one connection that is kept. */
export function openHttpReader(baseUrl: string, limit: number) {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const headers = { authorization: bearer(READER_ID) };
  return {
    async read(request: PageRequest): Promise<number> {
      const body = await getText(`${baseUrl}${pathOf(request, limit)}`, { agent, headers });
      return (JSON.parse(body) as { items: unknown[] }).items.length; // the answer of our own endpoint
    },
    close: () => agent.destroy(),
  };
}

function pathOf({ roomId, before, after }: PageRequest, limit: number): string {
  const cursor = before === undefined ? (after === undefined ? '' : `&after=${after}`) : `&before=${before}`;
  return `/api/v1/chat/chat-rooms/${roomId}/messages?limit=${limit}${cursor}`;
}
