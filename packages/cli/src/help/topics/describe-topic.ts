import type { Command } from 'commander'
import type { Topic } from '../topics.ts'
import { toEnvironmentSections, toEnvironmentView } from './environment-topic.ts'
import { toExitCodesSections, toExitCodesView } from './exit-codes-topic.ts'
import { toLogFormatSections, toLogFormatView } from './log-format-topic.ts'
import type { HelpSection } from '../section.ts'

/** The content of a topic, as JSON and as sections for people. */
type TopicContent = { readonly json: unknown; readonly sections: ReadonlyArray<HelpSection> }

/** The content of `topic`, for `program` with all its commands. */
export const describeTopic = (topic: Topic, program: Command): TopicContent => {
  switch (topic) {
    case 'exit-codes':
      return toContent(toExitCodesView(), toExitCodesSections)
    case 'environment':
      return toContent(toEnvironmentView(program), toEnvironmentSections)
    case 'log-format':
      return toContent(toLogFormatView(), toLogFormatSections)
  }
}

const toContent = <A>(json: A, sections: (view: A) => ReadonlyArray<HelpSection>): TopicContent => ({
  json,
  sections: sections(json),
})
