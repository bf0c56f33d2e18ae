import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { run, temporaryDirectory } from '../support/claimlog-process.ts'
import { claimedTask, createHandler, runCommand, runScript } from './work-handler.ts'

/** Sets an environment variable of this process until the test has finished. */
const setVariable = (name: string, value: string | undefined): void => {
  vi.stubEnv(name, value)
  onTestFinished(() => void vi.unstubAllEnvs())
}

const readEnvironment = async (): Promise<Record<string, string>> => {
  const { stdout } = await runCommand(claimedTask(), 'env')
  return Object.fromEntries(stdout.map(line => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]))
}

describe('the input of a command', () => {
  it('is the task as one line of JSON on its stdin, and then the end of the stream', async () => {
    const { stdout } = await runCommand(claimedTask(), 'cat')
    expect(stdout).toHaveLength(1)
    expect(JSON.parse(stdout[0] ?? '')).toEqual(claimedTask().task)
  })

  it('is the task if it opens /dev/stdin, too', async () => {
    expect((await runScript('cat /dev/stdin')).stdout).toEqual([JSON.stringify(claimedTask().task)])
  })

  it('has the task and the workspace in its environment', async () => {
    setVariable('CLAIMLOG_DURABILITY', 'os')
    setVariable('CLAIMLOG_BY', undefined)
    const { CLAIMLOG_RESULT: resultPath, CLAIMLOG_RUN: runId, CLAIMLOG_DIR: dir, ...settings } = await readEnvironment()
    const own = Object.entries(settings).filter(([name]) => name.startsWith('CLAIMLOG_'))
    expect(Object.fromEntries(own)).toEqual({
      CLAIMLOG_TASK_ID: 'inspect-docs',
      CLAIMLOG_KIND: 'docs',
      CLAIMLOG_TOKEN: '4',
      CLAIMLOG_ATTEMPT: '2',
      CLAIMLOG_WORKER: 'docs-worker',
      CLAIMLOG_LEASE: '900000ms',
      CLAIMLOG_BY: 'docs-worker',
      CLAIMLOG_DURABILITY: 'os',
    })
    expect(resultPath).toMatch(/^\//)
    expect(runId).toMatch(/^[0-9a-f-]{36}$/)
    expect(dir).toMatch(/^\//)
  })

  it('has the CLAIMLOG_BY of the worker', async () => {
    setVariable('CLAIMLOG_BY', 'nightly')
    expect((await readEnvironment()).CLAIMLOG_BY).toBe('nightly')
  })

  it('has the whole environment of the worker, including names that a shell would drop', async () => {
    const odd = { 'with.dots': 'a b', 'npm_config_//registry/:x': "'quoted' $HOME", 'BASH_FUNC_x%%': '() {  :; }' }
    for (const [name, value] of Object.entries(odd)) setVariable(name, value)
    setVariable('-i', 'no option')
    const settings = await readEnvironment()
    expect(settings).toMatchObject({ ...odd, '-i': 'no option', CLAIMLOG_KIND: 'docs' })
    expect(settings.CLAIMLOG_RUN).toBeDefined()
  })

  it('has the absolute path of the workspace, even if the worker has a relative one', async () => {
    const { handle } = createHandler(['/bin/sh', '-c', 'printf %s "$CLAIMLOG_DIR" > "$CLAIMLOG_RESULT"'], {
      log: { dir: 'here' },
    })
    expect(await handle(claimedTask())).toEqual({ outcome: 'completed', result: join(process.cwd(), 'here') })
  })

  it('has {id} and {kind} replaced in its arguments, once, and no shell interprets them', async () => {
    const id = `a;'"$(id)\`{kind}\`{id}*\\`
    const words = ['printf', '%s\n', 'x{id}', '{kind}/{id}', '{other}', '{ID}', '$HOME', '']
    const { stdout } = await runCommand(claimedTask(id), ...words)
    expect(stdout).toEqual([`x${id}`, `docs/${id}`, '{other}', '{ID}', '$HOME', ''])
  })

  it('has a path for its result that does not exist yet, in a private folder that is deleted afterwards', async () => {
    const script = 'ls -ld "${CLAIMLOG_RESULT%/*}"; echo "$CLAIMLOG_RESULT"; test ! -e "$CLAIMLOG_RESULT"; echo $?'
    const { stdout } = await runScript(script)
    const [folder = '', path = '', absent] = stdout
    expect(folder).toMatch(/^drwx------/)
    expect(absent).toBe('0')
    expect(existsSync(dirname(path))).toBe(false)
  })

  it('has no open files of other commands: of several at once, each sees its own files only', async () => {
    const script = 'sleep 0.3; ls /proc/self/fd 2>/dev/null || ls /dev/fd'
    const all = await Promise.all(Array.from({ length: 6 }, () => runScript(script)))
    const { stdout: files } = await run('/bin/sh', ['-c', script], { cwd: '/' })
    for (const { stdout } of all) expect(stdout).toEqual(files.trimEnd().split('\n'))
  })
})

describe('a command that exits with 0', () => {
  const completed = (result?: unknown) => ({ outcome: 'completed', ...(result === undefined ? {} : { result }) })
  const outcomeWithResult = async (content: string) => {
    const path = join(temporaryDirectory(), 'content')
    writeFileSync(path, content)
    return (await runScript(`cp ${path} "$CLAIMLOG_RESULT"`)).outcome
  }

  it('completes its task, without a result if it wrote none', async () => {
    expect((await runScript('exit 0')).outcome).toEqual(completed())
    expect((await runScript(': > "$CLAIMLOG_RESULT"')).outcome).toEqual(completed())
  })

  it('completes it with the JSON that it wrote', async () => {
    expect(await outcomeWithResult(' {"pages": [1, null], "ä": "\\u001b"}\n')).toEqual(
      completed({ pages: [1, null], ä: '\u001b' }),
    )
    expect(await outcomeWithResult('null')).toEqual(completed(null))
    expect(await outcomeWithResult('\ufeff7')).toEqual(completed(7))
  })

  it('completes it with the text that it wrote, if that is not JSON or would change as JSON', async () => {
    expect(await outcomeWithResult('three pages\n\n')).toEqual(completed('three pages\n'))
    expect(await outcomeWithResult('{"a": 1, "a": 2}\n')).toEqual(completed('{"a": 1, "a": 2}'))
    expect(await outcomeWithResult('12345678901234567890')).toEqual(completed('12345678901234567890'))
    const deep = '['.repeat(102) + ']'.repeat(102)
    expect(await outcomeWithResult(deep)).toEqual(completed(deep))
    expect((await runScript(`printf 'a\\377b' > "$CLAIMLOG_RESULT"`)).outcome).toEqual(completed('a\ufffdb'))
  })

  it('fails it if the result is too large', async () => {
    const failed = { outcome: 'failed', error: expect.stringContaining('larger than 512 KiB') as string }
    expect(await outcomeWithResult('x'.repeat(512 * 1024 - 2))).toEqual(completed('x'.repeat(512 * 1024 - 2)))
    expect(await outcomeWithResult('x'.repeat(512 * 1024 + 1))).toEqual(failed)
    // Text that is short may be long as JSON.
    expect(await outcomeWithResult('\u0001'.repeat(100 * 1024))).toEqual(failed)
  })

  it('fails it if the result is not a file', async () => {
    const error = 'CLAIMLOG_RESULT is not a regular file'
    expect((await runScript('mkdir "$CLAIMLOG_RESULT"')).outcome).toEqual({ outcome: 'failed', error })
    expect((await runScript('mkfifo "$CLAIMLOG_RESULT"')).outcome).toEqual({ outcome: 'failed', error })
  })

  it('can leave its stdin unread, or close it', async () => {
    const task = { ...claimedTask(), task: { ...claimedTask().task, payload: 'x'.repeat(900_000) } }
    expect((await runScript('exec <&-; exit 0', task)).outcome).toEqual(completed())
  })

  it('can wait for all its children: it has none that it did not start', async () => {
    const { outcome, stdout } = await runCommand(claimedTask(), 'perl', '-e', '1 while wait() != -1; print "none left"')
    expect({ outcome, stdout }).toEqual({ outcome: completed(), stdout: ['none left'] })
  })
})

describe('a command that does not exit with 0', () => {
  it('fails its task with the last lines of stderr as the error', async () => {
    const { outcome, stderr } = await runScript(`echo out; printf '\\033[31mno disk\\nat all\\n' >&2; exit 3`)
    expect(outcome).toEqual({ outcome: 'failed', error: 'exit 3: \u001b[31mno disk\nat all' })
    expect(stderr).toEqual(['\u001b[31mno disk', 'at all'])
    expect((await runScript('exit 255')).outcome).toEqual({ outcome: 'failed', error: 'exit 255' })
  })

  it('fails it with the signal that killed it', async () => {
    expect((await runScript('echo oops >&2; kill -SEGV $$')).outcome).toEqual({
      outcome: 'failed',
      error: 'killed by SIGSEGV: oops',
    })
    expect((await runScript('kill -KILL 0')).outcome).toEqual({ outcome: 'failed', error: 'killed by SIGKILL' })
  })

  it('releases its task with exit code 75, and with stderr as the reason', async () => {
    expect((await runScript('echo later >&2; exit 75')).outcome).toEqual({ outcome: 'released', reason: 'later' })
    expect((await runScript('exit 75')).outcome).toEqual({ outcome: 'released' })
  })

  it('can have any file name, even one with spaces, quotes and an equals sign', async () => {
    const path = join(temporaryDirectory(), `-a b='c"$(d)`)
    writeFileSync(path, '#!/bin/sh\nprintf %s "$0" > "$CLAIMLOG_RESULT"\n')
    chmodSync(path, 0o755)
    setVariable('odd.name', 'so that env takes part')
    expect((await runCommand(claimedTask(), path)).outcome).toEqual({ outcome: 'completed', result: path })
    expect(readFileSync(path, 'utf8')).toContain('#!')
  })
})

describe('a command that cannot be started is not a failure of its task, but of the worker', () => {
  const workerFailed = (operation: string, detail: string | RegExp) => ({
    outcome: 'worker_failed',
    failure: { failure: 'WorkerFailed', operation, detail: expect.stringMatching(detail) as string },
  })
  const script = (text: string, mode = 0o755): string => {
    const path = join(temporaryDirectory(), 'build')
    writeFileSync(path, text)
    chmodSync(path, mode)
    return path
  }

  it('because it does not exist or is not executable', async () => {
    const outcome = async (...words: ReadonlyArray<string>) => (await runCommand(claimedTask(), ...words)).outcome
    expect(await outcome('no-such-command')).toMatchObject(workerFailed('start', /no such command in PATH/))
    const path = script('#!/bin/sh\n', 0o644)
    expect(await outcome(path)).toMatchObject(workerFailed('start', /not executable for this user/))
    chmodSync(path, 0o755)
    expect(await outcome(path)).toEqual({ outcome: 'completed' })
  })

  it('because the system refuses the file only when it is run', async () => {
    const path = script(`\x7fELF nothing that runs`)
    expect((await runCommand(claimedTask(), path)).outcome).toMatchObject(workerFailed('start', /./))
  })

  it('because there is no folder for its files', async () => {
    const { handle } = createHandler(['true'])
    setVariable('TMPDIR', '/nowhere')
    expect(await handle(claimedTask())).toMatchObject(
      workerFailed('make a folder for a command in', /^ENOENT: .*nowhere/),
    )
  })

  it('because its arguments are longer than the system allows', async () => {
    const { outcome } = await runCommand(claimedTask(), 'true', 'x'.repeat(300_000))
    expect(outcome).toMatchObject({ ...workerFailed('start', /E2BIG/), failure: { code: 'E2BIG' } })
  })

  it('but a command that started and exits with 126 or 127 itself has failed', async () => {
    expect((await runScript('exit 127')).outcome).toEqual({ outcome: 'failed', error: 'exit 127' })
    expect((await runScript('exit 126')).outcome).toEqual({ outcome: 'failed', error: 'exit 126' })
    expect((await runScript('no-such-command; exit')).outcome).toMatchObject({ outcome: 'failed' })
  })
})
