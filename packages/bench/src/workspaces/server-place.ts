/** The URL of a queue on a server, like that of a log of claimlog: a database, and the name of the queue in it. */
export const serverPlace = (databaseUrl: string, queueName: string): string => `${databaseUrl}?workspace=${queueName}`

export const isServerPlace = (place: string): boolean => place.startsWith('postgres://')

/** The parts of such a URL, for clients that do not know the name's parameter. */
export const parseServerPlace = (place: string): { readonly connectionString: string; readonly queueName: string } => {
  const url = new URL(place)
  const queueName = url.searchParams.get('workspace') ?? ''
  url.search = ''
  return { connectionString: url.href, queueName }
}
