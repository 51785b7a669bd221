import { execFileSync } from 'node:child_process';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Image } from './build-image.ts';

export interface Entering extends Pick<Image, 'root' | 'env' | 'workdir' | 'user'> {
  readonly command: readonly string[];
  readonly isReadOnly: boolean;
}

/** Variables of this machine's network that a container engine would pass on too. */
const OF_NETWORK = /^(https?_proxy|no_proxy|node_extra_ca_certs|ssl_cert_file)$/i;

/** How to start a command in an image: `enter.sh` says what it finds there. Needs root. */
export function enterCommand({ root, env, workdir, user, command, isReadOnly }: Entering) {
  const cache = join(homedir(), '.npm');
  const place = [root, workdir, user, isReadOnly ? 'yes' : 'no', dirname(process.execPath), cache];
  const script = join(import.meta.dirname, 'enter.sh');
  return {
    program: 'unshare',
    args: ['--mount', 'sh', script, ...place, ...command],
    options: {
      env: {
        ...Object.fromEntries(Object.entries(process.env).filter(([name]) => OF_NETWORK.test(name))),
        ...(isReadOnly ? {} : { NPM_CONFIG_REGISTRY: registry() }),
        PATH: '/opt/node:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
        HOME: '/root',
        ...env,
      },
    },
  };
}

let known: string | undefined;
function registry(): string {
  // in a folder without workspaces, which that command refuses
  known ??= execFileSync('npm', ['config', 'get', 'registry'], { cwd: '/', encoding: 'utf8', timeout: 20_000 }).trim();
  return known;
}
