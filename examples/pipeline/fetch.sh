#!/bin/sh
# Fetches a page. A copy here; curl in earnest.
set -eu
name=${1#fetch-}

mkdir -p fetched
cp "pages/$name.txt" "fetched/$name.txt"
