import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { realDisk, tryLockFile } from '@claimlog/event-log-file'
import { workerFolder } from './worker-folder.ts'

let dir = ''
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'claimlog-test-'))
  vi.stubEnv('TMPDIR', dir)
  onTestFinished(() => {
    vi.unstubAllEnvs()
    rmSync(dir, { recursive: true, force: true })
  })
})

const { tryLock } = realDisk
const spyOnLocks = () => {
  const spy = vi.spyOn(realDisk, 'tryLock')
  onTestFinished(() => spy.mockRestore())
  return spy
}

const folders = (): ReadonlyArray<string> => readdirSync(dir).map(name => join(dir, name))

describe('the folder of a worker', () => {
  it('is another one if a process that removes stale folders has locked the first', () => {
    let first = ''
    let release: (() => void) | undefined
    spyOnLocks().mockImplementationOnce(fd => {
      first = folders()[0] ?? ''
      release = tryLockFile(join(first, 'lock'))
      return tryLock(fd)
    })
    const created = workerFolder().makeSubfolder('command-')
    rmSync(first, { recursive: true })
    release?.()
    expect(existsSync(created)).toBe(true)
    expect(folders()).toEqual([dirname(created)])
  })

  it('cannot be made if other processes lock each new one', () => {
    spyOnLocks().mockReturnValue(false)
    expect(() => workerFolder().makeSubfolder('command-')).toThrow('EAGAIN')
  })

  it('is used without a lock if the file system has none', () => {
    spyOnLocks().mockImplementation(() => {
      throw Object.assign(new Error('ENOLCK: as if'), { code: 'ENOLCK' })
    })
    const created = workerFolder().makeSubfolder('command-')
    expect(folders()).toEqual([dirname(created)])
    expect(readdirSync(dirname(created)).map(name => join(dirname(created), name))).toEqual([created])
  })
})
