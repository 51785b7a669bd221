/** What `npm run test:spring-cloud` has prepared. */
export interface CloudTestConfig {
  /** Where the jars of the servers are. */
  readonly serversDir: string;
  /** Exists. */
  readonly logDir: string;
}

/** Throws a sentence that names the first variable that is missing. */
export function readConfig(env: NodeJS.ProcessEnv): CloudTestConfig {
  return { serversDir: required(env, 'CHAT_SPRING_SERVERS_DIR'), logDir: required(env, 'CHAT_SPRING_LOG_DIR') };
}

function required(env: NodeJS.ProcessEnv, name: string): string {
  const value = env[name];
  if (value === undefined || value === '')
    throw new Error(`${name} is not set: \`npm run test:spring-cloud\` does that`);
  return value;
}
