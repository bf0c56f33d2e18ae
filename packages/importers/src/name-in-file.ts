/** Formats the path of a value in an imported file for messages: `task 3: status`, counted from 1. */
export const nameInFile = ([list = '', index, ...field]: ReadonlyArray<string>): string => {
  const one = list === 'tasks' ? 'task' : list === 'claims' ? 'claim' : undefined
  if (one === undefined || index === undefined) return [list, index, ...field].filter(Boolean).join('.')
  return `${one} ${Number(index) + 1}${field.length === 0 ? '' : `: ${field.join('.')}`}`
}
