#!/bin/sh
# Installs those of the named Debian packages that are missing; says what to do where it cannot.
set -eu

missing=""
for package in "$@"; do
  dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

if ! command -v apt-get >/dev/null; then
  case "$(uname)" in
    Darwin) echo "bullflow: needs Homebrew's redis, hiredis, ncurses and tmux: brew install redis hiredis ncurses tmux" >&2; exit 0 ;;
  esac
  echo "bullflow: please install what these Debian packages hold:$missing" >&2
  exit 1
fi
become=""
if [ "$(id -u)" != 0 ]; then
  if command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
    become="sudo"
  else
    echo "bullflow: missing packages; please run: sudo apt-get install$missing" >&2
    exit 1
  fi
fi
echo "installing$missing" >&2
export DEBIAN_FRONTEND=noninteractive
# shellcheck disable=SC2086
$become apt-get install -y -qq $missing >/dev/null 2>&1 ||
  { $become apt-get update -qq >/dev/null && $become apt-get install -y -qq $missing >/dev/null; }
