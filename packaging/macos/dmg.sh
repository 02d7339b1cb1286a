#!/usr/bin/env bash
# A disk image with the program beside a link to Applications, from a bundle that is there.
#
#   bash packaging/macos/dmg.sh dist/PhotoSearch.app OUT
#
# CODESIGN_IDENTITY signs the image (the program was signed by build.py with the same variable);
# NOTARY_PROFILE, a profile of `xcrun notarytool store-credentials`, has Apple notarise it, too.
set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
readonly ROOT
(($# == 2)) || { sed -n '4s/^#  *//p' "${BASH_SOURCE[0]}" >&2; exit 2; }
readonly APP=$1 OUT=$2
[[ -d $APP/Contents ]] || { echo "$APP is no program: run packaging/bundle/build.py first." >&2; exit 1; }

version=$(sed -n 's/^__version__ = "\(.*\)"$/\1/p' "$ROOT/photosearch/__init__.py")
image=$OUT/PhotoSearch-$version-$(uname -m).dmg
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
mkdir -p "$OUT"
cp -R "$APP" "$stage/"
ln -s /Applications "$stage/Applications"
hdiutil create -volname PhotoSearch -srcfolder "$stage" -format UDZO -fs HFS+ -ov "$image"
if [[ -n ${CODESIGN_IDENTITY:-} ]]; then
  codesign --sign "$CODESIGN_IDENTITY" --timestamp "$image"
fi
if [[ -n ${NOTARY_PROFILE:-} ]]; then
  xcrun notarytool submit "$image" --keychain-profile "$NOTARY_PROFILE" --wait
  xcrun stapler staple "$image"
fi
echo "$image"
