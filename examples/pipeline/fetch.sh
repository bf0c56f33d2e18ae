#!/bin/sh
# Fetches a page. Here it copies a file; a real one would use curl.
set -eu
name=${1#fetch-}

mkdir -p fetched
cp "pages/$name.txt" "fetched/$name.txt"
