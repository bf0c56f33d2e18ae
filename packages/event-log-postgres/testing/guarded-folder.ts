import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findServerUser } from './installed-servers.ts'

/** A temporary folder that does not outlive this process, and neither does the server whose files it has. */
export type GuardedFolder = {
  readonly path: string
  /** Removes the folder. The server must have ended. */
  readonly dispose: () => Promise<void>
}

/**
 * Waits until the process that started it has ended, however it did, which closes the pipe; then ends the server that
 * the pid file names, if that process has the folder on its command line, and removes the folder. A program that is
 * still filling the folder, like `initdb`, makes a second removal necessary.
 */
const guard = `
trap '' HUP INT TERM
cat >/dev/null
[ -d "$1" ] || exit 0
pid=$(head -n 1 "$2" 2>/dev/null)
alive() {
  [ "$pid" -gt 0 ] 2>/dev/null || return 1
  line=$({ tr '\\0' ' ' <"/proc/$pid/cmdline" || ps -o args= -p "$pid"; } 2>/dev/null)
  case "$line" in *"$1"*) return 0 ;; *) return 1 ;; esac
}
if alive "$1"; then
  kill -QUIT "$pid"
  for _ in 1 2 3 4 5 6 7 8 9 10 11 12; do alive "$1" && sleep 0.5; done
  alive "$1" && kill -KILL "$pid"
fi
for _ in 1 2 3; do rm -rf "$1"; sleep 1; done
`

/** Makes a folder in `parent` for a server that writes its process id to `pidFile` there. */
export const makeGuardedFolder = (pidFile: string, parent: string = tmpdir()): GuardedFolder => {
  const path = mkdtempSync(join(realpathSync(parent), 'claimlog-pg-'))
  const user = findServerUser()
  if (user !== undefined) chownSync(path, user.uid, user.gid)
  // In a session of its own: Ctrl-C and the end of the terminal reach the tests only.
  const child = spawn('sh', ['-c', guard, 'claimlog-guard', path, join(path, pidFile)], {
    cwd: '/',
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  child.unref()
  ;(child.stdin as unknown as { readonly unref: () => void }).unref()
  const ended = once(child, 'exit')
  let disposed: Promise<void> | undefined
  const remove = async (): Promise<void> => {
    rmSync(path, { recursive: true, force: true, maxRetries: 20 })
    child.ref()
    child.stdin.end()
    await ended
  }
  return { path, dispose: () => (disposed ??= remove()) }
}
