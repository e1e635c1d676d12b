#!/usr/bin/python3
"""Where the columns of a sender's CSV go, by the official rules, against the certificates of the real code (N1.7)

    conversion.py PROGRAM        PROGRAM is nta_values

Of records of every form, with everything in them, with only what must be there, and with each code of each column: the
values that the rules of csv/*.tsv put into elements, and the texts that follow from codes, are all there, written as the
rules say, and nothing else is.
"""
import collections
import pathlib
import re
import sys

import columns

PAGE_TWO = re.compile(r"WM[MN]")  # elements of TEG830's second page


def place_of(target):
    """WCE00140/gen:yyyy -> the element and its part; WCE00000/WCE00020 -> the element itself."""
    up, inside = target.split("/")
    if inside.startswith("gen:") or inside.startswith("kubun_"):
        return up, inside.removeprefix("gen:")
    return inside, "text"


def written(c, text):
    """(element, part, text) of each target of the column; a target left out is not there."""
    found = []
    for token in c.targets.split():
        if "/" in token:
            found.append([*place_of(token), text, False])
        elif token == "zeroSuppress":
            found[-1][2] = found[-1][2].lstrip("0")
        elif token == "removeLeadingPlusSign":
            found[-1][2] = found[-1][2].removeprefix("+")
        elif token == "rejectEmpty":
            found[-1][3] = True
        else:
            sys.exit(f"column {c.number}: not understood: {token}")
    for element, part, value, reject_empty in found:
        assert value or reject_empty or not text and c.when, (c.number, text)
        if value:
            yield element, part, value


def names_of(form, c):
    """The official file has the names of TEG850's kinds at the era; we write them from the kind (tables.py says why)."""
    if form.id == "TEG850" and c.number in (2, 4):
        return form.column(2).names if c.number == 4 else ""
    return c.names


def expected_of(form, records):
    """What the records of one certificate write, counted."""
    values = collections.Counter()
    for n, record in enumerate(records):
        page_two = n >= 10
        for c in form.columns[1:]:
            text = record.get(c.number, "")
            told = list(written(c, text))
            if text in c.codes:
                told += [(*place_of(target), name) for code, name, target in
                         re.findall(r"(\d+)=(.*?)→(\S+?)(?:; |$)", names_of(form, c)) if code == text]
            for element, part, value in told:
                rows = re.match(r"(WCE|WDE|WLB|WML|WMN)", element)
                if form.id in ("TEG840", "TEG850") or rows or n == 0:
                    if not PAGE_TWO.match(element) or page_two or (element == "WMM00000" and len(records) > 10):
                        if not (page_two and element.startswith("WML")):
                            values[element, part, value] += 1
    return values


def told(said):
    values = collections.Counter()
    for node in said["certificates"][0]["nodes"]:
        for part, value in node.items():
            if part not in ("id", "up", "end"):
                values[node["id"], part, value] += 1
    return values


def distinct(form):
    """Everything is there, and no two columns are alike where they can help it."""
    record = form.full()
    for c in form.columns[1:]:
        if c.kind in columns.AMOUNTS:
            record[c.number] = f"+{1000 + c.number}"
        elif c.kind == "etxString":
            record[c.number] = f"字{c.number}"[: c.most]
        elif c.kind == "numeral" and c.exactly and not c.codes and "format" not in c.checks and not c.range:
            record[c.number] = f"{c.number:03d}"
        elif c.number_kind and c.range[1] in (12, 31):
            record[c.number] = "07" if c.number % 2 else "8"
    for a, b, c, d in form.orders:
        record.update({a: "2025", b: "11", c: "2026", d: "02"})
    record.pop(2, None) if form.column(2).kind == "alphaNumeric" else None
    return record


def main():
    cases = columns.Cases(sys.argv[1])
    for path in sorted((pathlib.Path(__file__).parent / "csv").glob("*.tsv")):
        form = columns.Form(path)
        full, minimal = distinct(form), form.minimal()
        made = [[full], [minimal]]
        made += [[{**full, c.number: code}] for c in form.columns[1:] for code in c.codes]
        if form.column(2).kind == "alphaNumeric":  # rows under a grouping code; of TEG830 some on page two
            amount = max(c.number for c in form.columns if c.kind in columns.AMOUNTS)
            made.append([{**full, 2: "1", amount: str(n)} for n in range(1, 33)])
        for records in made:
            cases.add(form, "conversion", records, expected_of(form, records))
    wrong, values = [], 0
    for (form, _, records, expected), said in cases.run():
        if len(said["certificates"]) != 1:
            wrong.append(f"{form.id}: {len(said['certificates'])} certificates, {said['findings'][:3]}")
            continue
        got = told(said)
        values += got.total()
        wrong += [f"{form.id}: {len(records)} records: {value} lacks" for value in expected - got]
        wrong += [f"{form.id}: {len(records)} records: {value} is too much" for value in got - expected]
    print(*wrong[:60], sep="\n")
    print(f"{len(cases.all)} certificates, {values} values, {len(wrong)} wrong")
    return 1 if wrong or values < 20000 else 0


if __name__ == "__main__":
    sys.exit(main())
