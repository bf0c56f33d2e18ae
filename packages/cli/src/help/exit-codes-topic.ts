import { type CliErrorCode, type ExitCode, exitCodes, type ExitCodesView, exitCodeDescriptions } from '@claimlog/wire'
import type { Section } from './section.ts'

export const exitCodesView = (): ExitCodesView => ({
  exit_codes: (Object.entries(exitCodeDescriptions) as unknown as ReadonlyArray<[string, string]>).map(
    ([exit, means]) => ({
      exit: Number(exit),
      means,
      errors: wordsOf(Number(exit) as ExitCode),
    }),
  ),
})

const wordsOf = (exit: ExitCode): ReadonlyArray<string> =>
  (Object.keys(exitCodes) as ReadonlyArray<CliErrorCode>).filter(word => exitCodes[word] === exit)

export const exitCodesSections = ({ exit_codes }: ExitCodesView): ReadonlyArray<Section> => [
  {
    title: 'Exit codes',
    prose: [
      'A command that is refused or fails prints {"ok": false, "error": "…", "message": "…", "hint": "…"}. The exit code gives the category, the error code the exact cause.',
    ],
    entries: exit_codes.map(({ exit, means, errors }) => [
      `${exit}`,
      errors.length === 0 ? means : `${means}: ${errors.join(', ')}`,
    ]),
  },
]
