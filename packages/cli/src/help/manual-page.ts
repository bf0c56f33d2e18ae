import type { Command } from 'commander'
import { type Topic, topics } from './topics.ts'
import type { CommandView, FlagView } from '@claimlog/wire'
import { toReferenceView } from './reference.ts'
import type { HelpEntry, HelpSection } from './section.ts'
import { toSentence } from '../output/output.ts'
import { describeTopic } from './topics/describe-topic.ts'

/** The manual page of `program` with all its commands, in roff. */
export const renderManualPage = (program: Command, version: string): string => {
  const { about, examples, commands, flags } = toReferenceView(program)
  const topicSections = (Object.keys(topics) as ReadonlyArray<Topic>).flatMap(
    topic => describeTopic(topic, program).sections,
  )
  return [
    `.TH CLAIMLOG 1 "" "claimlog ${version}"`,
    ...renderHeading('Name'),
    `claimlog \\- ${escapeText(about.replace(/\.$/, '').replace(/^./, first => first.toLowerCase()))}`,
    ...renderHeading('Synopsis'),
    '.nf',
    ...commands.map(({ usage }) => escapeText(usage)),
    '.fi',
    ...renderHeading('Examples'),
    ...renderExample(examples),
    ...renderHeading('Commands'),
    ...commands.flatMap(renderCommand),
    ...renderHeading('Options of every command'),
    ...flags.flatMap(flag => renderEntry(toFlagEntry(flag))),
    ...topicSections.flatMap(renderSection),
    '',
  ].join('\n')
}

const renderCommand = ({
  name,
  usage,
  about,
  arguments: operands,
  flags,
  examples,
  notes,
  prints,
}: CommandView): ReadonlyArray<string> => [
  `.SS ${escapeText(name)}`,
  '.nf',
  escapeText(usage),
  '.fi',
  '.PP',
  escapeText(toSentence(about)),
  ...operands.flatMap(({ term, about: meaning, ...values }) =>
    meaning === undefined ? [] : renderEntry([term, `${meaning}${formatValues(values)}`]),
  ),
  ...flags
    .filter(({ flags: flagText }) => !flagText.includes('--help'))
    .flatMap(flag => renderEntry(toFlagEntry(flag))),
  ...notes.flatMap(note => ['.PP', escapeText(note)]),
  '.PP',
  escapeText(`Prints: ${prints}`),
  ...renderExample(examples),
]

const toFlagEntry = ({ flags, about, ...values }: FlagView): HelpEntry => [flags, `${about}${formatValues(values)}`]

/** The values of an argument or a flag, in parentheses. */
const formatValues = ({
  choices,
  default: defaultText,
  variable,
}: Pick<FlagView, 'choices' | 'default' | 'variable'>): string => {
  const more = [
    ...(choices === undefined ? [] : [`one of ${choices.join(', ')}`]),
    ...(defaultText === undefined ? [] : [`default: ${defaultText}`]),
    ...(variable === undefined ? [] : [`env: ${variable}`]),
  ]
  return more.length === 0 ? '' : ` (${more.join('; ')})`
}

const renderSection = ({ title, prose, entries }: HelpSection): ReadonlyArray<string> => [
  ...renderHeading(title),
  ...prose.flatMap(paragraph => ['.PP', escapeText(paragraph)]),
  ...entries.flatMap(renderEntry),
]

const renderHeading = (title: string): ReadonlyArray<string> => [`.SH ${escapeText(title.toUpperCase())}`]

const renderEntry = ([term, about]: HelpEntry): ReadonlyArray<string> => [
  '.TP',
  `.B ${escapeText(term)}`,
  escapeText(about),
]

const renderExample = (lines: ReadonlyArray<string>): ReadonlyArray<string> =>
  lines.length === 0 ? [] : ['.PP', '.RS', '.nf', ...lines.map(escapeText), '.fi', '.RE']

/** Escapes text for roff: a dash can be copied, and a dot or a quote at the beginning is not a request. */
const escapeText = (plain: string): string =>
  plain
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll("'", '\\(aq')
    .replaceAll('"', '\\(dq')
    .replace(
      /[^ -~]/gu,
      character => `\\[u${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}]`,
    )
    .replace(/^\./, '\\&.')
