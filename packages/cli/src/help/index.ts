/** The help that commander does not print. A separate bundle: only `claimlog help` needs it. */
export { toCommandView, toReferenceView } from './reference.ts'
export { formatSections } from './format-sections.ts'
export { describeTopic } from './topics/describe-topic.ts'
