#!/usr/bin/env bash
# Prints the version of the package, from Cargo.toml.
set -euo pipefail
cd "$(dirname "$0")/.."
sed -n '/^\[package\]/,/^\[/s/^version = "\(.*\)"$/\1/p' Cargo.toml
