export interface Lock {
  readonly release: () => void;
}

export interface LockOwner {
  readonly owner: { readonly pid: number };
}

export function tryLock(file: string): Lock | LockOwner;

export function lock(
  file: string,
  options: { readonly deadlineMs: number; readonly onWait: (owner: { readonly pid: number }) => void },
): Promise<Lock>;
