/** What `claimlog help` tells beside commander's own. A bundle of its own: only that command needs it. */
export { commandView, referenceView } from './reference.ts'
export { sectionsText } from './sections-text.ts'
export { tellOf } from './topic.ts'
