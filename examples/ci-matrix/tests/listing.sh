#!/bin/sh
# Stands for a test of listing.
set -eu
echo "listing works"
