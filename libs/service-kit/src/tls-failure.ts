/** Codes of Node and OpenSSL, which some clients pass on in their texts alone, and what they say to an operator. */
const FAILURES: readonly (readonly [RegExp, string])[] = [
  [/CERT_HAS_EXPIRED|certificate has expired/, 'its certificate has expired'],
  [/CERT_NOT_YET_VALID|certificate is not yet valid/, 'its certificate is not valid yet'],
  [/ERR_TLS_CERT_ALTNAME_INVALID|altnames/, 'its certificate is for other names than the one it is asked by'],
  [
    /SELF_SIGNED_CERT|UNABLE_TO_(GET_ISSUER|VERIFY)|CERT_SIGNATURE_FAILURE|self-signed certificate|unable to (verify the first|get (local )?issuer) certificate|certificate signature failure/,
    'nobody that is trusted vouches for its certificate',
  ],
  [
    /WRONG_VERSION_NUMBER|wrong version number|before secure TLS connection|packet length too long/i,
    'it speaks no TLS there',
  ],
  [
    /alert (bad certificate|certificate (required|unknown)|handshake failure|unknown ca)/i,
    'it does not accept our certificate',
  ],
];
/** How deep causes are followed; a chain longer than this is a circle. */
const CAUSE_DEPTH_MAX = 8;

/** What is wrong between us and a server, in words that follow its name, where an error of TLS says so; else null. */
export function describeTlsFailure(error: unknown): string | null {
  const told = textsOf(error).join('\n');
  return FAILURES.find(([pattern]) => pattern.test(told))?.[1] ?? null;
}

function textsOf(error: unknown): readonly string[] {
  const texts: string[] = [];
  let cause = error;
  for (let depth = 0; cause instanceof Error && depth < CAUSE_DEPTH_MAX; depth += 1) {
    texts.push(cause.message, ...('code' in cause ? [String(cause.code)] : []));
    cause = cause.cause;
  }
  return texts;
}
