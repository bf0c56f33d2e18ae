import {
  type CliErrorCode,
  describeErrorField,
  errorDescriptions,
  type ExitCode,
  exitCodes,
  type ExitCodesView,
  exitCodeDescriptions,
} from '@claimlog/wire'
import type { HelpSection } from '../section.ts'

export const toExitCodesView = (): ExitCodesView => ({
  exitCodes: (Object.entries(exitCodeDescriptions) as unknown as ReadonlyArray<[string, string]>).map(
    ([exit, meaning]) => ({
      exit: Number(exit),
      means: meaning,
      errors: listErrorCodes(Number(exit) as ExitCode),
    }),
  ),
  errorCodes: (Object.keys(exitCodes) as ReadonlyArray<CliErrorCode>).map(error => {
    const { means, fix, fields = [] } = errorDescriptions[error]
    return { error, exit: exitCodes[error], means, fix, fields: fields.map(describeErrorField) }
  }),
})

const listErrorCodes = (exit: ExitCode): ReadonlyArray<string> =>
  (Object.keys(exitCodes) as ReadonlyArray<CliErrorCode>).filter(errorCode => exitCodes[errorCode] === exit)

export const toExitCodesSections = ({ exitCodes: codes, errorCodes }: ExitCodesView): ReadonlyArray<HelpSection> => [
  {
    title: 'Exit codes',
    prose: [
      'A command that is refused or fails prints {"ok": false, "error": "…", "message": "…", "hint": "…"}. The exit code gives the category, the error code the exact cause.',
    ],
    entries: codes.map(({ exit, means: meaning, errors }) => [
      `${exit}`,
      errors.length === 0 ? meaning : `${meaning}: ${errors.join(', ')}`,
    ]),
  },
  {
    title: 'Error codes',
    prose: [],
    entries: errorCodes.map(({ error, means: meaning, fix }) => [error, `${meaning}: ${fix}`]),
  },
]
