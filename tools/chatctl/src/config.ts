import {
  createToken,
  localDirOf,
  partsEnvironment,
  readJwtSecret,
  readStackFile,
  type StackFile,
} from '@chat/local-stack/stack';
import { UsageError } from './failure.ts';

/** What the environment and the files of the local stack say; read once, here alone. */
export interface Environment {
  readonly env: NodeJS.ProcessEnv;
  /** The local stack that runs now. */
  readonly stack: StackFile | null;
  /** The secret that tokens of the local stack are signed with, running or not. */
  readonly jwtSecret: string | null;
}

/** Options that every command has. */
export interface GlobalOptions {
  readonly json?: true | undefined;
  readonly verbose?: true | undefined;
  readonly url?: string | undefined;
  readonly wsUrl?: readonly string[] | undefined;
  readonly token?: string | undefined;
  readonly user?: number | undefined;
  readonly username?: string | undefined;
}

/** A user of the chat, and the tokens they show. */
export interface Caller {
  readonly userId: number;
  /** A token that is valid now: the one that was given, or a new one. */
  readonly token: () => string;
}

/** Where the service is, and who speaks. */
export interface ChatAccess {
  readonly restUrl: string;
  /** Of gateways, with their path; any of them serves any user. */
  readonly wsUrls: readonly string[];
  readonly caller: Caller;
}

/** Life of a token that chatctl makes for its own use, in seconds. */
const TOKEN_LIFE_S = 3_600;
const NOT_RUNNING =
  'No chat is known: start one with `npm start`, or name one by --url and --ws-url (CHAT_URL, CHAT_WS_URL)';
const NO_TOKEN =
  'No token is known: give one in CHAT_TOKEN, or run `npm start` once to have a secret to make some with';

export function readEnvironment(env: NodeJS.ProcessEnv): Environment {
  const localDir = localDirOf(env);
  const stack = readStackFile(localDir);
  return { env, stack, jwtSecret: stack?.jwtSecret ?? given(env['JWT_SECRET']) ?? readJwtSecret(localDir) };
}

/** Whether a failure that nobody foresaw is told with its place in the code. */
export function isVerbose(args: readonly string[], env: NodeJS.ProcessEnv): boolean {
  return args.includes('--verbose') || given(env['DEBUG']) !== undefined;
}

/** Where rooms-api is: what was said, else what the environment says, else that of the local stack. */
export function restUrlOf({ url }: GlobalOptions, { env, stack }: Environment): string {
  const found = url ?? given(env['CHAT_URL']) ?? stack?.restUrl;
  if (found === undefined) throw new UsageError(NOT_RUNNING);
  return found.replace(/\/+$/, '');
}

/**
 * Where the gateways are: those that were said, else those that the environment or the local stack has for this service. Those of
 * one service are never taken for another: what is sent would go there.
 */
export function wsUrlsOf({ url, wsUrl }: GlobalOptions, { env, stack }: Environment): readonly string[] {
  if (wsUrl !== undefined) return wsUrl;
  const ofEnvironment = { restUrl: given(env['CHAT_URL']), wsUrls: given(env['CHAT_WS_URL'])?.split(',') };
  const service = url ?? ofEnvironment.restUrl;
  const places = stack === null ? [ofEnvironment] : [ofEnvironment, stack];
  const found = places.find(({ restUrl, wsUrls }) => wsUrls !== undefined && isOneService(service, restUrl))?.wsUrls;
  if (found !== undefined) return found;
  throw new UsageError(
    service === undefined
      ? NOT_RUNNING
      : `No gateway of ${service} is known: name it by --url and --ws-url ws://…/ws together (CHAT_URL and CHAT_WS_URL)`,
  );
}

/** Whether two addresses may be of one service; what is not named is the other one. */
function isOneService(left: string | undefined, right: string | undefined): boolean {
  return left === undefined || right === undefined || hostOf(left) === hostOf(right);
}

/** Host and port; this machine has one name. */
function hostOf(address: string): string {
  return URL.canParse(address) ? new URL(address).host.replace(/^localhost(?=:|$)/, '127.0.0.1') : address;
}

/** Who speaks: the user that was named, else the one of the token that was given, else user 1. */
export function callerOf(options: GlobalOptions, environment: Environment): Caller {
  const { user, token: ofOption } = options;
  if (user !== undefined && ofOption !== undefined)
    throw new UsageError('--token and --user name two callers: leave one out');
  const fixed = ofOption ?? (user === undefined ? given(environment.env['CHAT_TOKEN']) : undefined);
  if (fixed !== undefined) return { userId: userOfToken(fixed), token: () => fixed };
  return localCaller(user ?? 1, options.username, environment);
}

/** A user of the local stack, by a token of our own making. Throws a UsageError where there is no secret. */
export function localCaller(userId: number, username: string | undefined, { jwtSecret }: Environment): Caller {
  if (jwtSecret === null) throw new UsageError(NO_TOKEN);
  const claims = { userId, username: username ?? `user-${userId}`, expiresInS: TOKEN_LIFE_S };
  return { userId, token: () => createToken(claims, jwtSecret) };
}

/** For what needs both, REST and gateways, which must be of one service. */
export function accessOf(options: GlobalOptions, environment: Environment): ChatAccess {
  const access = {
    restUrl: restUrlOf(options, environment),
    wsUrls: wsUrlsOf(options, environment),
    caller: callerOf(options, environment),
  };
  const isNamed = (options.url ?? given(environment.env['CHAT_URL'])) !== undefined;
  const hosts = environment.stack?.wsUrls.map(hostOf) ?? [];
  const strange = access.wsUrls.find((url) => !hosts.includes(hostOf(url)));
  if (isNamed || strange === undefined) return access;
  throw new UsageError(`The REST API of ${strange} is not known: name it by --url (CHAT_URL)`);
}

/** Neighbours in number go to different gateways, so that two terminals show that any will do. */
export function gatewayFor({ wsUrls }: Pick<ChatAccess, 'wsUrls'>, userId: number): string {
  return wsUrls[(userId - 1) % wsUrls.length] ?? '';
}

/** Variables of the apps, one for each part. */
export const PART_VARIABLES = ['DATABASE_URL', 'REDIS_URL', 'KAFKA_BROKERS'] as const;

/** Variables of the apps that name their parts: the environment's, and those of the local stack where it names none. */
export function partsOf({ env, stack }: Environment): NodeJS.ProcessEnv {
  const isNamed = PART_VARIABLES.some((name) => given(env[name]) !== undefined);
  return isNamed || stack === null ? env : { ...env, ...partsEnvironment(stack) };
}

/** The `sub` of a token, which the service will check; only it knows whether the token is true. */
function userOfToken(token: string): number {
  try {
    const { sub } = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8')) as {
      sub?: unknown;
    }; // checked below
    const userId = Number(sub);
    if (Number.isSafeInteger(userId) && userId > 0) return userId;
  } catch {
    // as below
  }
  throw new UsageError('The token is no JWT with the id of a user as its `sub`');
}

function given(value: string | undefined): string | undefined {
  return value === '' ? undefined : value;
}
