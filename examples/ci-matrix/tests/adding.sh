#!/bin/sh
# Stands for a test of adding.
set -eu
echo "adding works"
