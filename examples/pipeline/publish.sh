#!/bin/sh
# Publishes a page with the result of its check.
set -eu
name=${1#publish-}

words=$(claimlog show "check-$name" --json | sed -n 's/^ *"words": \([0-9]*\).*/\1/p')
mkdir -p site
{
  cat "fetched/$name.txt"
  printf '\n(%s words)\n' "$words"
} >"site/$name.txt"
