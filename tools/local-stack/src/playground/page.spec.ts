import { describe, expect, it } from 'vitest';
import { pageHeaders, pageWith, userIdOf } from './page.ts';

const configuration = {
  key: 'k',
  restUrl: 'http://127.0.0.1:8080',
  gateways: [{ name: 'ws-gateway-1', wsUrl: 'ws://127.0.0.1:8081/ws' }],
};

describe('the page', () => {
  it('has its configuration where it is looked for', () => {
    const html = pageWith('<head><!-- configuration --></head>', configuration);
    const [, json = ''] =
      /^<head><script type="application\/json" id="configuration">(.*)<\/script><\/head>$/.exec(html) ?? [];
    expect(JSON.parse(json)).toEqual(configuration);
  });

  it('keeps its configuration from ending the element that it is in', () => {
    const html = pageWith('<!-- configuration -->', { ...configuration, key: "</script><script>alert('$&')" });
    expect(html.match(/<\/?script/g)).toHaveLength(2);
    expect(html).toContain('$&');
  });

  it('may talk to its stack and to nobody else, and is in no frame', () => {
    const policy = pageHeaders(configuration)['content-security-policy'];
    expect(policy).toContain("connect-src 'self' http://127.0.0.1:8080 ws://127.0.0.1:8081;");
    expect(policy).toMatch(/^default-src 'none';.*frame-ancestors 'none'$/);
    expect(policy).not.toContain('unsafe');
  });
});

describe('userIdOf', () => {
  const known = [{ userId: 1, username: 'alice' }];

  it('knows who is in the table, and gives others an id that stays', () => {
    expect(userIdOf('alice', known)).toBe(1);
    const ids = ['bob', 'cleo', 'Alice', 'Ünal', '🙂'].map((name) => userIdOf(name, known));
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toEqual(['bob', 'cleo', 'Alice', 'Ünal', '🙂'].map((name) => userIdOf(name, known)));
    for (const id of ids) expect(id).toSatisfy((value: number) => Number.isSafeInteger(value) && value >= 1_000_000);
  });
});
