import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { claimlogPath, run, temporaryDirectory } from '../support/claimlog-process.ts'
import { type MissingReason, programMissing } from '../support/machine/it-if-possible.ts'

export type TestedShell = 'bash' | 'zsh' | 'fish'

const typist = fileURLToPath(new URL('../programs/type-at-a-shell.py', import.meta.url))

/** The reason why the tests cannot type in `shell`; undefined if they can. */
export const shellSkipReason = (shell: TestedShell): MissingReason =>
  programMissing('python3', '-c', 'import pty') ?? programMissing(shell, '-c', 'true')

const doneMessage = 'arguments recorded'

/**
 * A `claimlog` that completes like the real one, and records the arguments of all other commands without running them.
 */
const recordingScript = `#!/bin/sh
case $1 in __complete | completion) exec ${claimlogPath} "$@" ;; esac
{ for word; do printf '%s\\0' "$word"; done; printf '\\n'; } >> "$RECORD"
echo ${doneMessage}
`

const prompt = 'ready> '

/** The command of each shell, with its own home directory and the completions as in the README. */
const shellCommands: Readonly<Record<TestedShell, (home: string) => ReadonlyArray<string>>> = {
  bash: home => {
    writeFileSync(join(home, '.bashrc'), `PS1='${prompt}'\nsource <(claimlog completion bash)\n`)
    return ['bash', '--noprofile', '-i']
  },
  zsh: home => {
    const completions = 'autoload -Uz compinit\ncompinit -u\nsource <(claimlog completion zsh)\n'
    writeFileSync(join(home, '.zshrc'), `PS1='${prompt}'\n${completions}`)
    return ['zsh', '-i']
  },
  fish: home => {
    const config = join(home, 'config', 'fish')
    mkdirSync(config, { recursive: true })
    // Without this folder fish generates completions from the manual pages, in the background and for a long time.
    mkdirSync(join(home, 'data', 'fish', 'generated_completions'), { recursive: true })
    const ready = `function fish_prompt; echo -n '${prompt}'; end\n`
    writeFileSync(join(config, 'config.fish'), `${ready}claimlog completion fish | source\n`)
    return ['fish', '-i']
  },
}

/**
 * Types `lines` in `shell` in the directory `cwd`, and returns the arguments that `claimlog` received for each; `\t` in
 * a line completes.
 */
export const typeLines = async (
  shell: TestedShell,
  cwd: string,
  lines: ReadonlyArray<string>,
  env: Readonly<Record<string, string>> = {},
): Promise<ReadonlyArray<ReadonlyArray<string>>> => {
  const home = temporaryDirectory()
  const bin = join(home, 'bin')
  mkdirSync(bin)
  writeFileSync(join(bin, 'claimlog'), recordingScript, { mode: 0o755 })
  const recordPath = join(home, 'record')
  writeFileSync(recordPath, '')
  const homeVariables = {
    HOME: home,
    ZDOTDIR: home,
    XDG_CONFIG_HOME: join(home, 'config'),
    XDG_DATA_HOME: join(home, 'data'),
  }
  const variables = { ...homeVariables, RECORD: recordPath, TERM: 'xterm', LC_ALL: 'C.UTF-8', ...env }
  const { stdout } = await run('python3', [typist, prompt, doneMessage, ...shellCommands[shell](home)], {
    cwd,
    env: { ...variables, PATH: `${bin}:${process.env['PATH']}` },
    input: JSON.stringify(lines),
  })
  const commands = readFileSync(recordPath, 'utf8').split('\n').slice(0, -1)
  if (commands.length !== lines.length)
    throw new Error(`${commands.length} of ${lines.length} commands were run; the terminal showed:\n${stdout}`)
  return commands.map(words => words.split('\0').slice(0, -1))
}
