#!/bin/sh
# Creates a repository, a workspace, and one task per file in changes/.
set -eu
cd "$(dirname "$0")"

git init --quiet --bare --initial-branch=main project.git
# The agents' git identity, in this repository only.
git --git-dir=project.git config user.name 'an agent'
git --git-dir=project.git config user.email agent@example.org
first=$(git --git-dir=project.git commit-tree -m 'an empty project' "$(git --git-dir=project.git mktree </dev/null)")
git --git-dir=project.git update-ref refs/heads/main "$first"

claimlog init >opened.json
for file in changes/*.txt; do
  printf '{"kind": "change", "task_id": "%s", "max_attempts": 5, "backoff": {"first_ms": 500, "max_ms": 5000}}\n' \
    "$(basename "$file" .txt)"
done | claimlog add - >added.json
