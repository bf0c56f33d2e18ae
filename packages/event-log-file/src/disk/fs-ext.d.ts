declare module 'fs-ext' {
  /** Applies or removes an advisory lock on an open file; throws EAGAIN if `exnb` would have to wait. */
  export function flockSync(fd: number, flags: 'exnb' | 'un'): void
  /** The name of the package that is loaded in place of fs-ext, in a bundle that may use another one. */
  export const loadedPackage: string | undefined
}
