import type { TaskView } from '@claimlog/wire'

/**
 * The arguments for `task`: `{id}` and `{kind}` are replaced, anything else in braces stays. What is put in is not looked
 * at again, whatever an id contains; and no shell reads it.
 */
export const argumentsFor = (args: ReadonlyArray<string>, { id, kind }: TaskView): ReadonlyArray<string> =>
  args.map(arg => arg.replace(/\{(id|kind)\}/g, (_, name) => (name === 'id' ? id : kind)))
