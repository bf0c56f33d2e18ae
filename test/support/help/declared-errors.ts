import { execFileSync } from 'node:child_process'
import { claimlogPath } from '../claimlog-path.ts'

type DeclaredCommand = {
  readonly name: string
  readonly exit_codes: ReadonlyArray<{ readonly errors: ReadonlyArray<string> }>
}
type DeclaredError = { readonly error: string; readonly fields: ReadonlyArray<{ readonly name: string }> }

const readHelp = (...words: ReadonlyArray<string>): unknown =>
  JSON.parse(execFileSync(process.execPath, [claimlogPath, 'help', ...words, '--json'], { encoding: 'utf8' }))

const readDeclarations = () => {
  const { commands } = readHelp() as { readonly commands: ReadonlyArray<DeclaredCommand> }
  const { error_codes: errorCodes } = readHelp('exit-codes') as { readonly error_codes: ReadonlyArray<DeclaredError> }
  return {
    errors: new Map(commands.map(({ name, exit_codes: codes }) => [name, codes.flatMap(({ errors }) => errors)])),
    fields: new Map(errorCodes.map(({ error, fields }) => [error, fields.map(({ name }) => name)])),
  }
}

let declarations: ReturnType<typeof readDeclarations> | undefined

const everyField = ['ok', 'error', 'message', 'hint']

/** Throws unless help declares that the command can return this error, and that its document has these fields. */
export const expectDeclaredError = (command: string, document: Readonly<Record<string, unknown>>): void => {
  declarations ??= readDeclarations()
  const error = String(document['error'])
  const errors = declarations.errors.get(command)
  if (errors !== undefined && !errors.includes(error))
    throw new Error(`claimlog help ${command} does not declare the error ${error}`)
  const fields = [...everyField, ...(declarations.fields.get(error) ?? [])]
  const undeclared = Object.keys(document).filter(name => !fields.includes(name))
  if (undeclared.length > 0)
    throw new Error(`help exit-codes does not declare fields of ${error}: ${undeclared.join()}`)
}
