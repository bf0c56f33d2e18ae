import { chmodSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { answer, claimlog, temporaryDirectory } from '../support/claimlog-process.ts'
import { itWherePossible } from '../support/machine/it-where-possible.ts'
import { type OtherUser, otherUser, otherUserMissing } from '../support/machine/other-user.ts'
import { addWorktree, newMainCheckout } from '../support/git/linked-worktree.ts'

/** A directory below one that holds a workspace, which must not be used; `unchanged` fails if it was changed. */
const belowAnother = async () => {
  const above = temporaryDirectory()
  chmodSync(above, 0o755)
  expect(await claimlog(['init', join(above, '.claimlog')], { cwd: '/' })).toMatchObject({ status: 0 })
  const log = (): string => readFileSync(join(above, '.claimlog/events.jsonl'), 'utf8')
  const before = log()
  const cwd = join(above, 'project')
  mkdirSync(cwd)
  return { above, cwd, nearest: join(cwd, '.claimlog'), unchanged: () => expect(log()).toBe(before) }
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
  for (const [what, make, says] of kinds)
    it(`is not skipped for a workspace further up: ${what}`, async () => {
      const { cwd, nearest, unchanged } = await belowAnother()
      make(nearest)
      for (const words of commands) {
        const refused = await claimlog(words, { cwd })
        const told = words[0] === 'work' ? refused.stderr : answer(refused)['message']
        expect({ words, status: refused.status, told }).toMatchObject({
          words,
          status: 2,
          told: expect.any(String) as unknown,
        })
        expect(told).toMatch(says)
        expect(told).toContain(nearest)
      }
      unchanged()
      const doctor = await claimlog(['doctor'], { cwd })
      expect(doctor.status).not.toBe(0)
      expect(`${doctor.stdout}${doctor.stderr}`).not.toContain('    at ')
      const hook = await claimlog(['prime', '--hook', 'claude-code'], { cwd })
      // git may have created the directory to check out a .gitignore: it counts as if it did not exist.
      expect(hook).toMatchObject({ status: what === 'an empty directory' ? 0 : 1, stdout: '' })
      if (hook.status === 1) expect(hook.stderr).toMatch(says)
    })

  const inTheWay = kinds.filter(([what]) => !['an empty directory', 'a workspace without its log'].includes(what))
  it.each(inTheWay)('is neither initialized by init nor used with --dir: %s', async (_what, make, says) => {
    const { cwd, nearest, unchanged } = await belowAnother()
    make(nearest)
    for (const words of [['init'], ['init', nearest], ['list', '--json', '--dir', nearest]]) {
      const refused = await claimlog(words, { cwd })
      expect({ words, status: refused.status }).toEqual({ words, status: 2 })
      expect(answer(refused)).toMatchObject({
        error: 'no_workspace',
        hint: expect.stringContaining('move it') as unknown,
      })
      expect(answer(refused)['message']).toMatch(says)
    }
    unchanged()
  })

  it('is initialized by init if it is an empty directory', async () => {
    const { cwd, nearest } = await belowAnother()
    mkdirSync(nearest)
    expect(answer(await claimlog(['init'], { cwd }))).toMatchObject({ dir: nearest, created: true })
    expect(answer(await claimlog(['add', 'docs', 't'], { cwd }))).toMatchObject({ seq: 2 })
  })
})

describe('a workspace that this user may not enter', () => {
  let stranger: OtherUser
  beforeAll(() => {
    if (otherUserMissing === undefined) stranger = otherUser()
  })
  afterAll(() => stranger?.leave())
  const test = itWherePossible(otherUserMissing)

  const expectDenied = async (cwd: string, closed: string): Promise<void> => {
    for (const words of commands) {
      const refused = await stranger.run(cwd, words)
      const told = words[0] === 'work' ? refused.stderr : String(answer(refused)['message'])
      expect({ words, status: refused.status }).toEqual({ words, status: 1 })
      expect(told).toContain(`EACCES: ${closed} belongs to uid 0, with mode 0700`)
    }
  }

  test('is reported with its owner and mode, and not skipped for a workspace further up', async () => {
    const { above, cwd, nearest, unchanged } = await belowAnother()
    expect(await claimlog(['init', nearest], { cwd })).toMatchObject({ status: 0 })
    chmodSync(nearest, 0o700)
    await expectDenied(cwd, nearest)
    const hook = await stranger.run(cwd, ['prime', '--hook', 'claude-code'])
    expect(hook).toMatchObject({ status: 1, stdout: '' })
    expect(hook.stderr).toContain(nearest)
    const doctor = await stranger.run(cwd, ['doctor'])
    expect(doctor.stdout).toContain('belongs to uid 0')
    unchanged()
    const named = await stranger.run(cwd, ['list', '--dir', join(above, '.claimlog')])
    expect(named).toMatchObject({ status: 0 })
    for (const view of ['list', 'verify', 'repair']) {
      const denied = await stranger.run('/', [view, '--json', '--dir', nearest])
      expect([denied.status, answer(denied)]).toMatchObject([1, { error: 'io_failed', closed: nearest, mode: '0700' }])
    }
  })

  test('may be below a directory that is closed', async () => {
    const { cwd, unchanged } = await belowAnother()
    const below = join(cwd, 'below')
    mkdirSync(below)
    chmodSync(cwd, 0o700)
    await expectDenied(below, cwd)
    unchanged()
  })

  test('may be behind a link', async () => {
    const { above, cwd, nearest, unchanged } = await belowAnother()
    const closed = join(above, 'closed')
    expect(await claimlog(['init', join(closed, 'queue')], { cwd })).toMatchObject({ status: 0 })
    symlinkSync('../closed/queue', nearest)
    chmodSync(closed, 0o700)
    await expectDenied(cwd, closed)
    unchanged()
  })

  test('may be in the main checkout of a worktree', async () => {
    const { main, above } = newMainCheckout()
    chmodSync(above, 0o755)
    const worktree = addWorktree(main, join(above, 'wt'))
    expect(await claimlog(['init', join(above, '.claimlog')], { cwd: above })).toMatchObject({ status: 0 })
    chmodSync(main, 0o700)
    await expectDenied(worktree, main)
    expect((await stranger.run(worktree, ['init'])).status).toBe(1)
    expect(existsSync(join(worktree, '.claimlog'))).toBe(false)
  })
})
