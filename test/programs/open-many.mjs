// Opens and closes the workspace at a path argv[3] times. Prints the number of file descriptors of the process, and of
// memory maps of files in the workspace, after the first time and after the last.
import { readdirSync, readFileSync } from 'node:fs'
import { open } from '../../packages/claimlog/dist/index.mjs'

const [dir, times] = process.argv.slice(2)
const countOpen = () => ({
  descriptors: readdirSync('/proc/self/fd').length,
  maps: readFileSync('/proc/self/maps', 'utf8').split(dir).length - 1,
})

const openOnce = async () => {
  const queue = await open({ dir })
  await queue.show('t5')
  await queue.close()
}

await openOnce()
const before = countOpen()
for (let round = 1; round < Number(times); round += 1) await openOnce()
process.stdout.write(JSON.stringify({ before, after: countOpen() }))
