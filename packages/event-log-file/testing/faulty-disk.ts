import { type Disk, realDisk } from '../src/disk/disk.ts'

/** A disk, and a function that ends the process that used it and returns the number of files left open. */
export type FaultyDisk = { readonly disk: Disk; readonly endOfProcess: () => number }

/**
 * The real disk, on which `fault` may throw in place of each call; for a write, after half of it is done.
 */
export const faultyDisk = (fault: (call: keyof Disk) => void): FaultyDisk => {
  const open = new Set<number>()
  const calls = Object.entries(realDisk).map(([name, systemCall]) => {
    const call = name as keyof Disk
    return [
      call,
      (...args: ReadonlyArray<unknown>) => (
        fault(call),
        (systemCall as (...args: ReadonlyArray<unknown>) => unknown)(...args)
      ),
    ]
  })
  const disk: Disk = {
    ...(Object.fromEntries(calls) as Disk),
    open: (...args) => {
      fault('open')
      const fd = realDisk.open(...args)
      open.add(fd)
      return fd
    },
    close: fd => {
      fault('close')
      realDisk.close(fd)
      open.delete(fd)
    },
    append: (fd, bytes) => {
      const half = bytes.length >> 1
      if (half > 0) realDisk.append(fd, bytes.subarray(0, half))
      fault('append')
      return half + realDisk.append(fd, bytes.subarray(half))
    },
  }
  const endOfProcess = (): number => {
    open.forEach(fd => realDisk.close(fd))
    return open.size
  }
  return { disk, endOfProcess }
}
