#!/usr/bin/python3
"""The official vectors of SLIP-0039, as the npm package slip39 has them, one line a fact for slip39_vectors.c

    slip39_unpack.py PACKAGE_FOLDER OUT_FILE

    vector <what it is>
    share <words>           one or more
    secret <hexadecimal>    what they give under the pass-phrase TREZOR; not there when they must be refused
"""
import json
import pathlib
import sys

package, out = map(pathlib.Path, sys.argv[1:])
vectors = json.loads((package / "test" / "vectors.json").read_text(encoding="utf-8"))
lines = []
for name, shares, secret, *_ in vectors:
    lines += [f"vector {name}", *(f"share {s}" for s in shares)]
    lines += [f"secret {secret}"] if secret else []
out.write_text("\n".join(lines) + "\n", encoding="utf-8")
print(f"{len(vectors)} vectors written to {out}")
