export interface InstallState {
  readonly lockfile: string;
  readonly stamp: string | null;
  readonly installed: string | null;
  readonly hasNode: boolean;
}

export function decideInstall(state: InstallState): 'fresh' | 'stamp' | 'install';

export function hashOf(text: string): string;

export function ensureInstalled(rootDir: string): Promise<void>;
