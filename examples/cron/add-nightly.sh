#!/bin/sh
# Adds tonight's tasks. If the key exists, nothing is added: one task per day, however often cron runs this.
set -eu
day=${DAY:-$(date +%Y-%m-%d)}

# Cron mails the output, so print refusals only.
add() { answer=$(claimlog add "$@") || { echo "$answer" >&2; exit 1; }; }

add backup "backup-$day" --key "backup-$day"
add report "report-$day" --key "report-$day" --needs "backup-$day"
