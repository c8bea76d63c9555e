#!/bin/sh
# Bundle preact, htm and @preact/signals into ui.js, from the versions in versions.txt.
#     sh make.sh            the recorded versions
#     sh make.sh --newest   the newest ones, which it records
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
printf '{"private": true}' > package.json
names="preact htm @preact/signals @preact/signals-core esbuild"
if [ "${1:-}" = --newest ]; then
  npm install --no-audit --no-fund --silent $names
else
  npm install --no-audit --no-fund --silent $(sed 's/ /@/' "$here/versions.txt")
fi
cat > ui.js <<'JS'
import { h } from "preact";
import htm from "htm";
export { h, render, Fragment, createContext } from "preact";
export { useCallback, useContext, useEffect, useId, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
export { batch, computed, effect, signal, untracked, useComputed, useSignal, useSignalEffect } from "@preact/signals";
export const html = htm.bind(h);
JS
for name in $names; do
  echo "$name $(node -p "require('./node_modules/$name/package.json').version")"
done > versions.txt
banner="/* $(sed '/esbuild/d' versions.txt | paste -sd, | sed 's/,/, /g'). Licences beside this file; made by make.sh. */"
node_modules/.bin/esbuild ui.js --bundle --minify --format=esm --target=es2022 --legal-comments=none \
  --banner:js="$banner" --outfile=out.js --log-level=warning
cp out.js "$here/ui.js"
cp versions.txt "$here/versions.txt"
cp node_modules/preact/LICENSE "$here/LICENSE-preact.txt"
cp node_modules/htm/LICENSE "$here/LICENSE-htm.txt"
cp node_modules/@preact/signals/LICENSE "$here/LICENSE-signals.txt"
