import type { Shell } from './shells.ts'
import bash from './claimlog.bash'
import fish from './claimlog.fish'
import zsh from './claimlog.zsh'

const scripts: Readonly<Record<Shell, string>> = { bash, zsh, fish }

/** The script that has a shell complete the words of `claimlog`. */
export const completionScript = (shell: Shell): string => scripts[shell]
