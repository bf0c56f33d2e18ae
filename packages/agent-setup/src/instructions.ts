import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { shellQuote } from '@claimlog/messages'
import type { Part, Surroundings } from './agent.ts'
import { markdownComment, putSection, removeSection } from './marked-section.ts'
import { withNothingOwn } from './mcp-entry.ts'

/** Creates the edit of an instruction file. Agents read the block in every session, so it is short. */
export const instructions = (path: string, agent: string): Part => ({
  path,
  put: (text, surroundings) =>
    pipe(putSection(text, markdownComment, sectionText(surroundings), agent), E.map(withNothingOwn)),
  remove: text => removeSection(text, markdownComment, agent),
})

/** The text of the block, without its markers. */
const sectionText = ({ command, namedDir }: Surroundings): string => {
  const claimlog = command.words.map(shellQuote).join(' ')
  const dir = namedDir === undefined ? '' : ` --dir ${shellQuote(namedDir)}`
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
