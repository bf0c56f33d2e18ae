// docs/reference/library: the API of the library, one page per entry, from its published types.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Application, ReflectionKind } from 'typedoc'
import { generatedNote } from './markdown.mjs'

const configPath = fileURLToPath(new URL('../../../typedoc.config.mjs', import.meta.url))

/** The text of each page, by its path in docs/reference. Fails if an export or a method has no documentation. */
export const renderLibrary = async () => {
  const app = await Application.bootstrapWithPlugins({ options: configPath })
  const project = await app.convert()
  if (project !== undefined) app.validate(project)
  if (project === undefined || app.logger.hasErrors() || app.logger.hasWarnings())
    throw new Error('the documentation of the library is incomplete')
  removeInherited(project)
  const folder = mkdtempSync(join(tmpdir(), 'claimlog-library-'))
  try {
    await app.outputs.writeOutput({ name: 'markdown', path: folder }, project)
    const pages = entries.map(({ page, title }) => [
      `library/${page}`,
      `${generatedNote}\n\n${excludeExamples(unlink(readFileSync(join(folder, page), 'utf8'))).replace(/^# .*/, `# ${title}`)}`,
    ])
    return [['library/README.md', renderIndex()], ...pages]
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** A member is documented where it is declared: the methods of a queue once for both of its styles. */
const removeInherited = project => {
  const all = project.getReflectionsByKind(ReflectionKind.All)
  const inherited = new Set(all.filter(reflection => reflection.inheritedFrom !== undefined))
  inherited.forEach(reflection => project.removeReflection(reflection))
  // Groups are lists of their own.
  for (const reflection of all)
    for (const group of reflection.groups ?? []) group.children = group.children.filter(child => !inherited.has(child))
}

/** The entries of the library, each with its page. */
const entries = [
  { page: 'index.md', title: 'claimlog', about: 'the queue with promises, its types and its errors' },
  { page: 'fp-ts.md', title: 'claimlog/fp-ts', about: 'the same queue with task-eithers' },
  { page: 'import.md', title: 'claimlog/import', about: 'imports tasks from files of other tools' },
]

const renderIndex = () =>
  [
    generatedNote,
    '',
    '# Library',
    '',
    'The API of each entry of the package, from its published types. [The guide](../../guides/library.md) shows how to use it.',
    '',
    ...entries.map(({ page, title, about }) => `- [\`${title}\`](${page}): ${about}`),
    '',
  ].join('\n')

/** Marks the examples, which are parts of programs, for the test that runs the blocks of pages. */
const excludeExamples = page => page.replace(/^(?=```(?:ts|js)$)/gm, '<!-- not run: part of a program -->\n')

/** Replaces links to constants of the rules, which are not part of the library, by their names. */
const unlink = page => page.replace(/\[`?(\w+)`?\]\(#\)/g, '`$1`')
