/** Why an agent is not set up, or what was set up is not taken away: nothing was changed. */
export type SetupProblem =
  | { readonly usage: 'bad_input'; readonly detail: string; readonly mend: string }
  | { readonly usage: 'file_not_written'; readonly path: string; readonly detail: string }
