#!/bin/sh
# Asks the public API for the newest decided round of an akimat, downloads its bundle, compares the digest and works the
# distribution out again. Needs curl and Python 3.11; no token, no account.
#
#   sh check_round.sh https://kezek.example 271010000
set -eu
address=$1
akimat=$2
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

curl -fsS "$address/api/v1/rounds/?akimat=$akimat&state=DECIDED&limit=1" >"$folder/rounds.json"
round=$(python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["results"][0]["id"])' "$folder/rounds.json")

curl -fsS "$address/api/v1/rounds/$round/" >"$folder/round.json"
told=$(python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["bundle_sha256"]["PUBLIC"])' "$folder/round.json")

curl -fsS "$address/kk/rounds/$round/bundle.zip" >"$folder/bundle.zip"
found=$(sha256sum "$folder/bundle.zip" | cut -d ' ' -f 1)
[ "$told" = "$found" ] || { echo "the bundle has another digest: $found" >&2; exit 1; }

python3 -I "$folder/bundle.zip"
