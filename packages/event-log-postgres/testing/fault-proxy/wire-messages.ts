/** A message of PostgreSQL's protocol. The first one of a client has no type. */
export type WireMessage = { readonly type: string; readonly bytes: Buffer }

/** Codes in place of a protocol version, by which a client asks for encryption before it starts. */
const encryptionRequests = new Set([80877103, 80877104])

/** True if the server must answer this with one byte before the client starts. */
export const asksForEncryption = ({ type, bytes }: WireMessage): boolean =>
  type === '' && bytes.length === 8 && encryptionRequests.has(bytes.readInt32BE(4))

/** Cuts a stream into messages. `isTyped` is asked before each message: a client's start has no type byte. */
export const splitMessages = (
  isTyped: () => boolean,
  onMessage: (message: WireMessage) => void,
): ((chunk: Buffer) => void) => {
  let rest = Buffer.alloc(0)
  return chunk => {
    rest = Buffer.concat([rest, chunk])
    for (;;) {
      const typeBytes = isTyped() ? 1 : 0
      if (rest.length < typeBytes + 4) return
      const end = typeBytes + rest.readInt32BE(typeBytes)
      if (rest.length < end) return
      const bytes = rest.subarray(0, end)
      rest = rest.subarray(end)
      onMessage({ type: bytes.toString('latin1', 0, typeBytes), bytes })
    }
  }
}

/** Everything that a client sends up to the end of a simple query or to a Sync. The server answers it as one. */
export type ProxiedRequest = {
  /** The number of the connection, from 1. */
  readonly connection: number
  /** The text of the query; of a prepared statement too, if it was prepared on this connection. */
  readonly text: string
  readonly bytes: Buffer
}

/** Messages that wait for the Sync behind them: Parse, Bind, Describe, Execute, Close. */
const parts = new Set(['P', 'B', 'D', 'E', 'C'])
/** A simple query, a Sync and a function call, which the server answers with ReadyForQuery. */
const ends = new Set(['Q', 'S', 'F'])

/** Collects the messages of a client into requests; passes on other messages, such as those of COPY, as they are. */
export const collectRequests = (
  connection: number,
  onRequest: (request: ProxiedRequest) => void,
  onOther: (bytes: Buffer) => void,
): ((message: WireMessage) => void) => {
  const statements = new Map<string, string>()
  let messages: ReadonlyArray<WireMessage> = []
  return message => {
    messages = [...messages, message]
    if (parts.has(message.type)) return
    const bytes = Buffer.concat(messages.map(part => part.bytes))
    const texts = messages.map(part => readText(part, statements)).filter(text => text !== '')
    messages = []
    if (ends.has(message.type)) onRequest({ connection, text: [...new Set(texts)].join('; '), bytes })
    else onOther(bytes)
  }
}

/** The text that a message sends or, for a Bind, names. */
const readText = ({ type, bytes }: WireMessage, statements: Map<string, string>): string => {
  const readString = (start: number): string => bytes.toString('utf8', start, bytes.indexOf(0, start))
  if (type === 'Q') return readString(5)
  if (type !== 'P' && type !== 'B') return ''
  const first = readString(5)
  const second = readString(5 + Buffer.byteLength(first) + 1)
  // A Parse has the name of the statement and its text, a Bind the names of the portal and of the statement.
  if (type === 'B') return statements.get(second) ?? ''
  statements.set(first, second)
  return second
}
