#!/usr/bin/python3
"""Certificates for a return: posted by insurers, fetched, counted and handed to tax software as they were signed (N4)

What counts and what it comes to is worked out here from the senders' records, by their columns, and compared with what
the programs say, and what programs outside the project say that use the installed library.
"""
import atexit
import csv
import hashlib
import io
import json
import os
import pathlib
import shutil
import sys
import tempfile
import time
import zipfile

from household import CLIENT, PASSPHRASE, POST, call, household
from install import CC, installed, sanitized
from world import PATIENCE, SOURCE, check, play, until

sys.path.insert(0, str(SOURCE / "test" / "help"))
import authority  # noqa: E402
import nta  # noqa: E402

NUMBER = {"TEG800": 4, "TEG810": 3, "TEG822": 3, "TEG830": 5, "TEG840": 6, "TEG850": 7}
YEAR = nta.YEAR
made = {}


def _keys():
    if "keys" not in made:
        folder = pathlib.Path(tempfile.mkdtemp(prefix="fumibako-scene-keys-"))
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        made["keys"] = authority.make(folder / "authority")
        (made["keys"] / "trusted.pem").write_text("".join((made["keys"] / f"{n}.pem").read_text()
                                                          for n in ("root", "intermediate")))
    return made["keys"]


def _anchors():
    return _keys() / "trusted.pem"


# ---- what a sender's records come to, by the columns of the form ----

def _amount(record, *columns):
    """The first of the columns that says something."""
    return next((int(record[c]) for c in columns if record.get(c)), None)


# The expected amount before the certified one.
LIFE = {"life-general-new": (45, 30), "life-general-old": (39, 24), "life-care": (48, 33), "life-annuity-new": (42, 27),
        "life-annuity-old": (36, 21)}


def _entries(record):
    """(year, number, category, amount) of a record."""
    form = record[1]
    number = record.get(NUMBER[form], "")
    if form == "TEG800":
        found = [(int(record[51]), number, k, _amount(record, *c)) for k, c in LIFE.items()]
    elif form == "TEG810":
        number += "-" + record[4] if record.get(4) else ""
        found = [(int(record[18]), number, "earthquake", _amount(record, 26)),
                 (int(record[18]), number, "long-term-old", _amount(record, 28))]
    elif form == "TEG822":
        found = [(int(record[10]), number, "donation", _amount(record, 7))]
    elif form == "TEG830":
        found = [(2018 + int(record[13]), number, "donation", _amount(record, 16))]
    elif form == "TEG840" and record.get(13):
        found = [(2018 + int(record[5]), number, "social", int(record[13]) + int(record.get(14) or 0))]
    elif form == "TEG840":
        found = [(2018 + int(record[20]), number, "social", _amount(record, 21)),
                 (2018 + int(record[26]), number, "social", _amount(record, 27))]
    else:
        found = [(2018 + int(record[3]), number, "small-mutual", _amount(record, 15, 11))]
    return [e for e in found if e[3] is not None]


def _sums(records, year):
    sums, groups = {}, set()
    for r in records:
        for at, _, category, amount in _entries(r):
            group = (r[1], r.get(2))
            if at != year or (r[1] == "TEG830" and r.get(2) and group in groups):
                continue                            # the sum of a portal stands in every record of a group
            groups.add(group)
            sums[category] = sums.get(category, 0) + amount
    return sums


# ---- a sender ----

def _post(h, name, records, address):
    """Each certificate's number and SHA-256, in the order of the records."""
    path, where, results = (h.folder / f"{name}.{end}" for end in ("csv", "map", "results"))
    nta.write_csv(path, records)
    where.write_text("number,address\n" + "".join(f"{n},{address}\n" for n in dict.fromkeys(r[NUMBER[r[1]]] for r in records)))
    call(POST, "nta", "run", path, "--map", where, "--profile", h.insurer, "--results", results, "--key", _keys() / "signer.key",
         "--certificate", _keys() / "signer.pem", timeout=4 * PATIENCE)
    lines = [dict(zip(*pair)) for head, *rest in [results.read_text().splitlines()]
             for pair in ((head.split(","), line.split(",")) for line in rest)]
    check(all(line["state"] == "filed" for line in lines), lines)
    return [line["sha256"] for line in lines]


def _sha256(data):
    return hashlib.sha256(data).hexdigest()


def _summary(path):
    """summary.json, after a look at summary.csv beside it: the same sums, the same columns in every line."""
    found = json.loads((path / "summary.json").read_text())
    text = (path / "summary.csv").read_bytes()
    check(text.startswith(b"\xef\xbb\xbf") and text.count(b"\n") == text.count(b"\r\n"), "BOM and CRLF")
    rows = list(csv.reader(io.StringIO(text.decode("utf-8-sig"), newline="")))
    check(len({len(r) for r in rows}) == 1, "columns")
    sums = [(r[3], int(r[13])) for r in rows if r[0] == "合計"]
    check(sums == [(t["category_name"], t["carried"]) for t in found["totals"]], sums, found["totals"])
    entries = [e for c in found["certificates"] for e in c["entries"] if e["state"] == "counts"]
    check(len([r for r in rows if r[0] == "明細"]) == len(entries), "one row for each entry")
    return found


def _totals(found):
    return {t["category"]: t["carried"] for t in found["totals"]}


def _files(path):
    """Every issuer's file by its digest."""
    return {_sha256(f.read_bytes()): f.name for f in path.glob("*.xml")}


# ---- scenes ----

def certificates_of_every_form_and_two_years_go_to_tax_software_as_they_were_signed():
    with household() as h:
        ada = h.citizen("ada")
        address = ada.address()
        sent, records = {}, []
        for form in sorted(nta.COLUMNS):
            some = nta.records(form, 6, seed=f"tax {form}")
            sent.update(dict.fromkeys(_post(h, form, some, address), form))
            records += some
        last = [r | {51: str(YEAR - 1), 63: str(YEAR - 1)} for r in nta.records("TEG800", 4, seed="last year", rows=1)]
        before = _post(h, "last", last, address)
        ada("get", "--all")
        found = ada.json("tax", "list", "--anchors", _anchors())
        check([y["year"] for y in found["years"]] == sorted({y["year"] for y in found["years"]}, reverse=True)
              and {YEAR, YEAR - 1} <= {y["year"] for y in found["years"]}, found["years"])
        check({c["sha256"] for c in found["certificates"]} == sent.keys() | set(before), "certificates in the mailbox")
        check({c["integrity"] for c in found["certificates"]} == {"intact"}
              and {c["trust"] for c in found["certificates"]} == {"trusted"}, "judged")
        # The insurer is registered under another number than its certificates name: said, and each counts.
        life = [c for c in found["certificates"] if c["form"] == "TEG800"]
        check({c["sender"] for c in life} == {"other"} and {c["state"] for c in life} == {"counts"}, life[0])
        check(all("ISSUER_OTHER" in {f["name"] for f in c["findings"]} for c in life), life[0])

        out = h.folder / "return"
        said = ada("tax", "export", out, "--year", YEAR, "--anchors", _anchors())
        check("summary.csv" in said, said)
        summary = _summary(out)
        check(_totals(summary) == _sums(records, YEAR), _totals(summary), _sums(records, YEAR))
        check(_files(out).keys() == sent.keys(), "files exported")
        check({c["file"]: c["sha256"] for c in summary["certificates"]}
              == {name: digest for digest, name in _files(out).items()}, "named in the summary")
        ada("tax", "export", h.folder / "last.zip", "--year", YEAR - 1, "--anchors", _anchors())
        with zipfile.ZipFile(h.folder / "last.zip") as z:
            check({_sha256(z.read(n)) for n in z.namelist() if n.endswith(".xml")} == set(before), "last year's files")
            summary = json.loads(z.read("summary.json"))
            check(z.testzip() is None and _totals(summary) == _sums(last, YEAR - 1), summary["totals"])
        # What was exported is certificates like any other.
        again = json.loads(call(CLIENT, "tax", "list", "--json", "--anchors", _anchors(), out, h.folder / "last.zip"))
        check({c["sha256"] for c in again["certificates"]} == sent.keys() | set(before), "taken in again")
        check([y for y in again["years"] if y["year"] == YEAR] == [y for y in found["years"] if y["year"] == YEAR], "sums again")


def what_was_issued_again_counts_once():
    with household() as h:
        ada = h.citizen("ada")
        address = ada.address()
        first = nta.records("TEG800", 3, seed="again", rows=1)
        originals = _post(h, "first", first, address)
        # The first contract corrected: issued on a later day, with another amount. The second sent once more as it was.
        corrected = first[0] | {65: "28", **{c: str(int(first[0][c]) + 1) for c in range(19, 49) if first[0].get(c)}}
        correction, = _post(h, "corrected", [corrected], address)
        second = int(time.time())
        until(lambda: int(time.time()) > second, "another second, and so another id")
        duplicate = _post(h, "twice", [first[1], first[1]], address)[1]
        ada("get", "--all")
        out = h.folder / "out"
        ada("tax", "export", out, "--year", YEAR)
        summary = _summary(out)
        check(_totals(summary) == _sums([corrected, *first[1:]], YEAR), _totals(summary))
        check(_files(out).keys() == {correction, *originals[1:]}, "files")
        state = {c["sha256"]: (c["state"], c.get("why", {}).get("name", "")) for c in summary["certificates"]}
        check(state[originals[0]] == ("superseded", "TAX_SUPERSEDED"), state[originals[0]])
        check(state[duplicate] == ("duplicate", "TAX_DUPLICATE"), state[duplicate])
        check(state[correction] == ("counts", "") and state[originals[1]] == ("counts", ""), state)
        number = {c["sha256"]: c["number"] for c in summary["certificates"]}
        by = {c["sha256"]: c.get("by") for c in summary["certificates"]}
        check(by[originals[0]] == number[correction] and by[duplicate] == number[originals[1]], by)
        # Broken on the way, and later by its day: it is shown, and changes nothing.
        broken = h.folder / "broken.xml"
        broken.write_bytes(next(f for f in out.glob("*.xml") if _sha256(f.read_bytes()) == correction).read_bytes()
                           .replace(b"<gen:dd>28</gen:dd>", b"<gen:dd>29</gen:dd>", 1))
        found = json.loads(call(CLIENT, "tax", "list", "--json", "--year", YEAR, out, broken))
        check(_totals(found["years"][0]) == _totals(summary), found["years"])
        bent = found["certificates"][-1]
        check(bent["integrity"] == "broken" and bent["state"] == "shown" and bent["entries"], bent)


def a_letter_that_does_not_open_is_named_and_the_others_are_taken():
    with household() as h:
        ada = h.citizen("ada")
        records = nta.records("TEG810", 2, seed="bent", rows=1)
        sent = _post(h, "two", records, ada.address())
        ada("get", "--all")
        bent = sorted((ada.folder / "letters").glob("*.age"))[0]
        bent.write_bytes(bent.read_bytes()[:-100])
        code, out, err = ada.run("tax", "export", h.folder / "out", "--year", YEAR)
        check(code == 1 and bent.name[:16] in err and "(1 certificates" in out, code, out, err)
        check(len(_files(h.folder / "out").keys() & set(sent)) == 1, "the other one")
        code, out, _ = ada.run("tax", "list", "--json")
        check(code == 1 and json.loads(out)["refused"][0]["id"] == bent.stem, out)


def nothing_is_written_over_and_a_year_that_is_not_there_is_said():
    folder = pathlib.Path(tempfile.mkdtemp(prefix="fumibako-scene-tax-"))
    try:
        taken = folder / "mine"
        taken.mkdir()
        (taken / "file").write_text("mine")
        source = SOURCE / "tools" / "sample"
        call(CLIENT, "tax", "export", folder / "out", "--year", 1999, source, code=1)
        call(CLIENT, "tax", "export", folder / "out", source, code=2)
        call(CLIENT, "tax", "export", folder / "out", "--year", "26", source, code=2)
        call(CLIENT, "tax", "list", folder / "nothing", code=1)
        call(CLIENT, "tax", "list", "--crls", folder, source, code=2)
        call(CLIENT, "tax", "list", "--anchors", folder / "nothing", source, code=1)
        check([p.name for p in folder.iterdir()] == ["mine"] and (taken / "file").read_text() == "mine", "something was written")
    finally:
        shutil.rmtree(folder)


def tax_software_reads_the_same_from_c_and_from_python():
    if sanitized():
        return
    with household() as h:
        ada = h.citizen("ada")
        records = nta.records("TEG800", 3, seed="package", rows=1) + nta.records("TEG822", 3, seed="package", rows=3)
        address = ada.address()
        for form in ("TEG800", "TEG822"):
            _post(h, form, [r for r in records if r[1] == form], address)
        ada("get", "--all")
        folder = h.folder / "downloads"
        folder.mkdir()
        more = [r | {65: "28"} for r in records[:1]]            # said anew, with the same amounts
        nta.write_csv(h.folder / "more.csv", more)
        call(POST, "nta", "convert", h.folder / "more.csv", "--out", h.folder / "more", "--key", _keys() / "signer.key",
             "--certificate", _keys() / "signer.pem")
        for f in (h.folder / "more").glob("*.xml"):
            shutil.copy(f, folder)
        (folder / "letter.xml").write_text("<letter/>")
        root, env = installed(h.world)
        flags = call("pkg-config", "--cflags", "--libs", "fumibako-tax", env=env).split()
        program = h.folder / "example"
        call(CC, "-std=c11", "-Wall", "-Wextra", "-Wno-unused-parameter", "-Werror", "-o", program,
             SOURCE / "test" / "sdk" / "example_tax_package.c", *flags)
        library = next(root.rglob("libfumibako-tax.so")).parent
        words = [_anchors(), ada.folder, YEAR, folder]
        run = {"env": os.environ | {"LD_LIBRARY_PATH": str(library)}}
        c, python = (_with_passphrase([*what, *words], **run)
                     for what in ([program], [sys.executable, "-B", SOURCE / "test" / "sdk" / "example_tax.py"]))
        check(c == python, "from C:", c, "from Python:", python)
        totals = {line.split()[1]: int(line.split()[2]) for line in c.splitlines() if line.startswith("total ")}
        check(totals == _sums(records, YEAR), totals, _sums(records, YEAR))
        check("left out" in c and "TAX_SUPERSEDED" in c and "refused  letter.xml: XML_OTHER_FORM" in c, c)
        check(c.count("fill in ") == sum(len(_entries(r)) for r in records), c)


def _with_passphrase(words, **more):
    path = pathlib.Path(tempfile.mkstemp(prefix="fumibako-scene-")[1])
    try:
        path.write_text(PASSPHRASE + "\n")
        return call("sh", "-c", 'in=$1; shift; exec "$@" <"$in"', "sh", path, *words, **more)
    finally:
        path.unlink()


if __name__ == "__main__":
    sys.exit(play(globals()))
