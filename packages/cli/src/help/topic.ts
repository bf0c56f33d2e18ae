import type { Command } from 'commander'
import type { Topic } from './topics.ts'
import { environmentSections, environmentView } from './environment-topic.ts'
import { exitCodesSections, exitCodesView } from './exit-codes-topic.ts'
import { logFormatSections, logFormatView } from './log-format-topic.ts'
import type { Section } from './section.ts'

/** The content of a topic, as JSON and as sections for people. */
type Told = { readonly json: unknown; readonly sections: ReadonlyArray<Section> }

/** The content of `topic`, for `program` with all its commands. */
export const tellOf = (topic: Topic, program: Command): Told => {
  switch (topic) {
    case 'exit-codes':
      return toldBy(exitCodesView(), exitCodesSections)
    case 'environment':
      return toldBy(environmentView(program), environmentSections)
    case 'log-format':
      return toldBy(logFormatView(), logFormatSections)
  }
}

const toldBy = <A>(json: A, sections: (view: A) => ReadonlyArray<Section>): Told => ({ json, sections: sections(json) })
