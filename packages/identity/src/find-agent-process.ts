import { findAgentLabel } from './agent-labels.ts'
import { type AncestorProcess, programName } from './ancestors.ts'

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
  readonly self: AncestorProcess
  readonly top: AncestorProcess
  /** Identifies its program across restarts; '' if nothing does. */
  readonly program: string
  /** The label of an agent that is known by its program. */
  readonly label: string | undefined
}

/** Finds the nearest ancestor that is not a shell, a wrapper or a session; undefined: there is none. */
export const findAgentProcess = (ancestors: ReadonlyArray<AncestorProcess>): AgentProcess | undefined => {
  const index = ancestors.findIndex(ancestor => !wrappers.has(commandName(ancestor)))
  const self = ancestors[index]
  if (self === undefined || sessions.has(commandName(self)) || /^tmux: |^SCREEN$/i.test(self.words[0] ?? ''))
    return undefined
  const isScript = interpreters.test(programName(self.program))
  let top = self
  // An editor starts servers, hooks and shells from several processes of one program.
  if (!isScript)
    for (const ancestor of ancestors.slice(index + 1)) {
      if (ancestor.program !== self.program) break
      top = ancestor
    }
  const script = isScript ? findScript(self) : undefined
  const program = isScript ? (script ?? '') : self.program
  return {
    self,
    top,
    program,
    label: findAgentLabel(self.program) ?? (script === undefined ? undefined : findAgentLabel(script)),
  }
}

/** Returns the ancestors up to the nearest known agent: that one was started by another agent or by a person. */
export const limitToAgent = (ancestors: ReadonlyArray<AncestorProcess>): ReadonlyArray<AncestorProcess> => {
  const index = ancestors.findIndex(
    ancestor => findAgentLabel(ancestor.program) ?? findAgentLabel(findScript(ancestor) ?? ''),
  )
  const agent = ancestors[index]
  if (agent === undefined) return ancestors
  const rest = ancestors.slice(index + 1)
  const others = rest.findIndex(ancestor => ancestor.program !== agent.program)
  return ancestors.slice(0, index + 1 + (others === -1 ? rest.length : others))
}

const findScript = ({ program, words }: AncestorProcess): string | undefined =>
  interpreters.test(programName(program)) ? words.slice(1).find(word => !word.startsWith('-')) : undefined

/** Package managers set the title to the command they run, or are scripts of an interpreter. */
const commandName = (ancestor: AncestorProcess): string => {
  const [title = ''] = ancestor.words
  const [, manager] = /^(npm|npx|pnpm|yarn) /.exec(title) ?? []
  return manager ?? programName(findScript(ancestor) ?? ancestor.program)
}
