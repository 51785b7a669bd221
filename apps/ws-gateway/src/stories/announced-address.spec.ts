import { expect, it } from 'vitest';
import { addressOf } from './announced-address.ts';

it('an address is a URL, whatever the host is', () => {
  const urls = ['10.0.0.7', 'gateway-7', 'fd00::7'].map((host) => addressOf('ws-gateway-7', host, 9_081).url);
  expect(urls).toEqual(['http://10.0.0.7:9081', 'http://gateway-7:9081', 'http://[fd00::7]:9081']);
  for (const url of urls) expect(new URL(url).port).toBe('9081');
});
