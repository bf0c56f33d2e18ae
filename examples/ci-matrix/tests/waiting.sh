#!/bin/sh
# Stands for a test of waiting.
set -eu
echo "waiting works"
