/**
 * The words that this repository does not use, each with what to write instead. `docs/glossary.md` defines the words that it
 * does use: one for each concept.
 */
type Replacement = { readonly denied: RegExp; readonly write: string }

/** Second names of the glossary's concepts, in any text. */
export const secondNames: ReadonlyArray<Replacement> = [
  {
    denied: /\blaps(es?|ing)\b|\b(has|have|had|is|are|was|were|leases?|claims?) lapsed\b/i,
    write: 'expired (a lease)',
  },
  {
    denied:
      /\bleases? (that |which )?(has |have |had |is |are |was |were )?(ended|over|used up|ran out|run out|lost)\b/i,
    write: 'expired (a lease)',
  },
  { denied: /\bputs? (it |them |a task |the task |tasks )?(aside|back)\b/i, write: 'on hold, hold removed' },
  { denied: /\b(in|run in|form|forms) (a )?circles?\b|\bcircles? of\b/i, write: 'cycle (of dependencies)' },
  { denied: /\bclaimers?\b/i, write: 'worker, holder' },
  { denied: /\bmend(s|ed|ing)\b|\b(to|not|will|would) mend\b|\bmend (it|the|them|what)\b/i, write: 'fix, hint' },
  { denied: /\bhow-manieth\b/i, write: 'attempt, number' },
  { denied: /\bgiven? the order\b|\bgives? the order\b/i, write: 'issue a command' },
]

/** Phrases that no English-speaking engineer would say. */
export const deniedPhrases: ReadonlyArray<Replacement> = [
  {
    denied: /\b(whoever|whomever|somebody|anybody|nobody)\b/i,
    write: 'the worker, the process, the caller, no process',
  },
  { denied: /\bonce more\b|\banew\b/i, write: 'again' },
  { denied: /\bin vain\b/i, write: 'without success' },
  { denied: /\bwill not do for\b/i, write: 'is not a valid …' },
  { denied: /\b(comes?|came) to (nothing|what|the same|be)\b/i, write: 'is a no-op, results in' },
  { denied: /\b(is|are|was|were|be|been|being) told\b/i, write: 'is notified, is reported, learns' },
  { denied: /\btell(s|ing)? (of|what|how|which|where|whether|why)\b|\btold of\b/i, write: 'report, print, show' },
  {
    denied: /\b(goes|go|went|going|gone) on (to|with|as|from|at|by|until|while)\b/i,
    write: 'continue',
  },
  { denied: /\blet(s|ting)? go of\b/i, write: 'release, close' },
  {
    denied: /\b(gives?|gave|given|giving) (it |them |the task |the claim |a task |a claim )?back\b/i,
    write: 'release',
  },
  { denied: /\b(hands?|handed|handing) (it |them )?on\b/i, write: 'pass' },
  { denied: /\b(takes?|took|taking) the place of\b/i, write: 'replace' },
  { denied: /\bshall\b/i, write: 'must, or the present tense' },
  {
    denied:
      /\b(a|one) (row|line|file|command|tool|event|check) an? (task|event|line|row|command|tool|agent|query|format)\b/i,
    write: 'one row per task',
  },
  { denied: /\b(a|one) (row|line|file|event|command|check) each\b/i, write: 'one row per task' },
  { denied: /\bof (its|their) own accord\b|\bby their own word\b/i, write: 'without being asked' },
  { denied: /\bat hand\b/i, write: 'in memory' },
]

/** Words that are part of no name, as no engineer would search for them, or as the glossary has another word. */
export const deniedNameWords: ReadonlySet<string> = new Set(
  `anew aside asked asker beside claimer crew crews glance lapse lapses luck mends said saying sayings
  somebody speaker standing standings story surroundings tell tells told untold whoever wordings`.split(/\s+/),
)

/** Names of the past, each replaced by a word of the field. */
export const deniedNames: ReadonlySet<string> = new Set(
  `alreadySo Answering Appending asItComes Asker asTakenOver AwaitedView beginningOf Bookmark bothTasks
  concernsNobodyElse deadAmong Decided Deciding Desk doWhatWasLeft draftOf EndOfLog endUnprinted ErrorWord
  firstRoomAt Flaw foldOver Follower ForeignTask foreseeHashing GiveParts goesOn goOnUnread handedOut handOut
  HeardLane heardLanesOf Holding idsWith InTurn inTurnOf isAside isHurried isLapseError isMerePassage isOvertaken
  isUnread isUsedUp keptAtHand lapsesOf layOver letTimePass longestTail longTail LookAt looksBeforeDamaged
  maxAtHand Meant metOthers Moment momentOf mostInATurn mostMoves nobodyWakes NotPlain oneEvent oneRule openPlace
  OrderMoment pastsAt Placed readAfter ReadView Remains roomIn Saying sealOf shortTail Speaker speakerOf Stamp
  stampOf Standing standingAt standingOf standingPlace stepsAside stillAtIt Surroundings syncAnew TableBase
  tableOver TaskDraft toldOfMany toldOfOne turnsOf underLockOf untilAborted untilRead untilTold upTo UsedUp
  usedUpBeside WalkedEvent WantsNext Way whereElseIsTheSame`.split(/\s+/),
)
