/**
 * Masks values that differ from run to run: times, durations, ids, hashes.
 * @param {string} output
 */
const maskVolatile = output =>
  output
    .replace(/\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d+)?Z)?/g, 'TIME')
    .replace(/\b\d\d:\d\d:\d\d(\.\d{3})?\b/g, 'TIME')
    .replace(/\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, 'UUID')
    .replace(/\b[0-9a-f]{7,64}\b/g, 'HASH')
    .replace(/\btmp\.\w{6,}/g, 'TMP')
    .replace(/(\bpid"?:? )\d+/g, '$1PID')
    .replace(/(_ms": )\d+/g, '$1DURATION')
    .replace(/\b\d+(\.\d+)? ?(ms|s|m|h)( \d+s)?\b/g, 'DURATION')
    // A step that takes less than a millisecond is left out.
    .replace(/^ +(waited|ran|was on hold) DURATION\n/gm, '')
    // The width of a column or a bar depends on durations.
    .replace(/[░█▒┄]+/g, 'BAR')
    .replace(/ {2,}/g, '  ')
    .replace(/ +$/gm, '')
    .replace(/\n+$/, '\n')

/**
 * True if a command starts a process in the background.
 * @param {string} command
 */
const isConcurrent = command => /(^|[^&>|\\])&(?![&>\d-])/.test(command)

/**
 * Masks what may differ between two runs of a command. Lines of processes that run at the same time have no order, and
 * the numbers of their events vary.
 * @param {{ command: string, interchangeable?: string[] }} step
 * @param {string} output
 */
export const maskOutput = ({ command, interchangeable = [] }, output) => {
  const masked = interchangeable.reduce(
    (text, name) => text.replace(new RegExp(`\\b${name}\\b`, 'g'), 'NAME'),
    maskVolatile(output),
  )
  if (!isConcurrent(command)) return masked
  const lines = masked.replace(/(\b(?:token|seq)"?:? )\d+/g, '$1N').split('\n')
  return lines.sort().join('\n')
}
