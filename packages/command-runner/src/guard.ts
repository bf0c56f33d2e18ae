/** The file in the scratch folder that says that the command was not started. */
export const notStartedMark = 'not-started'

/**
 * The guard of a command: a process of a few lines of shell in the command's process group, started by the same spawn.
 *
 * ```
 *   worker ──spawn──► sh ──fork──► (sh) ──fork──► guard: reads fd 3, a pipe that only the worker holds
 *                     │ exec                        │ end of file: the worker is gone, however it went
 *                     ▼                             ▼
 *                   command                       kills the command, its group, and what left the group
 * ```
 *
 * The pid and the exit status are the command's own, as the shell becomes the command. Where it does not, as there is no
 * process left for the guard or the system cannot run the file, the shell ends, and leaves a mark in the scratch folder.
 * The guard is no child of the command's, which may wait for all that it has: the process between them is over before the
 * command starts.
 *
 * Covered, also where the worker was stopped and then killed, or is killed while it tidies up after a command: all
 * processes of the group, whatever they ignore. On Linux those too that left it (`setsid`, a double fork, a daemon), as
 * far as `CLAIMLOG_RUN` in their environment names this run. One that is starting a program shows no environment for that
 * instant, which is long on a busy machine: so three looks, a tenth of a second apart, must find none.
 *
 * Not covered: a process that left the group and was started with another environment (`env -i`), or as another user; on
 * other systems, any that left the group; and a group whose command kills or stops the guard itself (`kill -KILL 0`)
 * before the worker is killed. Whoever wants a process to live on starts it so: `env -u CLAIMLOG_RUN setsid …`.
 */
const script = `
scratch=$1 run=$2
shift 2
trap ': > "$scratch/${notStartedMark}"' EXIT
[ -z "\${BASH_VERSION-}" ] || shopt -s execfail
(
  trap '' HUP INT QUIT TERM USR1 USR2 ALRM PIPE TSTP TTIN TTOU
  (
    read -r nothing <&3
    kill -KILL $$
    passes=0 clean=0
    while [ -r /proc/self/environ ] && [ $clean -lt 3 ] && [ $passes -lt 200 ]; do
      [ $clean -eq 0 ] || sleep 0.1
      passes=$((passes + 1)) clean=$((clean + 1))
      for path in $(grep -lsF "CLAIMLOG_RUN=$run" /proc/[0-9]*/environ); do
        clean=0 path=\${path#/proc/}
        kill -KILL "\${path%/environ}"
      done
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

/** The shell that every system of this kind has, at the same place. */
export const shell = '/bin/sh'

/** A command that is to be guarded. */
export type GuardedCommand = {
  /** Absolute, as the shell may take a word for something else. */
  readonly path: string
  readonly args: ReadonlyArray<string>
  /** What `CLAIMLOG_RUN` is set to for the command. Never the same twice: whatever has it is killed. */
  readonly run: string
  /** Removed by the guard where the worker no longer can. */
  readonly scratch: string
}

/** The arguments for {@link shell} that start a command under its guard. fd 3 must be the pipe. */
export const guardArguments = (
  { path, args, run, scratch }: GuardedCommand,
  environment: NodeJS.ProcessEnv,
): ReadonlyArray<string> => {
  if (!/^[0-9a-f-]{32,}$/.test(run)) throw new Error(`not a name for one run only: ${run}`)
  return ['-c', script, 'claimlog', scratch, run, ...restoring(environment), path, ...args]
}

/** What every shell hands on as it was given it. Some drop other names, and set these few themselves. */
const handedOn = /^(?!(?:IFS|OPTIND|PPID|LINENO)$)[A-Za-z_][A-Za-z0-9_]*$/

/**
 * Words before a command that give it the settings which the shell would lose: functions that bash exported, names with
 * dots. `nice`, which changes nothing, is there for a path with `=` in it, which `env` would take for a setting.
 */
const restoring = (environment: NodeJS.ProcessEnv): ReadonlyArray<string> => {
  const lost = Object.entries(environment).filter(([name, value]) => value !== undefined && !handedOn.test(name))
  if (lost.length === 0) return []
  return ['env', '--', ...lost.map(([name, value]) => `${name}=${value}`), 'nice', '-n', '0']
}
