import { describe, expect, it } from 'vitest';
import { describeTlsFailure } from './tls-failure.ts';

const withCode = (code: string) => Object.assign(new Error('of a library'), { code });

describe('a failure of TLS', () => {
  it.each([
    ['its certificate has expired', withCode('CERT_HAS_EXPIRED')],
    ['its certificate is for other names', withCode('ERR_TLS_CERT_ALTNAME_INVALID')],
    ['nobody that is trusted', withCode('DEPTH_ZERO_SELF_SIGNED_CERT')],
    ['nobody that is trusted', new Error('Connection error: self-signed certificate in certificate chain')],
    ['nobody that is trusted', new Error('given up', { cause: withCode('UNABLE_TO_VERIFY_LEAF_SIGNATURE') })],
    ['it speaks no TLS', withCode('ERR_SSL_WRONG_VERSION_NUMBER')],
    ['it speaks no TLS', new Error('Client network socket disconnected before secure TLS connection was established')],
    ['it does not accept our certificate', new Error('ssl/tls alert certificate required')],
    ['it does not accept our certificate', new Error('Connection error: ssl/tls alert certificate unknown:')],
  ])('is told as "%s…"', (words, error) => {
    expect(describeTlsFailure(error)).toMatch(new RegExp(`^${words}`));
  });

  it('is none where TLS has nothing to do with it', () => {
    expect(describeTlsFailure(withCode('ECONNREFUSED'))).toBeNull();
    expect(describeTlsFailure('certificate has expired')).toBeNull();
    const circle = new Error('around');
    circle.cause = circle;
    expect(describeTlsFailure(circle)).toBeNull();
  });
});
