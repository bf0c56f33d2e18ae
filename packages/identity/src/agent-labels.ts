import { createHash } from 'node:crypto'
import { programName } from './ancestors.ts'

/** Agents by the word that `claimlog setup` uses for them, with patterns for their names and programs. */
const agentPatterns: ReadonlyArray<readonly [label: string, pattern: RegExp]> = [
  ['claude-code', /^claude(?:[ -]?code)?$/i],
  ['codex', /^codex(?:[ -].*)?$/i],
  ['cursor', /^cursor(?:[ -].*)?$/i],
  ['gemini', /^gemini(?:[ -].*)?$/i],
  ['vscode', /^(?:visual studio code.*|vs ?code.*|code(?:-insiders)?)$/i],
]

const packagePaths = /node_modules\/(?:@anthropic-ai\/(claude)-code|@openai\/(codex)|@google\/(gemini)-cli)\//

/** Returns the label of a known agent whose program is at `path`; undefined: unknown. */
export const findAgentLabel = (path: string): string | undefined => {
  const name =
    packagePaths
      .exec(path)
      ?.slice(1)
      .find(group => group !== undefined) ?? programName(path)
  return agentPatterns.find(([, pattern]) => pattern.test(name))?.[0]
}

/** Variables that agents set for the commands they run. */
const environmentVariables = {
  CLAUDECODE: 'claude-code',
  CURSOR_AGENT: 'cursor',
  GEMINI_CLI: 'gemini',
  CODEX_THREAD_ID: 'codex',
  CODEX_SANDBOX: 'codex',
  CODEX_CI: 'codex',
} as const

/** Returns the label of the agent that started this process, by its environment. */
export const labelFromEnvironment = (env: NodeJS.ProcessEnv): string | undefined =>
  Object.entries(environmentVariables).find(([name]) => (env[name] ?? '') !== '')?.[1]

/** Longer labels make a history hard to read. */
const labelLengthMax = 40

/** Returns the first part of a worker's name: the label of a known agent, else the client's own name. */
export const toLabel = (client: string): string => {
  const label = client
    .replaceAll(/[^A-Za-z0-9._]+/g, '-')
    .slice(0, labelLengthMax)
    .replaceAll(/^[-.]+|[-.]+$/g, '')
  return agentPatterns.find(([, pattern]) => pattern.test(client.trim()))?.[0] ?? (label === '' ? 'agent' : label)
}

/**
 * Formats a worker's name: the agent, a few digits of its checkout, and a number from the second agent of a checkout
 * on.
 */
export const formatWorkerName = (label: string, checkout: string, number: number): string => {
  const digits = createHash('sha256').update(checkout).digest('hex').slice(0, 6)
  return `${label}-${digits}${number === 1 ? '' : `-${number}`}`
}
