#!/usr/bin/env bash
# The tests of the pages need Chromium and a font with Chinese characters. Installs Debian's where that is possible,
# else says what to install.
set -eu
browser=${CHROMIUM:-$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)}
cjk=$(fc-list 2>/dev/null | grep -ciE 'cjk|ming|song|hei|pingfang' || true)
[ -n "$browser" ] && [ "${cjk:-0}" -gt 0 ] && exit 0
if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
  echo "Installing Chromium and fonts for the tests of the pages …"
  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium fontconfig fonts-noto-cjk; } >/dev/null
  exit 0
fi
echo "The tests of the pages need Chromium and a font with Chinese characters (Debian: apt-get install chromium fonts-noto-cjk;" >&2
echo "elsewhere: install them, and name the browser in CHROMIUM if it is not on the PATH)." >&2
[ -n "$browser" ]
