import { agentNamed } from './agent-labels.ts'
import { type ProcessAbove, programName } from './processes-above.ts'

/** Programs that start other programs and are not agents. */
const wrappers = new Set(
  (
    'sh bash dash zsh fish ksh mksh ash tcsh csh busybox pwsh powershell cmd env nice nohup timeout time setsid stdbuf ' +
    'xargs script unbuffer chronic flock exec command npm npx npm-cli npx-cli pnpm pnpx yarn yarnpkg bunx corepack uv ' +
    'uvx mise asdf volta fnm direnv dotenv make just task bwrap claimlog strace ltrace gdb faketime'
  ).split(' '),
)

/** Programs of a person's session: there is no agent above these. */
const sessions = new Set(
  (
    'init systemd launchd sshd sshd-session dropbear login agetty getty su sudo doas tmux screen zellij mosh-server ' +
    'cron crond atd tini dumb-init docker-init containerd-shim runc s6-svscan supervisord gnome-terminal ' +
    'gnome-terminal-server konsole xterm alacritty kitty wezterm wezterm-gui foot ghostty terminator tilix rxvt urxvt ' +
    'st xfce4-terminal lxterminal Terminal iTerm2 Hyper WindowsTerminal'
  ).split(' '),
)

/** Programs that run a script, which is their second word. */
const interpreters = /^(?:node|nodejs|bun|deno|python[\d.]*|pypy[\d.]*|ruby|perl)$/

/**
 * The agent's process among the ancestors. `top`: the process itself, or the topmost adjacent one of the same program.
 */
export type AgentProcess = {
  readonly self: ProcessAbove
  readonly top: ProcessAbove
  /** Identifies its program across restarts; '' if nothing does. */
  readonly program: string
  /** The label of an agent that is known by its program. */
  readonly label: string | undefined
}

/** Finds the nearest ancestor that is not a shell, a wrapper or a session; undefined: there is none. */
export const agentProcessIn = (list: ReadonlyArray<ProcessAbove>): AgentProcess | undefined => {
  const at = list.findIndex(each => !wrappers.has(nameOf(each)))
  const self = list[at]
  if (self === undefined || sessions.has(nameOf(self)) || /^tmux: |^SCREEN$/i.test(self.words[0] ?? ''))
    return undefined
  const isScript = interpreters.test(programName(self.program))
  let top = self
  // An editor starts servers, hooks and shells from several processes of one program.
  if (!isScript)
    for (const above of list.slice(at + 1)) {
      if (above.program !== self.program) break
      top = above
    }
  const script = isScript ? scriptOf(self) : undefined
  const program = isScript ? (script ?? '') : self.program
  return {
    self,
    top,
    program,
    label: agentNamed(self.program) ?? (script === undefined ? undefined : agentNamed(script)),
  }
}

/** Returns the ancestors up to the nearest known agent: that one was started by another agent or by a person. */
export const withinAgent = (list: ReadonlyArray<ProcessAbove>): ReadonlyArray<ProcessAbove> => {
  const at = list.findIndex(each => agentNamed(each.program) ?? agentNamed(scriptOf(each) ?? ''))
  const known = list[at]
  if (known === undefined) return list
  const rest = list.slice(at + 1)
  const others = rest.findIndex(each => each.program !== known.program)
  return list.slice(0, at + 1 + (others === -1 ? rest.length : others))
}

const scriptOf = ({ program, words }: ProcessAbove): string | undefined =>
  interpreters.test(programName(program)) ? words.slice(1).find(word => !word.startsWith('-')) : undefined

/** Package managers set the title to the command they run, or are scripts of an interpreter. */
const nameOf = (each: ProcessAbove): string => {
  const [title = ''] = each.words
  const [, manager] = /^(npm|npx|pnpm|yarn) /.exec(title) ?? []
  return manager ?? programName(scriptOf(each) ?? each.program)
}
