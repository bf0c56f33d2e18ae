// Holds the exclusive lock of the file given as argument until its stdin closes. Prints `held`, then `released`.
import { openSync, writeSync } from 'node:fs'
import { flockSync } from 'fs-ext'

const fd = openSync(process.argv[2], process.argv[3] ?? 'r+')
flockSync(fd, 'ex')
writeSync(1, 'held\n')
process.stdin.resume()
process.stdin.on('end', () => {
  flockSync(fd, 'un')
  writeSync(1, 'released\n')
})
