import { constants, existsSync } from 'node:fs'
import { open, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { temporaryDirectory } from '../support/claimlog-process.ts'
import { itIfPossible } from '../support/machine/it-if-possible.ts'
import { chooseCount, selectCases } from '../support/machine/select-cases.ts'
import { copyToSlowDisk, slowDiskMissing } from '../support/machine/slow-disk.ts'
import { straceMissing } from '../support/machine/strace.ts'
import {
  claimedTask,
  createHandler,
  isAlive,
  killAfterTest,
  runCommand,
  runScript,
  waitUntilDead,
} from './work-handler.ts'
import { startWorkProcess } from './work-process.ts'

const stubborn = fileURLToPath(new URL('../programs/stubborn.sh', import.meta.url))
const isLinux = process.platform === 'linux'
/** The number of pids that the program prints. */
const pidCount = isLinux ? 5 : 2

/** A test that takes this long hangs. */
const timeoutMs = 600_000

const parsePids = (lines: ReadonlyArray<string>): ReadonlyArray<number> =>
  lines.filter(line => /^\d+$/.test(line)).map(Number)

/** A command that ends once a process outside of its run has printed its pid; that process continues with `script`. */
const leaveProcess = (script: string): string =>
  `env -u CLAIMLOG_RUN setsid sh -c 'echo $$; : > "$CLAIMLOG_RESULT.up"; ${script}' &
  while [ ! -e "$CLAIMLOG_RESULT.up" ]; do sleep 0.02; done`

/** Starts the program `$0` in another session, prints its pid, and ends when the kernel executes it. */
const startFromDisk = `setsid "$0" 1000 & echo $!; until [ "$(readlink /proc/$!/exe)" = "$0" ]; do :; done`

/**
 * Starts a process outside of the run, which never waits for its children and prints its pid, and as its child a process
 * of the run. When the named pipe `$0` is opened, that one starts another, writes its pid to a file and ends.
 */
const passRun = `mkfifo "$0"
  export run="$CLAIMLOG_RUN" fifo="$0"
  export parent=': > "$fifo.ready"; read -r line < "$fifo"; sleep 1000 & echo $! > "$fifo.pid"'
  env -u CLAIMLOG_RUN setsid sh -c 'echo $$; CLAIMLOG_RUN=$run sh -c "$parent" & exec sleep 1000' &
  while [ ! -e "$0.ready" ]; do sleep 0.02; done
  echo ready`

/** A running command, and the lines that it has printed so far. */
const startStubborn = (signal: AbortSignal, graceMs: number) => {
  const lines: Array<string> = []
  let resolveReady = (): void => undefined
  const becameReady = new Promise<void>(resolve => (resolveReady = resolve))
  const onLine = (_: unknown, __: unknown, line: string): void => {
    lines.push(line)
    if (line === 'ready') resolveReady()
  }
  const handler = createHandler([stubborn], { graceMs, onLine })
  killAfterTest(() => parsePids(lines))
  return { ended: handler.handle(claimedTask('stubborn', signal)), becameReady, lines, handler }
}

describe('when a worker is killed', () => {
  it('its commands, four at once, end with all processes that they started, even those that ignore signals or left the session', async () => {
    const worker = await startWorkProcess(Array.from({ length: 4 }, () => [stubborn]))
    killAfterTest(worker.pids)
    await worker.ready(4)
    const pids = worker.pids()
    expect(pids).toHaveLength(4 * pidCount)
    expect(pids.every(isAlive)).toBe(true)
    worker.process.kill('SIGKILL')
    await worker.ended
    await waitUntilDead(pids)
  })

  it('after it was stopped, they end too', async () => {
    const worker = await startWorkProcess([[stubborn], [stubborn]])
    killAfterTest(worker.pids)
    await worker.ready(2)
    worker.process.kill('SIGSTOP')
    await sleep(200)
    expect(worker.pids().every(isAlive)).toBe(true)
    worker.process.kill('SIGKILL')
    await waitUntilDead(worker.pids())
  })

  it('the files of its commands are removed', async () => {
    const script = 'echo $$; echo "${CLAIMLOG_RESULT%/*}"; echo half > "$CLAIMLOG_RESULT"; echo ready; exec sleep 1000'
    const worker = await startWorkProcess([['/bin/sh', '-c', script]])
    killAfterTest(worker.pids)
    await worker.ready(1)
    const folder = worker.messages.map(({ line = '' }) => line).find(line => line.startsWith('/')) ?? ''
    expect(existsSync(folder)).toBe(true)
    worker.process.kill('SIGKILL')
    await waitUntilDead(worker.pids())
    while (existsSync(folder)) await sleep(20)
  })

  it(
    'just after its command has ended, the processes that the command started end as well',
    { timeout: timeoutMs },
    async () => {
      const waitTimesMs = Array.from({ length: 20 }, (_, i) => i * 3)
      for (const waitMs of selectCases(waitTimesMs, 4)) {
        const worker = await startWorkProcess([[stubborn, 'ends']])
        killAfterTest(worker.pids)
        await worker.ready(1)
        await sleep(waitMs)
        worker.process.kill('SIGKILL')
        await worker.ended
        expect(worker.pids()).toHaveLength(pidCount)
        await waitUntilDead(worker.pids())
      }
    },
  )

  itIfPossible(slowDiskMissing)('a process that is just starting a program from a slow disk ends as well', async () => {
    const program = await copyToSlowDisk('/bin/sleep', 1000)
    const worker = await startWorkProcess([['/bin/sh', '-c', `${startFromDisk}; echo ready; exec sleep 1000`, program]])
    killAfterTest(worker.pids)
    await worker.ready(1)
    worker.process.kill('SIGKILL')
    await waitUntilDead(worker.pids())
  })

  it('while its command starts, the command ends as well', { timeout: timeoutMs }, async () => {
    for (let waitMs = 0; waitMs < 60; waitMs += 6) {
      const worker = await startWorkProcess([['/bin/sh', '-c', 'trap "" TERM; echo $$; exec sleep 1000']])
      killAfterTest(worker.pids)
      while (worker.messages.length === 0 && waitMs % 12 === 0) await sleep(1)
      await sleep(waitMs)
      worker.process.kill('SIGKILL')
      await worker.ended
      await waitUntilDead(worker.pids())
    }
  })
})

describe('when a command ends', () => {
  it('all processes that it started end with it, in any session', async () => {
    const { outcome, stdout } = await runCommand(claimedTask(), stubborn, 'ends')
    const pids = parsePids(stdout)
    killAfterTest(() => pids)
    expect(outcome).toEqual({ outcome: 'completed' })
    expect(pids).toHaveLength(pidCount)
    await waitUntilDead(pids)
  })

  it.runIf(isLinux)('a process that is just starting a program ends too', async () => {
    for (let i = 0; i < chooseCount(50, 15); i += 1) {
      const { stdout } = await runScript('(setsid sleep 1000 & echo $!); exit 0')
      killAfterTest(() => parsePids(stdout))
      await waitUntilDead(parsePids(stdout))
    }
  })

  itIfPossible(slowDiskMissing)('a process that is just starting a program from a slow disk ends too', async () => {
    const program = await copyToSlowDisk('/bin/sleep', 300)
    const { outcome, stdout } = await runCommand(claimedTask(), '/bin/sh', '-c', startFromDisk, program)
    killAfterTest(() => parsePids(stdout))
    expect(outcome).toEqual({ outcome: 'completed' })
    expect(parsePids(stdout)).toHaveLength(1)
    await waitUntilDead(parsePids(stdout))
  })

  itIfPossible(straceMissing)(
    'a process ends too whose parent starts it and ends while the worker looks for processes',
    async () => {
      const fifo = join(temporaryDirectory(), 'fifo')
      // Between listing the processes and reading their environments, the worker reads this file.
      const slowLook = ['-P', '/proc/loadavg', '-e', 'trace=openat', '-e', 'inject=openat:delay_enter=800000:when=1']
      const worker = await startWorkProcess(
        [['/bin/sh', '-c', passRun, fifo]],
        ['strace', '-o', '/dev/null', ...slowLook],
      )
      killAfterTest(worker.pids)
      await worker.ready(1)
      await sleep(300)
      // It fails without a reader: on a slow machine, the process may be dead already.
      const writer = await open(fifo, constants.O_WRONLY | constants.O_NONBLOCK).catch(() => undefined)
      await writer?.close()
      await worker.ended
      const started = parsePids([(await readFile(`${fifo}.pid`, 'utf8').catch(() => '')).trim()])
      killAfterTest(() => started)
      expect(worker.pids().map(isAlive)).toEqual([true])
      await waitUntilDead(started)
    },
  )

  it.runIf(isLinux)('the handler does not wait for a process that left the run, even if it holds stdout', async () => {
    const { outcome, stdout } = await runScript(leaveProcess('exec sleep 1000'))
    killAfterTest(() => parsePids(stdout))
    expect(outcome).toEqual({ outcome: 'completed' })
    expect(parsePids(stdout).map(isAlive)).toEqual([true])
  })

  it.runIf(isLinux)('the handler does not wait for such a process if it keeps printing', async () => {
    const { outcome, stdout } = await runScript(leaveProcess('exec yes'))
    killAfterTest(() => parsePids(stdout))
    expect(outcome).toEqual({ outcome: 'completed' })
    expect(parsePids(stdout)).toHaveLength(1)
    // Its output has no reader any more.
    await waitUntilDead(parsePids(stdout))
  })
})

describe('when the work must stop', () => {
  it('a command gets SIGTERM, and time to end by itself', async () => {
    const abort = new AbortController()
    const lines: Array<string> = []
    const onLine = (_: unknown, __: unknown, line: string): void => {
      lines.push(line)
      if (line === 'ready') abort.abort()
    }
    const script = 'trap "rm -f $0.lock; echo tidied; exit 0" TERM; echo ready; while :; do sleep 0.05; done'
    const { handle } = createHandler(['/bin/sh', '-c', script, '/nowhere/x'], { onLine })
    expect(await handle(claimedTask('asked', abort.signal))).toEqual({
      outcome: 'released',
      reason: 'the worker was stopped',
    })
    expect(lines[0]).toBe('ready')
  })

  it('a command that ignores SIGTERM is killed after its grace period, with all processes that it started', async () => {
    const abort = new AbortController()
    const { ended, becameReady, lines } = startStubborn(abort.signal, 300)
    await becameReady
    abort.abort()
    expect(await ended).toMatchObject({ outcome: 'released' })
    expect(parsePids(lines)).toHaveLength(pidCount)
    await waitUntilDead(parsePids(lines))
  })

  it('a command that is suspended ends too', async () => {
    const abort = new AbortController()
    const { handle } = createHandler(['/bin/sh', '-c', 'kill -STOP 0'], { graceMs: 60_000 })
    const ended = handle(claimedTask('stopped', abort.signal))
    await sleep(300)
    abort.abort()
    expect(await ended).toMatchObject({ outcome: 'released' })
  })

  it('a command that has not started yet is not started', async () => {
    const { handle } = createHandler(['/bin/sh', '-c', 'exit 3'])
    expect(await handle(claimedTask('late', AbortSignal.abort()))).toMatchObject({ outcome: 'released' })
  })

  it('at once, because the process exits, all commands are killed and none is started', async () => {
    const { ended, becameReady, lines, handler } = startStubborn(new AbortController().signal, 60_000)
    await becameReady
    handler.close()
    await waitUntilDead(parsePids(lines))
    expect(await ended).toMatchObject({ outcome: 'failed', error: 'killed by SIGKILL' })
    expect(await handler.handle(claimedTask())).toMatchObject({ outcome: 'released' })
  })

  it('a command has its full grace period, even if it is longer than any timer', async () => {
    const stopping = new AbortController()
    const script = `trap 'sleep 0.2; echo tidied; exit 0' TERM; echo ready; sleep 1000 & wait`
    const lines: Array<string> = []
    const onLine = (_: unknown, __: unknown, line: string): void => {
      lines.push(line)
      if (line === 'ready') stopping.abort()
    }
    const { handle } = createHandler(['/bin/sh', '-c', script], { graceMs: 30 * 86_400_000, onLine })
    await handle(claimedTask('tidy', stopping.signal))
    expect(lines).toEqual(['ready', 'tidied'])
  })
})
