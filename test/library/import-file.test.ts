import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { init, type Queue } from '@claimlog/client'
import { importFile, type ImportFileOptions } from '@claimlog/client/import'

const scratch = mkdtempSync(join(tmpdir(), 'claimlog-import-file-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

let queue: Queue
beforeAll(async () => {
  queue = await init({ dir: join(scratch, 'queue'), durability: 'os' })
})
afterAll(() => queue.close())

const write = (name: string, content: string | Buffer): string => {
  const path = join(scratch, name)
  writeFileSync(path, content)
  return path
}

const makePipe = (name: string): string => {
  const path = join(scratch, name)
  execFileSync('mkfifo', [path])
  return path
}

const findError = (path: string, options?: ImportFileOptions): Promise<unknown> =>
  importFile(queue, path, options).then(
    () => 'it was imported',
    (thrown: unknown) => thrown,
  )

describe('importFile', () => {
  it('refuses a file that is not UTF-8 instead of importing other text', async () => {
    const latin1 = write('latin1.ndjson', Buffer.from('{"kind":"docs","title":"caf\xe9"}\n', 'latin1'))
    const utf16 = write('utf16.md', Buffer.from('\ufeff- [ ] Déjà vu\n', 'utf16le'))
    for (const path of [latin1, utf16])
      expect(await findError(path)).toMatchObject({ error: 'bad_input', message: `${path} is not valid UTF-8` })
    expect((await queue.list()).tasks).toEqual([])
  })

  it('reads at most 256 MiB', async () => {
    expect(await findError('/dev/zero')).toMatchObject({
      error: 'bad_input',
      message: '/dev/zero is larger than 256 MiB',
    })
  })

  it('says why a file cannot be read, with the error of the system as its cause', async () => {
    const missing = join(scratch, 'none.json')
    expect(await findError(missing)).toMatchObject({
      error: 'io_failed',
      data: { path: missing, operation: 'read', code: 'ENOENT' },
      cause: { code: 'ENOENT' },
    })
    expect(await findError(scratch)).toMatchObject({ error: 'io_failed', cause: { code: 'EISDIR' } })
    for (const path of [missing, scratch])
      expect(await findError(path)).toMatchObject({
        hint: 'check the path, and that this program may read the file; nothing was imported',
      })
  })

  it('reads a pipe until its writer closes it', async () => {
    const path = makePipe('tasks')
    const imported = importFile(queue, path, { from: 'ndjson' })
    spawn('sh', ['-c', `printf '{"kind":"docs","task_id":"piped"}\\n' > "$1"`, 'sh', path])
    expect(await imported).toMatchObject({ imported: 1, unchanged: 0, tasks: [{ id: 'piped' }] })
  })

  it('can be aborted before it reads and while it waits for a pipe, with the reason of the signal', async () => {
    const path = makePipe('no-writer')
    const reason = new Error('the user closed the window')
    expect(await findError(path, { signal: AbortSignal.abort(reason) })).toBe(reason)
    const controller = new AbortController()
    const waiting = findError(path, { signal: controller.signal })
    setImmediate(() => controller.abort(reason))
    expect(await waiting).toBe(reason)
  })
})
