import type { TaskView } from '@claimlog/wire'

/**
 * Replaces `{id}` and `{kind}` in the arguments; anything else in braces stays. The inserted values are not expanded
 * again, and no shell interprets them.
 */
export const expandArguments = (args: ReadonlyArray<string>, { id, kind }: TaskView): ReadonlyArray<string> =>
  args.map(arg => arg.replace(/\{(id|kind)\}/g, (_, name) => (name === 'id' ? id : kind)))
