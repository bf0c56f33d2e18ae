#!/bin/sh
# Has an agent make one change, in a worktree of the worker's own, and puts the commits onto main.
# A conflict with what others did meanwhile fails the attempt; the next one starts from the new main.
set -eu
change=$1
agent=${AGENT:-$PWD/fake-agent}
prompt=$(cat "changes/$change.txt")
tree=trees/$CLAIMLOG_WORKER

[ -e "$tree/.git" ] || git --git-dir=project.git worktree add --quiet --force --detach "$tree" main
cd "$tree"
# What an attempt that was stopped left behind is cleared away.
git rebase --abort 2>/dev/null || true
# By its hash: where main moves on while git looks its name up twice, a commit would undo what came in between.
git checkout --quiet --force -B "change/$change" "$(git rev-parse main)"
git clean -dfq

# An attempt may have got as far as main and died before it could say so.
made=$(git log main --grep "^Change: $change\$" --format=%H)
if [ -n "$made" ]; then
  echo "$made" >"$CLAIMLOG_RESULT"
  exit 0
fi

claimlog renew --progress '"the agent works"' >/dev/null
"$agent" "$prompt"
git commit --quiet --amend --no-edit --trailer "Change: $change"

for _ in 1 2 3 4 5; do
  if ! git rebase --quiet "$(git rev-parse main)" >/dev/null 2>&1; then
    git rebase --abort
    echo "$change conflicts with what others did meanwhile" >&2
    exit 1
  fi
  # Refused, and this ends here, where the claim is lost: the change is another agent's by now.
  claimlog renew --progress '"onto main"' >/dev/null
  # Refused where main has moved on since the rebase.
  if git push --quiet . HEAD:main 2>/dev/null; then
    git rev-parse HEAD >"$CLAIMLOG_RESULT"
    exit 0
  fi
done
echo 'main moved on each time; later' >&2
exit 75
