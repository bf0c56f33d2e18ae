/** Formats the path of a value in an imported file for messages: `task 3: status`, counted from 1. */
export const formatPath = ([list = '', index, ...field]: ReadonlyArray<string>): string => {
  const singular = list === 'tasks' ? 'task' : list === 'claims' ? 'claim' : undefined
  if (singular === undefined || index === undefined) return [list, index, ...field].filter(Boolean).join('.')
  return `${singular} ${Number(index) + 1}${field.length === 0 ? '' : `: ${field.join('.')}`}`
}
