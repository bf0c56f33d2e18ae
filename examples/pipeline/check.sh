#!/bin/sh
# Checks a fetched page. The last line on stderr becomes the task's error.
set -eu
name=${1#check-}

if grep TODO "fetched/$name.txt" >&2; then exit 1; fi
printf '{"words": %d}\n' "$(wc -w <"fetched/$name.txt")" >"$CLAIMLOG_RESULT"
