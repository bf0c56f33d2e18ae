/** The agents whose hooks can run `claimlog prime`. */
export const hookAgents = ['claude-code', 'codex', 'cursor', 'gemini', 'vscode'] as const

export type HookAgent = (typeof hookAgents)[number]

/** What a hook has to say: what a session begins with, what a summary is to hold, or a warning at the end, '' for none. */
export type HookSaying = { readonly atStart: string } | { readonly atCompaction: string } | { readonly atEnd: string }

/**
 * What a hook of `agent` prints, as decision 25 found it documented: JSON that adds context, or that shows a person a
 * message; '' where there is nothing to say. None of it keeps an agent from ending, but for Cursor: that shows nobody a
 * message of a hook, and takes one that the agent goes on with. The text is of the agent's own claims alone.
 */
export const hookAnswer = (agent: HookAgent, saying: HookSaying): string => {
  if ('atStart' in saying) return line(agent === 'cursor' ? cursorStart(saying.atStart) : start(saying.atStart))
  // Claude Code alone is heard then: it takes the text as it is among its instructions for the summary.
  if ('atCompaction' in saying) return agent === 'claude-code' ? saying.atCompaction : ''
  const text = saying.atEnd.trimEnd()
  if (text === '') return ''
  return line(agent === 'cursor' ? { followup_message: text } : { systemMessage: text })
}

const start = (text: string): object => ({
  hookSpecificOutput: { hookEventName: 'SessionStart', additionalContext: text },
})

const cursorStart = (text: string): object => ({ additional_context: text })

const line = (answer: object): string => `${JSON.stringify(answer)}\n`
