import { chmodSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseOutput, claimlog, temporaryDirectory } from '../support/claimlog-process.ts'
import { itIfPossible } from '../support/machine/it-if-possible.ts'
import { type OtherUser, createOtherUser, otherUserMissing } from '../support/machine/other-user.ts'
import { addWorktree, newMainCheckout } from '../support/git/linked-worktree.ts'

/** A directory below one that holds a workspace, which must not be used; `expectUnchanged` fails if it was changed. */
const directoryBelowWorkspace = async () => {
  const parentDir = temporaryDirectory()
  chmodSync(parentDir, 0o755)
  expect(await claimlog(['init', join(parentDir, '.claimlog')], { cwd: '/' })).toMatchObject({ status: 0 })
  const log = (): string => readFileSync(join(parentDir, '.claimlog/events.jsonl'), 'utf8')
  const before = log()
  const cwd = join(parentDir, 'project')
  mkdirSync(cwd)
  return { parentDir, cwd, nearest: join(cwd, '.claimlog'), expectUnchanged: () => expect(log()).toBe(before) }
}

const commands = [
  ['add', 'docs', 't'],
  ['claim', 'ann'],
  ['list', '--json'],
  ['status', '--json'],
  ['verify', '--json'],
  ['repair', '--json'],
  ['prime', '--json'],
  ['work', 'ann', 'docs', '--once', '--', 'true'],
] as const

describe('a nearest .claimlog that is not a workspace', () => {
  const kinds: ReadonlyArray<readonly [string, (path: string) => void, RegExp]> = [
    ['an empty directory', path => mkdirSync(path), /has no events\.jsonl.* belongs to uid \d+, with mode 0755/],
    ['a file', path => writeFileSync(path, 'x'), /is not a directory.* with mode 0644/],
    ['a dangling link', path => symlinkSync('nowhere', path), /symbolic link to something that does not exist/],
    ['a link to a file', path => symlinkSync('/etc/hostname', path), /is not a directory/],
    ['a cycle of links', path => symlinkSync(path, path), /in a cycle of links/],
    [
      'a workspace without its log',
      path => {
        mkdirSync(path)
        writeFileSync(join(path, 'queue.json'), '{}')
      },
      /has no events\.jsonl, though/,
    ],
  ]
  for (const [what, createEntry, expectedMessage] of kinds)
    it(`is not skipped for a workspace further up: ${what}`, async () => {
      const { cwd, nearest, expectUnchanged } = await directoryBelowWorkspace()
      createEntry(nearest)
      for (const args of commands) {
        const result = await claimlog(args, { cwd })
        const message = args[0] === 'work' ? result.stderr : parseOutput(result)['message']
        expect({ args, status: result.status, message }).toMatchObject({
          args,
          status: 2,
          message: expect.any(String) as unknown,
        })
        expect(message).toMatch(expectedMessage)
        expect(message).toContain(nearest)
      }
      expectUnchanged()
      const doctor = await claimlog(['doctor'], { cwd })
      expect(doctor.status).not.toBe(0)
      expect(`${doctor.stdout}${doctor.stderr}`).not.toContain('    at ')
      const hook = await claimlog(['prime', '--hook', 'claude-code'], { cwd })
      // git may have created the directory to check out a .gitignore: it counts as if it did not exist.
      expect(hook).toMatchObject({ status: what === 'an empty directory' ? 0 : 1, stdout: '' })
      if (hook.status === 1) expect(hook.stderr).toMatch(expectedMessage)
    })

  const blockingEntries = kinds.filter(
    ([what]) => !['an empty directory', 'a workspace without its log'].includes(what),
  )
  it.each(blockingEntries)(
    'is neither initialized by init nor used with --dir: %s',
    async (_what, createEntry, expectedMessage) => {
      const { cwd, nearest, expectUnchanged } = await directoryBelowWorkspace()
      createEntry(nearest)
      for (const args of [['init'], ['init', nearest], ['list', '--json', '--dir', nearest]]) {
        const result = await claimlog(args, { cwd })
        expect({ args, status: result.status }).toEqual({ args, status: 2 })
        expect(parseOutput(result)).toMatchObject({
          error: 'no_workspace',
          hint: expect.stringContaining('move it') as unknown,
        })
        expect(parseOutput(result)['message']).toMatch(expectedMessage)
      }
      expectUnchanged()
    },
  )

  it('is initialized by init if it is an empty directory', async () => {
    const { cwd, nearest } = await directoryBelowWorkspace()
    mkdirSync(nearest)
    expect(parseOutput(await claimlog(['init'], { cwd }))).toMatchObject({ dir: nearest, created: true })
    expect(parseOutput(await claimlog(['add', 'docs', 't'], { cwd }))).toMatchObject({ seq: 2 })
  })
})

describe('a workspace that this user may not enter', () => {
  let user: OtherUser
  beforeAll(() => {
    if (otherUserMissing === undefined) user = createOtherUser()
  })
  afterAll(() => user?.remove())
  const test = itIfPossible(otherUserMissing)

  const expectDenied = async (cwd: string, closedDir: string): Promise<void> => {
    for (const args of commands) {
      const result = await user.run(cwd, args)
      const message = args[0] === 'work' ? result.stderr : String(parseOutput(result)['message'])
      expect({ args, status: result.status }).toEqual({ args, status: 1 })
      expect(message).toContain(`EACCES: ${closedDir} belongs to uid 0, with mode 0700`)
    }
  }

  test('is reported with its owner and mode, and not skipped for a workspace further up', async () => {
    const { parentDir, cwd, nearest, expectUnchanged } = await directoryBelowWorkspace()
    expect(await claimlog(['init', nearest], { cwd })).toMatchObject({ status: 0 })
    chmodSync(nearest, 0o700)
    await expectDenied(cwd, nearest)
    const hook = await user.run(cwd, ['prime', '--hook', 'claude-code'])
    expect(hook).toMatchObject({ status: 1, stdout: '' })
    expect(hook.stderr).toContain(nearest)
    const doctor = await user.run(cwd, ['doctor'])
    expect(doctor.stdout).toContain('belongs to uid 0')
    expectUnchanged()
    const listResult = await user.run(cwd, ['list', '--dir', join(parentDir, '.claimlog')])
    expect(listResult).toMatchObject({ status: 0 })
    for (const view of ['list', 'verify', 'repair']) {
      const result = await user.run('/', [view, '--json', '--dir', nearest])
      expect([result.status, parseOutput(result)]).toMatchObject([
        1,
        { error: 'io_failed', closed: nearest, mode: '0700' },
      ])
    }
  })

  test('may be below a directory that is closed', async () => {
    const { cwd, expectUnchanged } = await directoryBelowWorkspace()
    const subdirectory = join(cwd, 'below')
    mkdirSync(subdirectory)
    chmodSync(cwd, 0o700)
    await expectDenied(subdirectory, cwd)
    expectUnchanged()
  })

  test('may be behind a link', async () => {
    const { parentDir, cwd, nearest, expectUnchanged } = await directoryBelowWorkspace()
    const closedDir = join(parentDir, 'closed')
    expect(await claimlog(['init', join(closedDir, 'queue')], { cwd })).toMatchObject({ status: 0 })
    symlinkSync('../closed/queue', nearest)
    chmodSync(closedDir, 0o700)
    await expectDenied(cwd, closedDir)
    expectUnchanged()
  })

  test('may be in the main checkout of a worktree', async () => {
    const { main, parentDir } = newMainCheckout()
    chmodSync(parentDir, 0o755)
    const worktree = addWorktree(main, join(parentDir, 'wt'))
    expect(await claimlog(['init', join(parentDir, '.claimlog')], { cwd: parentDir })).toMatchObject({ status: 0 })
    chmodSync(main, 0o700)
    await expectDenied(worktree, main)
    expect((await user.run(worktree, ['init'])).status).toBe(1)
    expect(existsSync(join(worktree, '.claimlog'))).toBe(false)
  })
})
