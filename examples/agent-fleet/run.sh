#!/bin/sh
# Runs three agents until every change is done or has failed.
set -eu
cd "$(dirname "$0")"

for agent in agent-1 agent-2 agent-3; do
  claimlog work "$agent" change --until-empty --timeout 30m -- ./in-worktree.sh {id} &
done
wait

git --git-dir=project.git log --format='%h %s' main
