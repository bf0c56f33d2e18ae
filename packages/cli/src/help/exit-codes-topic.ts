import { type CliErrorCode, type ExitCode, exitCodes, type ExitCodesView, exitCodeDescriptions } from '@claimlog/wire'
import type { HelpSection } from './section.ts'

export const toExitCodesView = (): ExitCodesView => ({
  exitCodes: (Object.entries(exitCodeDescriptions) as unknown as ReadonlyArray<[string, string]>).map(
    ([exit, meaning]) => ({
      exit: Number(exit),
      means: meaning,
      errors: listErrorCodes(Number(exit) as ExitCode),
    }),
  ),
})

const listErrorCodes = (exit: ExitCode): ReadonlyArray<string> =>
  (Object.keys(exitCodes) as ReadonlyArray<CliErrorCode>).filter(errorCode => exitCodes[errorCode] === exit)

export const toExitCodesSections = ({ exitCodes }: ExitCodesView): ReadonlyArray<HelpSection> => [
  {
    title: 'Exit codes',
    prose: [
      'A command that is refused or fails prints {"ok": false, "error": "…", "message": "…", "hint": "…"}. The exit code gives the category, the error code the exact cause.',
    ],
    entries: exitCodes.map(({ exit, means: meaning, errors }) => [
      `${exit}`,
      errors.length === 0 ? meaning : `${meaning}: ${errors.join(', ')}`,
    ]),
  },
]
