import { execFileSync } from 'node:child_process'
import { lstatSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { systemError } from '../../testing/recording-disk.ts'
import {
  bytesAsText,
  createDirectoryFromBytes,
  withLog,
  buildLog,
  logPath,
  logText,
  expectRight,
  wordEvents,
  sampleCodec,
  appendWord,
} from '../../testing/sample-log.ts'
import { withLockFile } from '../lock/file-lock.ts'
import { repairFileLog } from '../repair/repair.ts'
import { realDisk } from './disk.ts'

/** Everything other than a regular file that can have a name. */
const otherFileTypes: ReadonlyArray<[string, (path: string) => void | Promise<void>]> = [
  ['a named pipe', path => void execFileSync('mkfifo', [path])],
  ['a directory', path => void mkdirSync(path)],
  ['a directory with something in it', path => void mkdirSync(join(path, 'mine'), { recursive: true })],
  ['a link to a file that is there', path => symlinkSync('/etc/hostname', path)],
  ['a link to nowhere', path => symlinkSync('/nowhere/at/all', path)],
  ['a link to a device', path => symlinkSync('/dev/full', path)],
  [
    'a socket',
    path =>
      new Promise(resolve => {
        const server = createServer().listen(path, resolve)
        onTestFinished(() => void server.close())
      }),
  ],
]

const readFileType = (path: string): number => lstatSync(path).mode & 0o170000

/** Creates something at `path`, and checks after the test that it is still there. */
const createAndKeep = async (path: string, make: (path: string) => void | Promise<void>): Promise<void> => {
  await make(path)
  const fileType = readFileType(path)
  onTestFinished(() => expect(readFileType(path)).toBe(fileType))
}

describe.each(otherFileTypes)('%s with the name of a claimlog file', (_, make) => {
  it('events.torn: the torn tail goes to the next name', async () => {
    const sound = await buildLog([['one']])
    const dir = createDirectoryFromBytes(Buffer.concat([sound, Buffer.from('{"seq":2')]))
    await createAndKeep(join(dir, 'events.torn'), make)
    await withLog(dir, async log => expect(await appendWord(log, 'two')).toBe(2))
    expect(logText(dir)).toBe(bytesAsText(await buildLog([['one'], ['two']])))
    expect(readdirSync(dir)).toContain('events.torn.1')
  })

  it('events.unsynced: it is not read as the mark, and the mark gets the next name', async () => {
    const dir = createDirectoryFromBytes(await buildLog([['one']]))
    await createAndKeep(join(dir, 'events.unsynced'), make)
    const datasync = (): never => {
      throw systemError('EIO')
    }
    await withLog(dir, log => appendWord(log, 'two'), { disk: { ...realDisk, datasync } })
    expect(readdirSync(dir)).toContain('events.unsynced.1')
    await withLog(dir, async log => expect(await appendWord(log, 'three')).toBe(3))
    expect(readdirSync(dir)).not.toContain('events.unsynced.1')
  })

  it('events.jsonl.repairing: the log is repaired all the same', async () => {
    const sound = await buildLog([['one']])
    const dir = createDirectoryFromBytes(Buffer.concat([sound, Buffer.from('nonsense\n')]))
    await make(join(dir, 'events.jsonl.repairing'))
    const repaired = await repairFileLog({ dir, codec: sampleCodec }, ({ damaged }) =>
      wordEvents(
        1,
        Array.from({ length: damaged.spentSeq - 1 }, () => 'filler'),
      ),
    )()
    expect(expectRight(repaired)).toMatchObject({ _tag: 'damaged' })
  })

  it('a lock file: the next name is locked', async () => {
    const dir = mkdtempSync('/tmp/claimlog-own-')
    onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
    await createAndKeep(join(dir, 'lock'), make)
    expect(expectRight(await withLockFile(join(dir, 'lock'), 1000, () => 'done')())).toBe('done')
  })

  it('events.jsonl: every call fails', async () => {
    const dir = createDirectoryFromBytes(await buildLog([]))
    rmSync(logPath(dir))
    await createAndKeep(logPath(dir), make)
    await expect(withLog(dir, log => appendWord(log, 'one'))).rejects.toThrow('"failure":"IoFailed"')
  })
})
