declare module 'fs-ext' {
  /** Applies or removes an advisory lock on an open file; throws EAGAIN if `exnb` would have to wait. */
  export function flockSync(fd: number, flags: 'exnb' | 'un'): void
}
