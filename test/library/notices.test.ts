import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { init } from '@claimlog/client'
import { run, temporaryDirectory } from '../support/claimlog-process.ts'

const program = fileURLToPath(new URL('../programs/throw-at-notices.mjs', import.meta.url))

test('an exception of a listener is thrown in the program, and the command that called the listener succeeds', async () => {
  const dir = temporaryDirectory()
  const queue = await init({ dir })
  await queue.add({ kind: 'docs', taskId: 'a' })
  await queue.close()
  writeFileSync(join(dir, 'queue.json'), '{"tasks": "mine"}')
  const { status, stdout, stderr } = await run(process.execPath, [program, dir], { cwd: dir })
  expect({ status, stderr, ...(JSON.parse(stdout) as object) }).toEqual({
    ...{ status: 0, stderr: '' },
    ...{ added: 'b', uncaught: ['QueueFileEdited'] },
  })
})
