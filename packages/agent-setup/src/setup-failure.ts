/** The reason why an agent was not configured, or its configuration not removed. Nothing was changed. */
export type SetupFailure =
  | { readonly usage: 'bad_input'; readonly detail: string; readonly hint: string }
  | { readonly usage: 'file_not_written'; readonly path: string; readonly detail: string }
