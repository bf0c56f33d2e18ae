const units = ['KiB', 'MiB', 'GiB', 'TiB'] as const

/** A size as people say it: `512 bytes`, `1.5 MiB`. */
export const formatBytes = (bytes: number): string => {
  if (bytes < 1024) return `${bytes} byte${bytes === 1 ? '' : 's'}`
  const step = Math.min(units.length, Math.floor(Math.log2(bytes) / 10))
  return `${(Math.floor((bytes / 1024 ** step) * 10) / 10).toFixed(1)} ${units[step - 1]}`
}
