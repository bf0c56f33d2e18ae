#!/bin/sh
# Stands for a test of claiming.
set -eu
echo "claiming works"
