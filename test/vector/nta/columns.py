#!/usr/bin/python3
"""Every column of every form that is made from CSV: what passes, and what does not (N1.4)

    columns.py PROGRAM        PROGRAM is nta_values

The cases and what is expected of each come from the official rules in csv/*.tsv and from nowhere else. For each column:
missing, too long, of the wrong characters, no code, out of range, a wrong check digit; for days and periods: impossible,
incomplete, in the wrong order; for conditions: on and off. Each case is a file of one record that is otherwise right.
"""
import datetime
import json
import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).parent
AMOUNTS = ("integer", "nonNegativeInteger")
TEXT = "文字列①㈱髙﨑"
GAIJI, UNASSIGNED = "\ue000", "\ue757\ue757"    # Python writes the first as F040; the second stands for bytes of our own


class Column:
    """A line of csv/*.tsv."""

    def __init__(self, line):
        number, self.name, checks, self.targets, self.names = (line + "\t\t\t\t").split("\t")[:5]
        self.number = int(number)
        self.checks = dict(re.findall(r"(charSet|contain|format)\(value=([^)]*)\)", checks))
        self.codes = self.checks.get("contain", "").split()
        self.kind = self.checks.get("charSet", "etxString" if "etxString" in checks else "")
        self.exactly = self.number_of(r"length\(value=(\d+)\)", checks)
        self.most = self.number_of(r"length\(max=(\d+)\)", checks)
        span = re.search(r"range\(min=(-?\d+) max=(\d+)\)", checks)
        self.range = (int(span[1]), int(span[2])) if span else None
        self.must = bool(re.search(r"\bexist\b", re.sub(r"exist\(.*?\)", "", checks)))
        self.when = [(int(c), values.split() if values else None) for c, values in re.findall(
            r"exist\(when exist col(\d+)(?: & contain col\d+ value=([\d ]+))?\)", checks)]
        self.day = self.columns_of(r"existDate2?\(value=date;cols ([\d,]+)\)", checks)
        self.order = self.columns_of(r"dateRange\(value=LT;cols ([\d,]+)\)", checks)
        left = re.sub(r"\b(exist|length|charSet|contain|range|existDate2?|dateRange|format|etxString)\b(\([^)]*\))?", "", checks)
        if left.strip():
            sys.exit(f"column {number}: not understood: {left}")

    @staticmethod
    def number_of(pattern, text):
        found = re.search(pattern, text)
        return int(found[1]) if found else None

    @staticmethod
    def columns_of(pattern, text):
        found = re.search(pattern, text)
        return [int(c) for c in found[1].split(",")] if found else None

    @property
    def number_kind(self):
        """A number of one or two digits, or a year."""
        return self.kind == "numeral" and self.range is not None

    def some(self):
        """A value that is right by itself."""
        if self.codes:
            return self.codes[0]
        if self.checks.get("format") == "checkDigits":
            return "8010001000123"
        if self.number_kind:
            return {9999: "2026", 99: "8", 12: "7", 31: "9"}[self.range[1]]
        if self.kind == "numeral":
            return "5".zfill(self.exactly)
        if self.kind in AMOUNTS:
            return "12345"
        return "A1"[: self.most] if self.kind in ("alphaNumeric", "latinString") else TEXT[: self.most]


class Form:
    def __init__(self, path):
        lines = path.read_text(encoding="utf-8").splitlines()
        self.id = path.name.removesuffix("-csv.tsv")
        self.columns = [Column(line) for line in lines if not line.startswith("#")]
        assert [c.number for c in self.columns] == [*range(1, len(self.columns) + 1)]
        self.days = [c.day for c in self.columns if c.day]
        self.orders = [c.order for c in self.columns if c.order]
        # What is a date together, though no official check says so: parts of one element.
        self.dates = {}
        for c in self.columns:
            found = re.match(r"(\w+)/gen:(era|yyyy|yy|mm|dd)\b", c.targets)
            if found:
                last = self.dates.get(found[1], [[]])[-1]
                repeated = bool(last) and found[2] in ("era",) and len(last) > 1
                if repeated:
                    self.dates[found[1]].append([c.number])
                else:
                    self.dates.setdefault(found[1], [[]])[-1].append(c.number)

    def column(self, number):
        return self.columns[number - 1]

    def full(self):
        """Every column has a value."""
        record = {c.number: c.some() for c in self.columns}
        record[1] = self.id
        for a, b, c, d in self.orders:
            record.update({a: "2026", b: "01", c: "2026", d: "9"})
        return record

    def minimal(self):
        record = {c.number: c.some() for c in self.columns if c.must}
        record[1] = self.id
        for number, _ in missing(self, record):
            record[number] = self.column(number).some()
        return record

    def date_of(self, number):
        """The other columns of its date."""
        return [n for lists in self.dates.values() for one in lists if number in one for n in one if n != number]


# ---- what is to be expected ----

def missing(form, record):
    """Columns that must be there and are not, by the rule."""
    found = set()
    for c in form.columns[1:]:
        if record.get(c.number):
            continue
        if c.must:
            found.add((c.number, "CSV_MISSING"))
        elif any(record.get(n) and (values is None or record[n] in values) for n, values in c.when):
            found.add((c.number, "CSV_MISSING_HERE"))
        elif any(record.get(n) for n in form.date_of(c.number)):
            found.add((c.number, "CSV_INCOMPLETE"))
    return found


def wrong_texts(c):
    """(text, outcome) by the column's own checks."""
    if c.number == 1:
        return
    if c.codes:
        for text in ("99", "a", "１", "0" + c.codes[0], "-1", c.codes[0] + " "):
            yield text, "CSV_WRONG_CODE"
        return
    if c.kind == "etxString":
        yield from [("字ｱ", "CSV_HALF_WIDTH_KANA"), ("♪", "CSV_SYMBOL"), (GAIJI, "CSV_GAIJI"), ("A\tB", "CSV_CONTROL"),
                    ("A\x1fB", "CSV_CONTROL"), (UNASSIGNED, "CSV_NO_CHARACTER")]
        yield "字" * (c.most + 1), "CSV_TOO_LONG"
        return
    odd = {"alphaNumeric": ["A-", "あ", "Ａ", "ｱ", " "], "latinString": ["あ", "\x1f", "ｱ"],
           "numeral": ["１", "a", "-1", "1 ", "1.0"], "integer": ["1a", "１", "+", "-", "--1", "1 ", '"1,000"', "1.0"],
           "nonNegativeInteger": ["-1", "1a", "１", "+", "1 ", '"1,000"']}[c.kind]
    for text in odd:
        yield text, "CSV_WRONG_CHARACTERS"
    if c.exactly:
        yield from [("1" * (c.exactly - 1), "CSV_WRONG_LENGTH"), ("1" * (c.exactly + 1), "CSV_WRONG_LENGTH")]
    elif c.most:
        yield "1" * (c.most + 1), "CSV_TOO_LONG"
    if c.range:
        width = c.exactly or c.most
        if c.kind in AMOUNTS:
            yield str(c.range[1] + 1), "CSV_OUT_OF_RANGE"
            if c.kind == "integer":
                yield str(c.range[0] - 1), "CSV_OUT_OF_RANGE"
        else:
            yield "0" * width, "CSV_OUT_OF_RANGE"
            if c.range[1] + 1 < 10**width:
                yield str(c.range[1] + 1), "CSV_OUT_OF_RANGE"
    if "format" in c.checks:
        for at in range(c.exactly):
            right = c.some()
            yield right[:at] + str((int(right[at]) + 1) % 10) + right[at + 1:], "CSV_CHECK_DIGIT"


def right_texts(c):
    """Values at the edges of what is allowed."""
    if c.codes:
        yield from c.codes
    elif c.kind == "etxString":
        yield "字" * c.most
    elif c.kind in AMOUNTS:
        yield from ["0", str(c.range[1]), "+1", "007"] + ([str(c.range[0]), "-0"] if c.kind == "integer" else [])
    elif c.kind == "latinString":
        yield "!" * c.most
    elif c.kind == "alphaNumeric":
        yield "z" * c.most


def calendar(record, columns):
    """Is it a day? Columns are year, month, day, or these with an era before, or month and day."""
    values = [int(record[n]) for n in columns]
    if len(values) == 2:
        values = [2024] + values
    if len(values) == 4:
        first, last, base = {3: ((1926, 12, 25), (1989, 1, 7), 1925), 4: ((1989, 1, 8), (2019, 4, 30), 1988),
                             5: ((2019, 5, 1), (9999, 12, 31), 2018)}[values[0]]
        values = [base + values[1], *values[2:]]
        if not first <= tuple(values) <= last:
            return False
    try:
        datetime.date(*values)
    except ValueError:
        return False
    return True


def days(form, columns):
    """Changes of a date's columns."""
    y = columns[-3] if len(columns) > 2 else None
    m, d = columns[-2:]
    for month, day in ((2, 28), (2, 29), (2, 30), (4, 30), (4, 31), (12, 31), (9, 31), (1, 7), (1, 8), (5, 1)):
        years = [None] if y is None else [2024, 2026, 1900, 2000] if len(columns) == 3 else [1, 8, 31, 64]
        for year in years:
            eras = form.column(columns[0]).codes if len(columns) == 4 else [None]
            for era in eras:
                yield {m: str(month), d: str(day), **({y: str(year)} if y else {}), **({columns[0]: era} if era else {})}


class Cases:
    """Files of some records each, and what is expected of them."""

    def __init__(self, program):
        self.program = program
        self.all = []

    def add(self, form, what, records, expected):
        self.all.append((form, what, records if isinstance(records, list) else [records], expected))

    @staticmethod
    def line(form, record):
        text = ",".join(record.get(c.number, "") for c in form.columns)
        return b"\x86\x40".join(part.encode("cp932") for part in text.split(UNASSIGNED)) + b"\r\n"

    def run(self):
        with tempfile.TemporaryDirectory() as folder:
            names = []
            for n, (form, _, records, _) in enumerate(self.all):
                names.append(f"{folder}/{n}")
                pathlib.Path(names[-1]).write_bytes(b"".join(self.line(form, r) for r in records))
            for at in range(0, len(names), 400):
                done = subprocess.run([self.program, "csv", *names[at:at + 400]], capture_output=True, check=True)
                yield from zip(self.all[at:], map(json.loads, done.stdout.decode().splitlines()))


def collect(form, cases):
    full, minimal = form.full(), form.minimal()
    cases.add(form, "every column", full, set())
    cases.add(form, "what must be there", minimal, set())
    for c in form.columns[1:]:
        for base in (full, minimal):
            record = {**base, c.number: ""}
            cases.add(form, f"column {c.number} missing", record, missing(form, record))
            record = {**base, c.number: c.some()}
            cases.add(form, f"column {c.number} there", record, missing(form, record))
        for text, outcome in wrong_texts(c):
            cases.add(form, f"column {c.number} is {text!r}", {**full, c.number: text}, {(c.number, outcome)})
        for text in right_texts(c):
            record = {**full, c.number: text}
            cases.add(form, f"column {c.number} is {text!r}", record, missing(form, record))
        for n, values in c.when:
            for code in form.column(n).codes if values else [form.column(n).some()]:
                record = {**full, n: code, c.number: ""}
                cases.add(form, f"column {c.number} missing, column {n} is {code}", record, missing(form, record))
    for columns in form.days:
        for change in days(form, columns):
            record = {**full, **change}
            expected = set() if calendar(record, columns) else {(columns[0], "CSV_NO_SUCH_DAY")}
            cases.add(form, f"{change}", record, expected)
    for a, b, c, d in form.orders:
        for first, last in ((("2025", "12"), ("2026", "01")), (("2026", "9"), ("2026", "09")), (("2026", "10"), ("2026", "9")),
                            (("2027", "1"), ("2026", "12"))):
            record = {**full, a: first[0], b: first[1], c: last[0], d: last[1]}
            right = tuple(map(int, first)) < tuple(map(int, last))
            cases.add(form, f"{first} to {last}", record, set() if right else {(a, "CSV_NOT_BEFORE")})


def main():
    cases = Cases(sys.argv[1])
    for path in sorted((HERE / "csv").glob("*.tsv")):
        collect(Form(path), cases)
    wrong, checked = [], {}
    for (form, what, _, expected), said in cases.run():
        got = {(f["column"], f["outcome"]) for f in said["findings"]}
        places = {(f["record"], f["line"]) for f in said["findings"]}
        if got != expected or places - {(1, 1)} or len(said["certificates"]) != (not expected):
            wrong.append(f"{form.id}: {what}: expected {sorted(expected)}, got {sorted(got)}")
        for column, outcome in expected:
            checked[outcome] = checked.get(outcome, 0) + 1
    print(*wrong[:60], sep="\n")
    print(f"{len(cases.all)} cases, {len(wrong)} wrong;", ", ".join(f"{o[4:]} {n}" for o, n in sorted(checked.items())))
    return 1 if wrong or len(checked) < 16 or len(cases.all) < 5000 else 0


if __name__ == "__main__":
    sys.exit(main())
