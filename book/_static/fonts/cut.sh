#!/bin/sh
# Cut the fonts of the pages down to what a page in Persian or English shows: `make fonts`. The same bytes each time.
# The cut Latin fonts bear no name of their own: their licence keeps the name "Source" for the uncut ones.
set -eu
python=$1
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$python" -m venv "$work/env"
"$work/env/bin/pip" install -qq --disable-pip-version-check fonttools==4.68.0 brotli==1.2.0
"$work/env/bin/pip" install -qq --disable-pip-version-check --no-deps --target "$work/source" \
  fontpkg-source-sans-3==3.52 fontpkg-source-code-pro==1.26
(cd "$work" && npm pack --silent vazirmatn@33.0.3 >/dev/null && tar xzf vazirmatn-33.0.3.tgz)

cut() {  # font, result, weights, characters, features, more options
  "$work/env/bin/fonttools" varLib.instancer -q "$1" "wght=$3" --no-recalc-timestamp -o "$work/$2.ttf"
  "$work/env/bin/pyftsubset" "$work/$2.ttf" --unicodes="$4" --layout-features="$5" --no-hinting \
    --no-recalc-timestamp --flavor=woff2 --output-file="$here/$2.woff2" $6
}

ascii=U+0020-007E,U+00A0-00FF
letters=U+0102-0107,U+010C-010D,U+0118-011F,U+0130-0131,U+0141-0144,U+0150-0153,U+0158-0161,U+0170-0171,U+0177,U+0179-017E,U+03B1-03C9
signs=U+2010-2016,U+2018-201A,U+201C-201E,U+2020-2022,U+2026,U+2032-2033,U+207D-207E,U+2080-2089,U+2190-2193,U+2212,U+2248,U+2260,U+2264-2265,U+1D57
persian=U+060C,U+061B,U+061F,U+0621-063A,U+0640-0655,U+0660-066C,U+0670,U+067E,U+0686,U+0698,U+06A9,U+06AF,U+06C0-06C1,U+06CC,U+06D5,U+06F0-06F9,U+200B-200F
marks=U+0020-0021,U+0028-0029,U+002E,U+003A,U+005B,U+005D,U+00AB,U+00BB,U+2013-2014,U+2026

cut "$work/package/fonts/variable/Vazirmatn[wght].ttf" Vazirmatn 400:700 "$persian,$marks" '*' ''
cut "$work/source/fontpkg_source_sans_3/files/SourceSans3[wght].ttf" latin 400:700 "$ascii,$letters,$signs" \
  kern,mark,mkmk,ccmp,locl,tnum --obfuscate-names
cut "$work/source/fontpkg_source_code_pro/files/SourceCodePro[wght].ttf" code 400:600 "$ascii,$signs" ccmp --obfuscate-names
cp "$work/source/fontpkg_source_sans_3/LICENSE" "$here/OFL-latin.txt"
cp "$work/source/fontpkg_source_code_pro/LICENSE" "$here/OFL-code.txt"
cp "$work/package/OFL.txt" "$here/OFL.txt"
cp "$work/package/AUTHORS.txt" "$here/AUTHORS.txt"
ls -l "$here"
