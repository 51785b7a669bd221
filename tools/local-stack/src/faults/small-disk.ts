import { chmod, chown, mkdir, statfs } from 'node:fs/promises';
import type { Run } from '../processes/run.ts';

/** Room for what a long run writes; only what is used takes memory. */
const DISK_BYTES = 2_147_483_648;
const MOUNT_DEADLINE_MS = 10_000;
/** Data may be written between measuring and shrinking. */
const SHRINK_TRIES = 20;

/** A disk that can be made full and mended, or why this machine cannot have one. */
export type FillableDisk =
  | {
      readonly isAvailable: true;
      readonly folder: string;
      /** No byte more can be allocated from now on. */
      fill(): Promise<void>;
      /** As large as in the beginning again. */
      mend(): Promise<void>;
    }
  | { readonly isAvailable: false; readonly reason: string };

export interface SmallDiskOptions {
  readonly run: Run;
  readonly folder: string;
  readonly isRoot: boolean;
  /** Whom the folder belongs to; the user of this process unless given. */
  readonly owner?: { readonly uid: number; readonly gid: number } | undefined;
}

/**
 * Mounts a file system in memory at the folder, until the run ends. It becomes full by shrinking it to what it holds, so
 * that neither memory nor time goes into filling it. Needs Linux, root and the right to mount; says which is missing.
 */
export async function openSmallDisk({ run, folder, isRoot, owner }: SmallDiskOptions): Promise<FillableDisk> {
  if (process.platform !== 'linux')
    return unavailable(`a disk that can be full needs Linux, this is ${process.platform}`);
  if (!isRoot) return unavailable('a disk that can be full needs root, to mount it');
  const mount = (options: string) =>
    run.exec({
      name: 'mount',
      command: 'mount',
      args: ['-t', 'tmpfs', '-o', options, 'chat-small-disk', folder],
      deadlineMs: MOUNT_DEADLINE_MS,
    });
  await mkdir(folder, { recursive: true });
  try {
    await mount(`size=${DISK_BYTES}`);
  } catch (error) {
    return unavailable(`a disk that can be full needs the right to mount: ${String(error)}`);
  }
  run.endsWith(['umount', '--lazy', folder]);
  await chmod(folder, 0o700);
  if (owner !== undefined) await chown(folder, owner.uid, owner.gid);
  return {
    isAvailable: true,
    folder,
    fill: () => shrinkToContents(folder, (bytes) => mount(`remount,size=${bytes}`)),
    mend: async () => void (await mount(`remount,size=${DISK_BYTES}`)),
  };
}

function unavailable(reason: string): FillableDisk {
  return { isAvailable: false, reason };
}

async function shrinkToContents(folder: string, resize: (bytes: number) => Promise<unknown>): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    const { blocks, bfree, bsize } = await statfs(folder);
    try {
      await resize((blocks - bfree) * bsize);
      return;
    } catch (error) {
      if (attempt === SHRINK_TRIES) throw error;
    }
  }
}
