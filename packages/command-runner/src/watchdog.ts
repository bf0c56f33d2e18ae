/** The marker file in the scratch folder: the command was not started. */
export const notStartedMarker = 'not-started'

/**
 * The watchdog of a command: a process with a few lines of shell in the command's process group, started by the same
 * spawn.
 *
 * ```
 *   worker ──spawn──► sh ──fork──► (sh) ──fork──► watchdog: reads fd 3, a pipe that only the worker has open
 *                     │ exec                        │ end of file: the worker has ended for any reason
 *                     ▼                             ▼
 *                   command                       kills the command, its group, and processes that left the group
 * ```
 *
 * The pid and the exit status are those of the command, as the shell execs it. If it cannot, because no process is
 * available for the watchdog or the system cannot run the file, the shell exits and leaves a marker file in the scratch
 * folder. The watchdog is not a child of the command, which may wait for all its children: the process between them has
 * exited before the command starts.
 *
 * Covered, also if the worker was stopped and then killed, or is killed while it cleans up after a command: all
 * processes of the group, even if they ignore signals. On Linux also processes that left it (`setsid`, a double fork, a
 * daemon) if they have `CLAIMLOG_RUN` of this run in their environment. A process has no environment while it starts a
 * program, which takes as long as the disk takes to read it. The size of its memory in `stat` is not zero then, but the
 * address of its code is. So three passes, 0.1 s apart, must find neither such a process nor one of this run.
 *
 * Not covered: a process that left the group and was started with another environment (`env -i`) or as another user; on
 * other systems, any process that left the group; and a group whose command kills or stops the watchdog
 * (`kill -KILL 0`) before the worker is killed. To let a process survive on purpose, start it with
 * `env -u CLAIMLOG_RUN setsid …`.
 */
const script = `
scratch=$1 run=$2
shift 2
trap ': > "$scratch/${notStartedMarker}"' EXIT
[ -z "\${BASH_VERSION-}" ] || shopt -s execfail
(
  trap '' HUP INT QUIT TERM USR1 USR2 ALRM PIPE TSTP TTIN TTOU
  (
    read -r nothing <&3
    kill -KILL $$
    starting() {
      for path in $(grep -Ls . /proc/[0-9]*/environ); do
        read -r stat <"\${path%environ}stat" && set -- \${stat##*')'} || continue
        [ "\${21}" = 0 ] || [ "\${24}" != 0 ] || return 0
      done
      return 1
    }
    passes=0 clean=0
    while [ -r /proc/self/environ ] && [ $clean -lt 3 ] && [ $passes -lt 200 ]; do
      [ $clean -eq 0 ] || sleep 0.1
      passes=$((passes + 1)) clean=$((clean + 1))
      for path in $(grep -lsF "CLAIMLOG_RUN=$run" /proc/[0-9]*/environ); do
        clean=0 path=\${path#/proc/}
        kill -KILL "\${path%/environ}"
      done
      if starting; then
        clean=0
        sleep 0.1
      fi
    done
    rm -rf "$scratch"
    [ "$(ls -A "\${scratch%/*}")" != lock ] || rm -rf "\${scratch%/*}"
    kill -KILL 0
  ) </dev/null >/dev/null 2>&1 &
) || exit 126
CLAIMLOG_RUN=$run
export CLAIMLOG_RUN
exec "$@" 3<&-
`

/** Exists at this path on every POSIX system. */
export const shell = '/bin/sh'

/** A command to run with a watchdog. */
export type WatchedCommand = {
  /** An absolute path: the shell could interpret a bare name differently. */
  readonly path: string
  readonly args: ReadonlyArray<string>
  /** The value of `CLAIMLOG_RUN`. Must be unique, as every process that has it is killed. */
  readonly runId: string
  /** A folder that the watchdog removes if the worker cannot. */
  readonly scratch: string
}

/** Returns the arguments for {@link shell} that start a command with its watchdog. fd 3 must be the pipe. */
export const watchdogArguments = (
  { path, args, runId, scratch }: WatchedCommand,
  environment: NodeJS.ProcessEnv,
): ReadonlyArray<string> => {
  if (!/^[0-9a-f-]{32,}$/.test(runId)) throw new Error(`not a unique run id: ${runId}`)
  return ['-c', script, 'claimlog', scratch, runId, ...restorePrefix(environment), path, ...args]
}

/** Names of variables that every shell passes on unchanged. Some shells drop other names, or set the excluded ones. */
const portableName = /^(?!(?:IFS|OPTIND|PPID|LINENO)$)[A-Za-z_][A-Za-z0-9_]*$/

/**
 * Returns a command prefix that restores variables which the shell would drop: functions exported by bash, names with
 * dots. `nice -n 0` has no effect, but without it `env` would interpret a path that contains `=` as an
 * assignment.
 */
const restorePrefix = (environment: NodeJS.ProcessEnv): ReadonlyArray<string> => {
  const lost = Object.entries(environment).filter(([name, value]) => value !== undefined && !portableName.test(name))
  if (lost.length === 0) return []
  return ['env', '--', ...lost.map(([name, value]) => `${name}=${value}`), 'nice', '-n', '0']
}
