// Tries to lock the file argv[3] with the package argv[2], one of those that claimlog uses. Prints `held` and holds the lock
// until its stdin closes, or prints the code of the error.
import { openSync, writeSync } from 'node:fs'
import { createRequire } from 'node:module'

const require = createRequire(new URL('../../packages/claimlog/package.json', import.meta.url))
const [, , name, path] = process.argv
const { flockSync } = require(name)
try {
  flockSync(openSync(path, 'r+'), 'exnb')
  writeSync(1, 'held\n')
  process.stdin.resume()
} catch ({ code }) {
  writeSync(1, `${code}\n`)
}
