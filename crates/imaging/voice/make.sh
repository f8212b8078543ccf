#!/bin/sh
# Makes the clips of this folder anew: `sh make.sh`. Needs espeak-ng and python3 (up to 3.12, for audioop).
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for c in 2 3 4 5 6 7 8 9; do espeak-ng -v cmn -s 115 -a 130 -w "$work/$c.wav" "$c"; done
for c in A F H K L P U W X Y; do espeak-ng -v en-us -s 115 -a 130 -w "$work/$c.wav" "$c"; done
python3 - "$work" <<'PY'
"""11,025 Hz, µ-law, mono, silence cut off at both ends, equally loud."""
import audioop, glob, os, struct, sys, wave

for path in sorted(glob.glob(sys.argv[1] + "/*.wav")):
    with wave.open(path) as source:
        assert (source.getnchannels(), source.getsampwidth()) == (1, 2)
        rate, pcm = source.getframerate(), source.readframes(source.getnframes())
    pcm, _ = audioop.ratecv(pcm, 2, 1, rate, 11025, None, 1, 1)  # weights 1:1 smooth before halving
    step = 110
    loud = [i for i in range(0, len(pcm) // 2, step) if audioop.rms(pcm[2 * i : 2 * (i + step)], 2) > 120]
    first, last = max(0, loud[0] - step), loud[-1] + 3 * step
    pcm = pcm[2 * first : 2 * last]
    pcm = audioop.mul(pcm, 2, min(4000 / audioop.rms(pcm, 2), 30000 / audioop.max(pcm, 2)))
    data = audioop.lin2ulaw(pcm, 2)
    data += b"\xff" * (len(data) % 2)
    with open(os.path.basename(path), "wb") as out:
        head = struct.pack("<HHIIHHH", 7, 1, 11025, 11025, 1, 8, 0)
        body = b"WAVEfmt " + struct.pack("<I", len(head)) + head + b"data" + struct.pack("<I", len(data)) + data
        out.write(b"RIFF" + struct.pack("<I", len(body)) + body)
PY
