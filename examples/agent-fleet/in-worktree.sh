#!/bin/sh
# Runs an agent for one change, in the worker's own worktree, and pushes its commits to main.
# A conflict with another agent's change fails the attempt; the next attempt starts from the new main.
set -eu
change=$1
agent=${AGENT:-$PWD/fake-agent}
prompt=$(cat "changes/$change.txt")
tree=trees/$CLAIMLOG_WORKER

[ -e "$tree/.git" ] || git --git-dir=project.git worktree add --quiet --force --detach "$tree" main
cd "$tree"
# Clean up after an attempt that was killed.
git rebase --abort 2>/dev/null || true
# By its hash: if main moved between git's two look-ups of the name, the commit would undo the changes in between.
git checkout --quiet --force -B "change/$change" "$(git rev-parse main)"
git clean -dfq

# An earlier attempt may have pushed to main and died before it could report that.
made=$(git log main --grep "^Change: $change\$" --format=%H)
if [ -n "$made" ]; then
  echo "$made" >"$CLAIMLOG_RESULT"
  exit 0
fi

claimlog renew --progress '"running the agent"' >/dev/null
"$agent" "$prompt"
git commit --quiet --amend --no-edit --trailer "Change: $change"

for _ in 1 2 3 4 5; do
  if ! git rebase --quiet "$(git rev-parse main)" >/dev/null 2>&1; then
    git rebase --abort
    echo "$change conflicts with a change on main" >&2
    exit 1
  fi
  # If the claim is lost, this is refused and the script ends: another agent has the change.
  claimlog renew --progress '"pushing to main"' >/dev/null
  # Git refuses the push if main has moved since the rebase.
  if git push --quiet . HEAD:main 2>/dev/null; then
    git rev-parse HEAD >"$CLAIMLOG_RESULT"
    exit 0
  fi
done
echo 'main moved at every try; releasing the task' >&2
exit 75
