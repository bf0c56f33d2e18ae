// docs/reference/library: the API of the library, one page per entry, from its published types.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import GithubSlugger from 'github-slugger'
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
  listMethodsOnce(project)
  const folder = mkdtempSync(join(tmpdir(), 'claimlog-library-'))
  try {
    await app.outputs.writeOutput({ name: 'markdown', path: folder }, project)
    const rendered = entries.map(entry => ({ ...entry, text: readFileSync(join(folder, entry.page), 'utf8') }))
    const anchors = Object.fromEntries(rendered.map(({ page, text }) => [page, listAnchors(text)]))
    const pages = rendered.map(({ page, title, text }) => [
      `library/${page}`,
      `${generatedNote}\n\n${excludeExamples(unlink(correctAnchors(page, sortUnions(text), anchors))).replace(/^# .*/, `# ${title}`)}`,
    ])
    return [['library/README.md', renderIndex()], ...pages]
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Leaves the methods out of `QueueMethods`: both types of queues that have them list them with their results. */
const listMethodsOnce = project => {
  for (const property of project.getReflectionsByKind(ReflectionKind.Property))
    if (property.inheritedFrom?.name.startsWith('QueueMethods.')) delete property.inheritedFrom
  const queueMethods = project
    .getReflectionsByKind(ReflectionKind.Interface)
    .find(({ name }) => name === 'QueueMethods')
  for (const method of [...queueMethods.children]) project.removeReflection(method)
  delete queueMethods.groups
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

/**
 * Sorts the members of unions of strings: the compiler returns them in the order in which it met them, which depends on
 * the files that it read before.
 */
const sortUnions = page =>
  page.replace(/`"[^"`]*"`(?: \\\| `"[^"`]*"`)+/g, union => union.split(' \\| ').sort().join(' \\| '))

/** Marks the examples, which are parts of programs, for the test that runs the blocks of pages. */
const excludeExamples = page => page.replace(/^(?=```(?:ts|js)$)/gm, '<!-- not run: part of a program -->\n')

/** Replaces links to constants of the rules, which are not part of the library, by their names. */
const unlink = page => page.replace(/\[`?(\w+)`?\]\(#\)/g, '`$1`')

/** The anchors of the exports that a page describes, by name. */
const listAnchors = page => {
  const slugger = new GithubSlugger()
  const headings = [...page.matchAll(/^(#+) (.*)$/gm)].map(([, marks, heading]) => {
    const name = heading.replace(/`|\\|\(\)$/g, '')
    return { name, anchor: slugger.slug(heading.replaceAll('`', '')), isExport: marks === '###' }
  })
  return new Map(headings.filter(({ isExport }) => isExport).map(({ name, anchor }) => [name, anchor]))
}

/**
 * Corrects links to exports: the generator numbers anchors by other headings, some of which it then leaves out, and
 * regardless of their order.
 */
const correctAnchors = (name, page, anchors) =>
  page.replace(/\[`(\w+)`\]\(([\w-]+\.md)?#[\w-]+\)/g, (link, text, target = '') => {
    const anchor = anchors[target === '' ? name : target].get(text)
    return anchor === undefined ? link : `[\`${text}\`](${target}#${anchor})`
  })
