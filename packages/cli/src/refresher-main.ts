import { setPriority } from 'node:os'
import { resolve } from 'node:path'
import { runRefresher } from '@claimlog/client/unstable-internals'

try {
  setPriority(19)
} catch {
  // Then it goes at everybody's pace.
}
// Nobody is there to be told of anything: a workspace that is gone, a disk that is full.
void runRefresher(resolve(process.argv[2] ?? '.'))()
  .catch(() => undefined)
  .then(() => process.exit())
