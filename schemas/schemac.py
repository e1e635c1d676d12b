#!/usr/bin/env python3
"""schemac - reads the schemas, checks them, and writes what everybody else derives from them

    schemac.py [--schemas DIR] --out DIR        C headers and tables, into the build folder
    schemac.py --doc                            the tables of the protocol document, on stdout
    schemac.py --check-doc FILE                 does FILE quote these tables between its markers?
    schemac.py --write-doc FILE                 put them there
    schemac.py --dict                           a libFuzzer dictionary, on stdout

The schemas (*.toml beside this script) are the only source of formats, limits and codes. Everything
is checked here, so that a slip fails the build and names file and record; nothing generated is kept
in the repository.
"""
import argparse
import pathlib
import re
import sys
import tomllib
from typing import NamedTuple

U64_MOST = 2**64 - 1
INT_MOST = 2**31 - 1
FIRST_SKIPPED = 32          # keys from here on are skipped by readers that do not know them
KEY_MOST = 127
FIRST_OF_MESSAGE = 4        # 0-3 are verb, number, code, where
DEPTH_MOST = 4              # records within records (P3.7)

# type: (attributes it must have, attributes it may have)
TYPES = {
    "u64":     (set(), {"max"}),
    "bool":    (set(), set()),
    "str":     ({"max"}, {"min"}),
    "text":    ({"max"}, {"min"}),
    "bin":     ({"max"}, {"min"}),
    "fixed":   ({"size"}, set()),
    "hash":    (set(), set()),
    "hashes":  ({"max"}, {"min"}),
    "numbers": ({"max"}, {"min"}),
    "record":  ({"of"}, set()),
    "list":    ({"of", "max"}, {"min"}),
    "parts":   ({"max"}, set()),      # only ever streamed: no struct, no table
}


class SchemaError(Exception):
    pass


class Table(NamedTuple):
    """One map on the wire or in the store: a record, a row, or one side of a request."""
    where: str              # "messages.toml: record.header"
    name: str               # in C: header, ask_submit, row_letter
    fields: list
    doc: str
    clause: str

    @property
    def streamed(self):
        return any(f["type"] == "parts" for f in self.fields)


def refuse(where, why):
    raise SchemaError(f"{where}: {why}")


def known(where, entry, must, may):
    for lost in sorted(must - entry.keys()):
        refuse(where, f"lacks '{lost}'")
    for odd in sorted(entry.keys() - must - may):
        refuse(where, f"unknown attribute '{odd}'")


def number(where, entry, attribute, most):
    value = entry[attribute]
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= most:
        refuse(where, f"'{attribute}' must be a number from 0 to {most}")
    return value


def text(where, entry, attribute):
    if not isinstance(entry[attribute], str) or any(ord(c) < 0x20 for c in entry[attribute]) or "*/" in entry[attribute]:
        refuse(where, f"'{attribute}' must be a text of one line without */")
    return entry[attribute]


def check_name(where, name, most=24):
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name) or len(name) > most:
        refuse(where, f"'{name}' is no name: a-z, 0-9 and _, at most {most}")


def check_field(where, field, first_key):
    known(where, field, {"key", "name", "type"}, set(field.keys()))
    here = f"{where}: field '{field['name']}'"
    check_name(here, field["name"])
    if field["type"] not in TYPES:
        refuse(here, f"unknown type '{field['type']}'")
    must, may = TYPES[field["type"]]
    known(here, field, must | {"key", "name", "type"}, may | {"optional", "doc"})
    key = number(here, field, "key", KEY_MOST)
    for attribute in ("min", "max", "size"):
        if attribute in field:
            number(here, field, attribute, U64_MOST if field["type"] == "u64" else INT_MOST)
    if key < first_key:
        refuse(here, f"keys below {first_key} are taken")
    if not isinstance(field.get("optional", False), bool):
        refuse(here, "'optional' must be true or false")
    if key >= FIRST_SKIPPED and not field.get("optional"):
        refuse(here, f"key {key} must be optional: older readers skip keys from {FIRST_SKIPPED} on")
    if "max" in field and field.get("min", 0) > field["max"]:
        refuse(here, "'min' is above 'max'")
    if field.get("size") == 0:
        refuse(here, "'size' must be at least 1")
    if field["type"] == "numbers" and field["max"] > 256:
        refuse(here, "more than FIELD_NUMBERS_MOST (256) numbers")
    if "doc" in field:
        text(here, field, "doc")


def check_fields(where, fields, first_key):
    names, last = set(), -1
    for field in fields:
        check_field(where, field, first_key)
        here = f"{where}: field '{field['name']}'"
        if field["key"] == last:
            refuse(here, f"duplicate key {last}")
        if field["key"] < last:
            refuse(here, f"keys are not rising: {field['key']} after {last}")
        if field["name"] in names or field["name"].removeprefix("has_") in names:
            refuse(here, "duplicate name")
        names.add(field["name"])
        last = field["key"]


def check_nesting(tables):
    """Every `of` names a record that has a struct, and no record holds itself."""
    records = {t.name: t for t in tables if not t.name.startswith(("ask_", "answer_", "row_"))}

    def depth(table, seen):
        deepest = 0
        for field in (f for f in table.fields if "of" in f):
            here = f"{table.where}: field '{field['name']}'"
            of = records.get(field["of"])
            if not of or of.streamed:
                refuse(here, f"'of' names no record: '{field['of']}'")
            if of.name in seen or len(seen) >= DEPTH_MOST:
                refuse(here, f"records nested in a ring or deeper than {DEPTH_MOST}")
            deepest = max(deepest, 1 + depth(of, seen + [of.name]))
        return deepest

    for table in tables:
        depth(table, [table.name])


def unique(where, seen, value, what):
    if value in seen:
        refuse(where, f"duplicate {what} {value}, also of {seen[value]}")
    seen[value] = where.split(": ")[-1]


def load(folder, name, sections):
    where = f"{folder / name}"
    try:
        content = tomllib.loads((folder / name).read_text(encoding="utf-8"))
    except (OSError, ValueError) as trouble:
        refuse(where, trouble)
    for odd in content.keys() - sections:
        refuse(where, f"unknown section '{odd}'")
    return content


def read_table(where, name, entry, fields, first_key=1):
    check_name(where, name)
    check_fields(where, entry[fields], first_key)
    doc = text(where, entry, "doc") if "doc" in entry else ""
    return Table(where, name, entry[fields], doc, entry.get("clause", ""))


class Schemas:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.read_messages()
        self.read_rows()
        self.events = self.read_codes("events.toml", "event", {"code"}, {"etsi", "doc"})
        self.outcomes = self.read_codes("outcome.toml", "outcome", {"code", "retry", "en", "ja", "next_en", "next_ja"}, set())
        self.metrics = self.read_metrics()
        check_nesting(self.messages + self.rows)
        names = {}
        for table in self.messages + self.rows:
            unique(table.where, names, table.name, "name")
            if table.name in ("frame", "slice", "hash", "buf", "mp", "outcome"):
                refuse(table.where, f"'{table.name}' is a struct of our own")

    def read_records(self, file, content):
        for name, entry in content.get("record", {}).items():
            where = f"{self.folder / file}: record.{name}"
            known(where, entry, {"fields"}, {"doc", "clause"})
            yield read_table(where, name, entry, "fields")

    def read_messages(self):
        content = load(self.folder, "messages.toml", {"version", "limits", "record", "request"})
        where = f"{self.folder / 'messages.toml'}"
        known(where, content, {"version", "limits", "request"}, {"record"})
        self.version = number(where, content, "version", 255)
        self.limits = content["limits"]
        for name in self.limits:
            check_name(f"{where}: limits", name)
            number(f"{where}: limits", self.limits, name, INT_MOST)
        self.records = list(self.read_records("messages.toml", content))
        self.requests, verbs = [], {}
        for name, entry in content["request"].items():
            here = f"{where}: request.{name}"
            known(here, entry, {"verb", "ask", "answer"}, {"doc", "clause"})
            number(here, entry, "verb", INT_MOST)
            unique(here, verbs, entry["verb"], "verb")
            ask = read_table(here, f"ask_{name}", entry, "ask", FIRST_OF_MESSAGE)
            answer = read_table(here, f"answer_{name}", entry, "answer", FIRST_OF_MESSAGE)
            self.requests.append((entry["verb"], name, ask, answer))
        self.messages = self.records + [t for r in self.requests for t in r[2:]]

    def read_rows(self):
        content = load(self.folder, "rows.toml", {"record", "row"})
        self.rows = list(self.read_records("rows.toml", content))
        self.keyed = {}
        for name, entry in content.get("row", {}).items():
            where = f"{self.folder / 'rows.toml'}: row.{name}"
            known(where, entry, {"table", "keyed", "fields"}, {"doc", "clause"})
            self.keyed[f"row_{name}"] = (entry["table"], entry["keyed"])
            self.rows.append(read_table(where, f"row_{name}", entry, "fields"))

    def read_codes(self, file, section, must, may):
        codes, rows = {}, []
        for name, entry in load(self.folder, file, {section}).get(section, {}).items():
            where = f"{self.folder / file}: {section}.{name}"
            if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", name):
                refuse(where, "no name")
            known(where, entry, must, may)
            if number(where, entry, "code", 9999) == 0:
                refuse(where, "code 0 is taken")
            unique(where, codes, entry["code"], "code")
            for attribute in entry.keys() - {"code", "retry"}:
                text(where, entry, attribute)
            if not isinstance(entry.get("retry", False), bool):
                refuse(where, "'retry' must be true or false")
            rows.append({"name": name, **entry})
        return sorted(rows, key=lambda row: row["code"])

    def read_metrics(self):
        rows = []
        for name, entry in load(self.folder, "metrics.toml", {"metric"})["metric"].items():
            where = f"{self.folder / 'metrics.toml'}: metric.{name}"
            check_name(where, name, 39)
            known(where, entry, {"kind", "doc"}, set())
            text(where, entry, "doc")
            if entry["kind"] not in ("count", "gauge"):
                refuse(where, "'kind' must be count or gauge")
            rows.append({"name": name, **entry})
        return rows


def main():
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    here = pathlib.Path(__file__).parent
    args.add_argument("--schemas", default=here, help="folder of the *.toml files")
    what = args.add_mutually_exclusive_group(required=True)
    what.add_argument("--out", help="write C into this folder")
    what.add_argument("--doc", action="store_true")
    what.add_argument("--check-doc", metavar="FILE")
    what.add_argument("--write-doc", metavar="FILE")
    what.add_argument("--dict", action="store_true")
    args = args.parse_args()
    sys.dont_write_bytecode = True
    try:
        schemas = Schemas(args.schemas)
    except SchemaError as trouble:
        sys.exit(f"schemac: {trouble}")
    if args.out:
        import schemac_c
        schemac_c.write(schemas, pathlib.Path(args.out))
    elif args.dict:
        import schemac_c
        print(schemac_c.dictionary(schemas), end="")
    else:
        import schemac_doc
        sys.exit(schemac_doc.run(schemas, check=args.check_doc, write=args.write_doc))


if __name__ == "__main__":
    main()
