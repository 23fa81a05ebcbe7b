#!/usr/bin/env bash
# Writes both lock files anew from pyproject.toml and test.in. Needs `uv` on the PATH.
set -euo pipefail
cd "$(dirname "$0")/../.."
flags=(--universal --python-version 3.11 --generate-hashes --no-header --quiet)
uv pip compile pyproject.toml "${flags[@]}" -o packaging/lock/runtime.txt
uv pip compile packaging/lock/test.in -c packaging/lock/runtime.txt "${flags[@]}" -o packaging/lock/test.txt
