/** The help that commander does not print. A separate bundle: only `claimlog help` needs it. */
export { commandView, referenceView } from './reference.ts'
export { sectionsText } from './sections-text.ts'
export { tellOf } from './topic.ts'
