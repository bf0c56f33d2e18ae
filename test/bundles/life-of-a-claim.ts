/**
 * The files that the numbered steps of a section name between backticks: whole paths, or the end of a path. Undefined
 * if the section does not exist.
 */
export const parseStepFiles = (page: string, heading: string): ReadonlyArray<string> | undefined => {
  const [, section] = page.split(`\n## ${heading}\n`)
  if (section === undefined) return undefined
  const [text = ''] = section.split('\n## ')
  const steps = text.split('\n').filter(line => /^\d+\. |^ {2,}\S/.test(line))
  return steps.flatMap(step => [...step.matchAll(/`([\w./-]+\.ts)`/g)].map(([, path = '']) => path))
}

/** The paths that end in `suffix`; exactly one if the name is unambiguous. */
export const matchPaths = (suffix: string, paths: ReadonlyArray<string>): ReadonlyArray<string> =>
  paths.filter(path => path === suffix || path.endsWith(`/${suffix}`))
