import type { Shell } from './shells.ts'
import bash from './claimlog.bash'
import fish from './claimlog.fish'
import zsh from './claimlog.zsh'

const scripts: Readonly<Record<Shell, string>> = { bash, zsh, fish }

/** The script that installs completion for `claimlog` in a shell. */
export const completionScript = (shell: Shell): string => scripts[shell]
