/** The agents whose hooks can run `claimlog prime`. */
export const hookAgents = ['claude-code', 'codex', 'cursor', 'gemini', 'vscode'] as const

export type HookAgent = (typeof hookAgents)[number]

/** The message of a hook: context at session start, instructions for a summary, or a warning at the end ('': none). */
export type HookMessage = { readonly atStart: string } | { readonly atCompaction: string } | { readonly atEnd: string }

/**
 * Returns the output of a hook of `agent`, as documented in decision 25: JSON that adds context or shows a message to
 * the user; '' for no message. No output keeps an agent from ending, except in Cursor: it cannot show a hook's message,
 * so the message is passed to the agent, which continues. It is about the agent's own claims only.
 */
export const hookAnswer = (agent: HookAgent, message: HookMessage): string => {
  if ('atStart' in message)
    return toLine(agent === 'cursor' ? formatCursorStart(message.atStart) : formatStart(message.atStart))
  // Only Claude Code uses the output of this hook: it adds the plain text to its instructions for the summary.
  if ('atCompaction' in message) return agent === 'claude-code' ? message.atCompaction : ''
  const text = message.atEnd.trimEnd()
  if (text === '') return ''
  return toLine(agent === 'cursor' ? { followup_message: text } : { systemMessage: text })
}

const formatStart = (text: string): object => ({
  hookSpecificOutput: { hookEventName: 'SessionStart', additionalContext: text },
})

const formatCursorStart = (text: string): object => ({ additional_context: text })

const toLine = (answer: object): string => `${JSON.stringify(answer)}\n`
