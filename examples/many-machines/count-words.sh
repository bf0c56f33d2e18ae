#!/bin/sh
# One task, which arrives as JSON on stdin: counts the words of its payload. The result goes to a file.
set -eu

node -p 'JSON.parse(require("fs").readFileSync(0, "utf8")).payload.split(" ").length' > "$CLAIMLOG_RESULT"
