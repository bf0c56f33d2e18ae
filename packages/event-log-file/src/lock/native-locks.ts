/** Why the native module that takes the locks cannot be loaded here; undefined: it can. */
export const nativeLocksProblem = async (): Promise<string | undefined> => {
  try {
    const { flockSync } = await import('fs-ext')
    return typeof flockSync === 'function' ? undefined : 'it has no flock'
  } catch (thrown) {
    // Node lists in further lines who asked for it.
    return String(thrown instanceof Error ? thrown.message : thrown).split('\n')[0]
  }
}
