#!/usr/bin/env bash
# Third-party browser files and test tools from npm, exactly as package-lock.json pins them. Does nothing when
# node_modules was made from the same lock file.
. "$(dirname "$0")/lib.sh"

if [ ! -f package-lock.json ]; then
  say "no package-lock.json: nothing to install from npm"
  exit 0
fi
lock=$(sha256sum package-lock.json | cut -d ' ' -f 1)
stamp=node_modules/.baokao-lock
if [ "$(cat "$stamp" 2>/dev/null || true)" = "$lock" ]; then
  exit 0
fi
say "npm ci"
PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm ci --no-audit --no-fund --prefer-offline --loglevel=error </dev/null
printf '%s\n' "$lock" >"$stamp"
