export * from './caller.ts';
export * from './client-address.ts';
export * from './gateway-signature.ts';
export { identityProblems } from './identity-problems.ts';
export * from './origins.ts';
export * from './revocations.ts';
export * from './settings.ts';
export {
  createTokenVerifier,
  TOKEN_MAX_LENGTH,
  type TokenVerifier,
  type TokenVerifierConfig,
} from './token-verifier.ts';
