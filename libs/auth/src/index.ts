export * from './caller.ts';
export * from './gateway-signature.ts';
export * from './settings.ts';
export {
  createTokenVerifier,
  TOKEN_MAX_LENGTH,
  type TokenVerifier,
  type TokenVerifierConfig,
} from './token-verifier.ts';
