#!/bin/sh
# Adds tonight's tasks. Under a key that is there already nothing is added: as often as cron may fire, there is one a day.
set -eu
day=${DAY:-$(date +%Y-%m-%d)}

# Cron mails what is printed; only a refusal is worth it.
add() { answer=$(claimlog add "$@") || { echo "$answer" >&2; exit 1; }; }

add backup "backup-$day" --key "backup-$day"
add report "report-$day" --key "report-$day" --needs "backup-$day"
