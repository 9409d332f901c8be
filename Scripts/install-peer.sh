#!/bin/sh
# The real BullMQ (its Python package) in a virtual environment: what the tests compare us with.
set -eu
cd "$(dirname "$0")/.."

version=3.4.4
if .venv-peer/bin/python -c "from importlib.metadata import version; assert version('bullmq') == '$version'" 2>/dev/null; then
  exit 0
fi
echo "installing bullmq $version into .venv-peer" >&2
python3 -m venv .venv-peer
.venv-peer/bin/pip install --quiet --disable-pip-version-check "bullmq==$version" redis
