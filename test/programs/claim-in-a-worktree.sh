#!/bin/sh
# A worker in a worktree that git removes and adds again:
#   claim-in-a-worktree.sh <claimlog.cjs> <worktree> <worker> <finished>
# Exits when no task is ready and the file <finished> exists. Prints any unexpected result and exits with 1.
claimlog() { node "$CLAIMLOG" "$@"; }
CLAIMLOG=$1 worktree=$2 worker=$3 finished=$4

# Exit code 2 means that the worktree is missing or incomplete at the moment.
in_worktree() {
  while :; do
    cd "$worktree" 2>/dev/null || { sleep 0.05; continue; }
    answer=$(claimlog "$@" 2>&1)
    status=$?
    [ $status -eq 2 ] || return $status
    case $answer in *no_workspace*) sleep 0.05 ;; *) return 2 ;; esac
  done
}

while :; do
  isLast=
  [ -e "$finished" ] && isLast=yes
  in_worktree claim "$worker" "$worker" docs
  status=$?
  if [ $status -eq 3 ]; then
    [ -n "$isLast" ] && exit 0
    sleep 0.05
    continue
  fi
  [ $status -eq 0 ] || { echo "claim: exit $status: $answer"; exit 1; }
  id=$(echo "$answer" | sed -n 's/^    "id": "\(.*\)",*$/\1/p' | head -n 1)
  token=$(echo "$answer" | sed -n 's/^    "token": \([0-9]*\),*$/\1/p')
  in_worktree complete "$worker" "$id" --token "$token" --result "{\"token\":$token}" || {
    echo "complete $id: exit $?: $answer"
    exit 1
  }
done
