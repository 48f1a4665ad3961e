#!/bin/sh
# Installs the peers beside this file, in versions that are pinned: 400 MB in .venv, and nothing else on the machine.
#
#   bench/peers/setup.sh [PYTHON]
set -eu
folder=$(cd "$(dirname "$0")" && pwd)
"${1:-python3}" -m venv "$folder/.venv"
"$folder/.venv/bin/pip" install --quiet --no-deps --requirement "$folder/requirements.txt"
"$folder/.venv/bin/python" -W ignore -m unittest discover "$folder"
