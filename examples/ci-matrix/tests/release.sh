#!/bin/sh
# A placeholder for a test of releasing.
set -eu
echo "releasing works"
