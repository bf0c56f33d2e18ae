import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { shellQuote } from '@claimlog/messages'
import type { Part, Surroundings } from './agent.ts'
import { markdownComment, putSection, removeSection } from './marked-section.ts'
import { withNothingOwn } from './mcp-entry.ts'

/** The section of a file that an agent reads with every session: short, as it costs with every turn. */
export const instructions = (path: string, agent: string): Part => ({
  path,
  put: (text, surroundings) =>
    pipe(putSection(text, markdownComment, sectionText(surroundings), agent), E.map(withNothingOwn)),
  remove: text => removeSection(text, markdownComment, agent),
})

/** What the section says, without its marks. */
const sectionText = ({ command, namedDir }: Surroundings): string => {
  const claimlog = command.words.map(shellQuote).join(' ')
  const dir = namedDir === undefined ? '' : ` --dir ${shellQuote(namedDir)}`
  return [
    '## Tasks',
    '',
    'The tasks of this project are in a claimlog queue, which several agents may work on at once; none is handed out twice.',
    '',
    `- When you begin, and after your context was compacted, run \`${claimlog} prime${dir}\`: it tells what you hold, what is ready, and the commands.`,
    '- Claim a task before you work on it (MCP tool `claim_task`), and complete, fail or release it before you end.',
    '- Add what you find on the way as tasks (`add_tasks`), not as notes in files.',
  ].join('\n')
}
