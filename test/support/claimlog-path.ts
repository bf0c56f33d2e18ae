import { fileURLToPath } from 'node:url'

/** The built command line, as it is installed. */
export const claimlogPath = fileURLToPath(new URL('../../packages/claimlog/bin/claimlog.cjs', import.meta.url))
