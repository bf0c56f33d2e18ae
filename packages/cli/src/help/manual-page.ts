import type { Command } from 'commander'
import { type Topic, topics } from './topics.ts'
import type { CommandView, FlagView } from '@claimlog/wire'
import { referenceView } from './reference.ts'
import type { Entry, Section } from './section.ts'
import { tellOf } from './topic.ts'

/** The manual page of `program` with all its commands, in roff. */
export const manualPage = (program: Command, version: string): string => {
  const { about, examples, commands, flags } = referenceView(program)
  const told = (Object.keys(topics) as ReadonlyArray<Topic>).flatMap(topic => tellOf(topic, program).sections)
  return [
    `.TH CLAIMLOG 1 "" "claimlog ${version}"`,
    ...heading('Name'),
    `claimlog \\- ${text(about.replace(/\.$/, '').replace(/^./, first => first.toLowerCase()))}`,
    ...heading('Synopsis'),
    '.nf',
    ...commands.map(({ usage }) => text(usage)),
    '.fi',
    ...heading('Examples'),
    ...example(examples),
    ...heading('Commands'),
    ...commands.flatMap(commandPart),
    ...heading('Options of every command'),
    ...flags.flatMap(flag => entry(flagEntry(flag))),
    ...told.flatMap(sectionPart),
    '',
  ].join('\n')
}

const commandPart = ({
  name,
  usage,
  about,
  arguments: operands,
  flags,
  examples,
}: CommandView): ReadonlyArray<string> => [
  `.SS ${text(name)}`,
  '.nf',
  text(usage),
  '.fi',
  '.PP',
  text(sentence(about)),
  ...operands.flatMap(({ term, about: meaning, choices }) =>
    meaning === undefined ? [] : entry([term, `${meaning}${choices === undefined ? '' : `: ${choices.join(', ')}`}`]),
  ),
  ...flags.filter(({ flags: written }) => !written.includes('--help')).flatMap(flag => entry(flagEntry(flag))),
  ...example(examples),
]

const flagEntry = ({ flags, about, choices, default: byDefault, variable }: FlagView): Entry => {
  const more = [
    ...(choices === undefined ? [] : [`one of ${choices.join(', ')}`]),
    ...(byDefault === undefined ? [] : [`default: ${byDefault}`]),
    ...(variable === undefined ? [] : [`env: ${variable}`]),
  ]
  return [flags, more.length === 0 ? about : `${about} (${more.join('; ')})`]
}

const sectionPart = ({ title, prose, entries }: Section): ReadonlyArray<string> => [
  ...heading(title),
  ...prose.flatMap(paragraph => ['.PP', text(paragraph)]),
  ...entries.flatMap(entry),
]

const heading = (title: string): ReadonlyArray<string> => [`.SH ${text(title.toUpperCase())}`]

const entry = ([term, about]: Entry): ReadonlyArray<string> => ['.TP', `.B ${text(term)}`, text(about)]

const example = (lines: ReadonlyArray<string>): ReadonlyArray<string> =>
  lines.length === 0 ? [] : ['.PP', '.RS', '.nf', ...lines.map(text), '.fi', '.RE']

const sentence = (words: string): string => `${words.charAt(0).toUpperCase()}${words.slice(1)}.`

/** Escapes text for roff: a dash can be copied, and a dot or a quote at the beginning is not a request. */
const text = (plain: string): string =>
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
