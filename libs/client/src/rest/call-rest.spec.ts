import { createToken } from '@chat/testing';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { TokenKeeper } from '../connection/token-keeper.ts';
import { callRest } from './call-rest.ts';

afterEach(() => void vi.unstubAllGlobals());

function call(answer: () => Response, { apiUrl = 'http://api/' } = {}) {
  const asked: string[] = [];
  const outcome = callRest(
    { method: 'get', path: '/rooms/{id}', in: { id: 7 }, query: { limit: 1, before: undefined } },
    {
      apiUrl,
      fetch: (url) => {
        asked.push(String(url));
        return Promise.resolve(answer());
      },
      tokens: new TokenKeeper({ getToken: () => createToken(), deadlineMs: 1_000 }),
      deadlineMs: 1_000,
    },
  );
  return { asked, outcome };
}

/** Of a connection that breaks within the body. */
const cut = () =>
  new Response(
    new ReadableStream({
      start: (controller) => {
        controller.enqueue(new TextEncoder().encode('{"items":['));
        controller.error(new TypeError('terminated'));
      },
    }),
  );

describe('a call of the REST API', () => {
  it('answers what the body says, and nothing where there is none', async () => {
    const { asked, outcome } = call(() => Response.json({ id: 7 }));
    expect(await outcome).toEqual({ id: 7 });
    expect(asked).toEqual(['http://api/rooms/7?limit=1']);
    expect(await call(() => new Response(null, { status: 204 })).outcome).toBeUndefined();
  });

  it('rejects, for now, where the body breaks off or is not JSON', async () => {
    for (const answer of [cut, () => new Response('<html>')])
      await expect(call(answer).outcome).rejects.toMatchObject({ code: 'BAD_ANSWER', retryable: true });
  });

  it('rejects with the problem that is named, or BAD_ANSWER where none is', async () => {
    const problem = { code: 'NOT_A_MEMBER', detail: 'not a member', retryable: false };
    await expect(call(() => Response.json(problem, { status: 403 })).outcome).rejects.toMatchObject({
      code: 'NOT_A_MEMBER',
      message: 'not a member',
    });
    await expect(call(() => new Response('<html>', { status: 502 })).outcome).rejects.toMatchObject({
      code: 'BAD_ANSWER',
      message: expect.stringContaining('502'),
    });
  });

  it.each(['', '/'])('goes to the origin of the page where apiUrl is %o, and needs one', async (apiUrl) => {
    await expect(call(() => Response.json({}), { apiUrl }).outcome).rejects.toMatchObject({ code: 'NO_API' });
    vi.stubGlobal('location', { href: 'https://chat.example.com/room/7' });
    const { asked, outcome } = call(() => Response.json({}), { apiUrl });
    await outcome;
    expect(asked).toEqual(['https://chat.example.com/rooms/7?limit=1']);
  });
});
