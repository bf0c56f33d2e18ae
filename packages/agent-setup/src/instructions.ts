import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { shellQuote } from '@claimlog/messages'
import type { ConfigEdit, SetupContext } from './agent.ts'
import { quoteFlags } from './claimlog-command.ts'
import { markdownComment, putBlock, removeBlock } from './managed-block.ts'
import { toAppliedEdit } from './mcp-entry.ts'

/** Creates the edit of an instruction file. Agents read the block in every session, so it is short. */
export const instructionEdit = (path: string, agent: string): ConfigEdit => ({
  path,
  apply: (text, context) => pipe(putBlock(text, markdownComment, blockText(context), agent), E.map(toAppliedEdit)),
  remove: text => removeBlock(text, markdownComment, agent),
})

/** The text of the block, without its markers. */
const blockText = ({ command, queueFlags }: SetupContext): string => {
  const claimlog = command.words.map(shellQuote).join(' ')
  const dir = quoteFlags(queueFlags)
    .map(word => ` ${word}`)
    .join('')
  return [
    '## Tasks',
    '',
    'The tasks of this project are in a claimlog queue. Several agents may share it; no task is handed out twice.',
    '',
    `- At the start, and after context compaction, run \`${claimlog} prime${dir}\`: it shows your claims, ready tasks and the commands.`,
    '- Claim a task before you work on it (MCP tool `claim_task`). Complete, fail or release it before you stop.',
    '- Add work that you discover as tasks (`add_tasks`), not as notes in files.',
  ].join('\n')
}
