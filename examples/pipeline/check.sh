#!/bin/sh
# Checks a page that was fetched. What it prints last to stderr is the error of the task.
set -eu
name=${1#check-}

if grep TODO "fetched/$name.txt" >&2; then exit 1; fi
printf '{"words": %d}\n' "$(wc -w <"fetched/$name.txt")" >"$CLAIMLOG_RESULT"
