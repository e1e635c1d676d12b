#!/usr/bin/python3
"""Whatever passes the checks of a sender's CSV is a certificate by the official schema

    valid.py FUMIBAKO-POST FOLDER        FOLDER is test/help

Records of every form: with everything, with only what must be there, with each column at the edges of what is allowed,
with each column left out where it may be, and with each added alone. They are converted, signed, and held against
xsd/kyotsu by xmllint.
"""
import pathlib
import subprocess
import sys
import tempfile

import columns
import conversion

HERE = pathlib.Path(__file__).parent


def records(form):
    """Records that the official checks take, each a certificate of its own."""
    full, minimal = conversion.distinct(form), form.minimal()
    yield from (full, minimal)
    for c in form.columns[1:]:
        if c.number == 2 and c.kind == "alphaNumeric":  # the grouping code
            continue
        changed = [{**full, c.number: text} for text in columns.right_texts(c)]
        changed += [{**full, c.number: ""}, {**minimal, c.number: c.some()}]
        yield from (r for r in changed if not columns.missing(form, r))


def convert(program, keys, form, made, folder):
    file = folder / f"{form.id}.csv"
    file.write_bytes(b"".join(columns.Cases.line(form, r) for r in made))
    subprocess.run([program, "nta", "convert", file, "--out", folder / form.id, "--key", keys / "signer.key", "--certificate",
                    keys / "signer.pem"], check=True, stdout=subprocess.DEVNULL)
    return sorted((folder / form.id).glob("*.xml"))


def main():
    program, help_folder = sys.argv[1:]
    sys.path.insert(0, help_folder)
    import authority

    wrong, count = [], 0
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        authority.make(folder / "keys")
        for path in sorted((HERE / "csv").glob("*.tsv")):
            form = columns.Form(path)
            made = list(records(form))
            files = convert(program, folder / "keys", form, made, folder)
            schema = HERE / "xsd" / "kyotsu" / f"{form.id}-001.xsd"
            done = subprocess.run(["xmllint", "--nonet", "--noout", "--schema", schema, *files], capture_output=True, text=True)
            wrong += [line for line in done.stderr.splitlines() if not line.endswith(" validates")]
            if len(files) != len(made) or done.returncode:
                wrong.append(f"{form.id}: {len(made)} records, {len(files)} files, xmllint says {done.returncode}")
            count += len(files)
    print(*wrong[:40], sep="\n")
    print(f"{count} certificates")
    return 1 if wrong or count < 1400 else 0


sys.exit(main())
