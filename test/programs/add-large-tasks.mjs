// Adds argv[3] tasks of a kilobyte each to the workspace in argv[2], and closes it. argv[4]: the runtime that it
// imitates.
const runtimes = {
  electron: { versions: { ...process.versions, electron: '39.0.0' } },
  'no child processes': { permission: { has: permission => permission !== 'child' } },
}

const addTasks = async (dir, count, runtime) => {
  for (const [name, value] of Object.entries(runtimes[runtime] ?? {})) Object.defineProperty(process, name, { value })
  const { open } = await import('claimlog')
  const queue = await open({ dir })
  const payload = 'x'.repeat(1000)
  await queue.addMany(Array.from({ length: count }, () => ({ kind: 'docs', payload })))
  await queue.close()
}

void addTasks(process.argv[2], Number(process.argv[3]), process.argv[4])
