#!/bin/sh
# Stands for a test of settling.
set -eu
echo "settling works"
