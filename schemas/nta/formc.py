#!/usr/bin/env python3
"""formc - reads the tables of the tax forms, checks them, and writes the C tables of lib/form/form.h

    formc.py --schemas DIR --out FILE

README.md beside this script says how the files are to be read. A slip fails the build and names file, element or
column; nothing generated is kept in the repository.
"""
import argparse
import datetime
import pathlib
import re
import sys
import tomllib

NONE = "FORM_NONE"
AMOUNT_DIGITS = 15
NAME_MOST = 30      # characters of kubun_NM
SUMMANDS = 2        # FORM_SUMMANDS, FORM_NUMBERS
PARTS = {  # by type: the parts in their order, as form_parts in lib/form/form.c has them
    "kubun": ["kubun_CD", "kubun_NM"], "kubun2": ["kubun_CD", "kubun_NM"],
    "bango": ["kojinbango", "hojinbango"], "tel-number": ["tel1", "tel2", "tel3"],
    "yyyymmdd": ["yyyy", "mm", "dd"], "yyyymm": ["yyyy", "mm"], "yyyy": ["yyyy"],
    "yymmdd": ["era", "yy", "mm", "dd"], "yy": ["era", "yy"], "mmdd": ["mm", "dd"],
}
TEXTS = {"str", "name", "address", "n-kana"}
TYPES = TEXTS | {"kingaku", "number", "mm"} | PARTS.keys()
IS = {  # what may stand in a column: (attribute it must have, attributes it may have)
    "text": ("max", ()), "alphanumeric": ("max", ()), "latin": ("max", ()), "numeral": ("length", ()),
    "amount": (None, ()), "positive": (None, ("digits",)), "code": (None, ("codes",)), "era": ("codes", ()),
    "yyyy": (None, ()), "yy": (None, ()), "mm": (None, ()), "dd": (None, ()), "hojinbango": (None, ()),
}
FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")


class FormError(Exception):
    pass


def refuse(where, why):
    raise FormError(f"{where}: {why}")


def known(where, entry, must, may):
    for lost in sorted(set(must) - entry.keys()):
        refuse(where, f"lacks '{lost}'")
    for odd in sorted(entry.keys() - set(must) - set(may)):
        refuse(where, f"unknown attribute '{odd}'")


def load(path):
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as e:
        refuse(path.name, e)


def once(where, codes):
    for code in codes:
        if codes.count(code) > 1:
            refuse(where, f"the code '{code}' is there twice")


def quote(s):
    for plain in '\\"?':
        s = s.replace(plain, "\\" + plain)
    return f'"{s}"'


def day(date):
    return date.year * 10000 + date.month * 100 + date.day


class Form:
    """One file, checked, and its tables in C."""

    def __init__(self, path, categories):
        self.where = path.name
        data = load(path)
        known(self.where, data, {"form", "facts"}, {"csv"})
        head = data["form"]
        known(f"{self.where}: form", head, {"id", "name", "versions", "date", "element"}, ())
        self.id, self.name, self.versions = head["id"], head["name"], head["versions"]
        if self.id != path.stem:
            refuse(self.where, f"the form is {self.id}")
        self.categories = categories
        self.elements, self.index = [], {}
        self.read_elements(head["element"], NONE, 0)
        self.columns, self.csv = [], data.get("csv")
        if self.csv:
            self.read_csv()
        self.facts = data["facts"]
        self.read_facts()

    # ---- elements ----

    def read_elements(self, entries, up, depth):
        for e in entries:
            where = f"{self.where}: {e.get('id', 'an element without id')}"
            known(where, e, {"id", "name"}, {"times", "type", "has", "max", "digits", "codes", "page"})
            if ("has" in e) == ("type" in e):
                refuse(where, "needs either 'type' or 'has'")
            if e["id"] in self.index:
                refuse(where, "is there twice")
            kind = e.get("type", "group")
            if kind != "group" and kind not in TYPES:
                refuse(where, f"unknown type '{kind}'")
            if (kind == "number") != ("digits" in e) or ("max" in e and kind not in TEXTS):
                refuse(where, f"'max' or 'digits' does not go with {kind}")
            if "codes" in e and not kind.startswith("kubun"):
                refuse(where, f"{kind} has no codes")
            times = re.fullmatch(r"(\d+)(?:\.\.(\d+))?", e.get("times", "1"))
            if not times:
                refuse(where, f"times '{e['times']}' is neither N nor N..M")
            if times[2] and int(times[1]) > int(times[2]):
                refuse(where, f"times {e['times']} is more than at most")
            once(where, [code for code, _ in e.get("codes", [])])
            if any(len(name) > NAME_MOST for _, name in e.get("codes", [])):
                refuse(where, f"a code's name is longer than {NAME_MOST}")
            at = len(self.elements)
            self.index[e["id"]] = at
            entry = dict(e, up=up, depth=depth, kind=kind, least=int(times[1]), most=int(times[2] or times[1]))
            self.elements.append(entry)
            self.read_elements(e.get("has", []), at, depth + 1)
            entry["end"] = len(self.elements)

    def element(self, where, name):
        if name not in self.index:
            refuse(where, f"no element '{name}'")
        return self.index[name]

    # ---- columns ----

    def read_csv(self):
        known(f"{self.where}: csv", self.csv, {"column"}, {"grouping", "rows", "date", "before"})
        self.columns.append({"at": 1, "name": "控除証明書の種類", "is": "alphanumeric", "max": 6, "must": True})
        for entry in self.csv["column"]:
            if "column" in entry:
                self.read_repeated(entry)
            else:
                self.read_column(entry)
        for rule in self.csv.get("date", []) + self.csv.get("before", []):
            if not all(1 < c <= len(self.columns) for c in rule):
                refuse(f"{self.where}: csv", f"the rule {rule} names a column that is not there")
        if not 0 <= self.csv.get("grouping", 0) <= len(self.columns):
            refuse(f"{self.where}: csv", f"grouping by column {self.csv['grouping']}, which is not there")
        for row in self.csv.get("rows", []):
            self.element(f"{self.where}: csv", row)
        for c in self.columns:
            for condition in c["must"] if isinstance(c.get("must"), list) else []:
                self.check_condition(f"{self.where}: column {c['at']}", condition)

    def read_repeated(self, entry):
        where = f"{self.where}: column {entry.get('at')}"
        known(where, entry, {"at", "name", "times", "in", "column"}, ())
        at = entry["at"]
        for n in range(1, entry["times"] + 1):
            number = str(n).translate(FULL_WIDTH)
            for column in entry["column"]:
                self.read_column(dict(column, at=at, name=f"{entry['name']}{number}　{column['name']}", occurrence=n,
                                      within=self.element(where, entry["in"])))
                at += 1

    def read_column(self, c):
        where = f"{self.where}: column {c.get('at')}"
        known(where, c, {"at", "name", "is"}, {"to", "must", "max", "length", "digits", "codes", "gives", "occurrence",
                                              "within"})
        if c["at"] != len(self.columns) + 1:
            refuse(where, f"column {len(self.columns) + 1} was expected here")
        if c["is"] not in IS:
            refuse(where, f"unknown 'is = \"{c['is']}\"'")
        must, may = IS[c["is"]]
        for attribute in ("max", "length", "digits", "codes"):
            if (attribute in c) != (attribute == must) and attribute not in may:
                refuse(where, f"'{attribute}' does not go with {c['is']}, or is missing")
        to = c.get("to", [])
        c = dict(c, targets=[self.target(where, t) for t in ([to] if isinstance(to, str) else to)])
        if c["is"] == "code" and "codes" not in c:
            c["codes"] = [code for code, _ in self.elements[c["targets"][0][0]].get("codes", [])]
            if not c["codes"]:
                refuse(where, "neither it nor its element has codes")
        for at, _ in c["targets"]:
            self.check_room(where, at, c.get("max", 0))
        for gift in c.get("gives", []):
            known(where, gift, {"to", "text"}, ())
            once(where, [code for code, _ in gift["text"]])
            for code, text in gift["text"]:
                if code not in c.get("codes", []):
                    refuse(where, f"gives a text for '{code}', which is none of its codes")
                self.check_room(where, self.element(where, gift["to"]), len(text))
        self.columns.append(c)

    def check_room(self, where, at, length):
        room = self.elements[at].get("max", length)
        if length > room:
            refuse(where, f"{length} characters for {self.elements[at]['id']}, which takes {room}")

    def check_condition(self, where, condition):
        known(where, condition, {"column"}, {"is"})
        if not 1 < condition["column"] <= len(self.columns):
            refuse(where, f"depends on column {condition['column']}, which is not there")
        codes = self.columns[condition["column"] - 1].get("codes", [])
        for code in condition.get("is", []):
            if code not in codes:
                refuse(where, f"depends on '{code}', which column {condition['column']} cannot be")

    def target(self, where, name):
        name, _, part = name.partition(".")
        at = self.element(where, name)
        parts = PARTS.get(self.elements[at]["kind"])
        if (parts is None) != (part == "") or (parts and part not in parts):
            refuse(where, f"'{name}' has no part '{part}'")
        return at, parts.index(part) if parts else 0

    # ---- facts ----

    def read_facts(self):
        where = f"{self.where}: facts"
        known(where, self.facts, {"person", "entry"}, {"issuer", "issuer_number", "issued", "unique"})
        for e in self.facts["entry"]:
            known(where, e, {"year", "number", "amount"}, {"each", "unless", "label", "issuer", "apart"})
            if "issuer" not in self.facts and "issuer" not in e:
                refuse(where, "nobody is the issuer")
            for amount in e["amount"]:
                known(where, amount, {"category", "declared"}, {"projected"})
                for sum_of in (amount["declared"], amount.get("projected", []), e["number"]):
                    if len(sum_of) > SUMMANDS:
                        refuse(where, f"{', '.join(sum_of)} are more than {SUMMANDS}")
                if amount["category"] not in self.categories:
                    refuse(where, f"no category '{amount['category']}' in common.toml")

    def fact(self, entry, name):
        return self.element(f"{self.where}: facts", entry[name]) if name in entry else NONE

    # ---- C ----

    def write(self, out):
        self.write_elements(out)
        if self.csv:
            self.write_csv(out)
        self.write_facts(out)
        low = self.id.lower()
        csv = self.csv or {}
        rows = [self.element(self.where, r) for r in csv.get("rows", [])] + [NONE, NONE]
        out.append(f"static const char *const {low}_version[] = {{ {''.join(quote(v) + ', ' for v in self.versions)}NULL }};")
        out.append(f"static const struct form {low} = {{")
        out.append(f"        .id = {quote(self.id)}, .name = {quote(self.name)}, .version = {low}_version,")
        out.append(f"        .element = {low}_element, .elements = {len(self.elements)}, .columns = {len(self.columns)},")
        if self.csv:
            out.append(f"        .column = {low}_column, .grouping = {csv.get('grouping', 0)}, .date = {low}_date, "
                       f".before = {low}_before,")
        out.append(f"        .row = {{ {rows[0]}, {rows[1]} }},")
        for name in ("issuer", "issuer_number", "person", "issued", "unique"):
            out.append(f"        .{name} = {self.fact(self.facts, name)},")
        out.append(f"        .entry = {low}_entry, .entries = {len(self.facts['entry'])},\n}};\n")

    def write_codes(self, out, name, codes):
        rows = "".join(f"{{ {quote(c)}, {quote(n)} }}, " for c, n in codes)
        out.append(f"static const struct form_code {name}[] = {{ {rows}{{ NULL, NULL }} }};")

    def write_elements(self, out):
        low = self.id.lower()
        for e in self.elements:
            if "codes" in e:
                self.write_codes(out, f"{low}_{e['id'].lower()}_code", e["codes"])
        out.append(f"static const struct form_element {low}_element[] = {{")
        for e in self.elements:
            kind = "STR" if e["kind"] in TEXTS else e["kind"].upper().replace("-", "_")
            codes = f"{low}_{e['id'].lower()}_code" if "codes" in e else "NULL"
            out.append(f"        {{ {quote(e['id'])}, {quote(e['name'])}, {e['up']}, {e['end']}, {e['least']}, {e['most']}, "
                       f"FORM_{kind}, {e['depth']}, {e.get('page', 0)}, {e.get('max', e.get('digits', 0))}, {codes} }},")
        out.append("};")

    def write_csv(self, out):
        low = self.id.lower()
        for c in self.columns:
            name = f"{low}_{c['at']}"
            if "codes" in c:
                out.append(f"static const char *const {name}_code[] = {{ {''.join(quote(x) + ', ' for x in c['codes'])}NULL }};")
            if isinstance(c.get("must"), list):
                self.write_conditions(out, name, c["must"])
            for n, gift in enumerate(c.get("gives", [])):
                self.write_codes(out, f"{name}_text{n}", gift["text"])
            if "gives" in c:
                rows = "".join(f"{{ {self.index[g['to']]}, {name}_text{n} }}, " for n, g in enumerate(c["gives"]))
                out.append(f"static const struct form_gift {name}_gift[] = {{ {rows}{{ {NONE}, NULL }} }};")
        out.append(f"static const struct form_column {low}_column[] = {{")
        out.extend(self.column(f"{low}_{c['at']}", c) for c in self.columns)
        out.append("};")
        for rule in ("date", "before"):
            rows = "".join("{ { " + ", ".join(map(str, r)) + " } }, " for r in self.csv.get(rule, []))
            out.append(f"static const struct form_rule {low}_{rule}[] = {{ {rows}{{ {{ 0 }} }} }};")

    def write_conditions(self, out, name, conditions):
        rows = ""
        for n, condition in enumerate(conditions):
            if "is" in condition:
                out.append(f"static const char *const {name}_is{n}[] = {{ {''.join(quote(x) + ', ' for x in condition['is'])}NULL }};")
            rows += f"{{ {condition['column']}, {f'{name}_is{n}' if 'is' in condition else 'NULL'} }}, "
        out.append(f"static const struct form_condition {name}_when[] = {{ {rows}{{ 0, NULL }} }};")

    @staticmethod
    def column(name, c):
        kind = c["is"].upper()
        kind = f"COLUMN_{kind}" if kind in ("YYYY", "YY", "MM", "DD") else kind
        room = c.get("max", c.get("length", c.get("digits", AMOUNT_DIGITS if c["is"] in ("amount", "positive") else 0)))
        to = "".join(f"{{ {e}, {p} }}, " for e, p in c["targets"]) if c.get("targets") else "{ 0, 0 }"
        return (f"        {{ {quote(c['name'])}, FORM_{kind}, {'true' if c.get('must') is True else 'false'}, {room}, "
                f"{c.get('occurrence', 0)}, {c.get('within', NONE)}, {len(c.get('targets', []))}, {{ {to} }}, "
                f"{f'{name}_when' if isinstance(c.get('must'), list) else 'NULL'}, "
                f"{f'{name}_code' if 'codes' in c else 'NULL'}, {f'{name}_gift' if 'gives' in c else 'NULL'} }},")

    def sum_of(self, names, room=2):
        if len(names) > room:
            refuse(f"{self.where}: facts", f"more than {room} of {', '.join(names)}")
        at = [str(self.element(f"{self.where}: facts", n)) for n in names] + [str(NONE)] * room
        return f"{{ {', '.join(at[:room])} }}"

    def write_facts(self, out):
        low = self.id.lower()
        for n, e in enumerate(self.facts["entry"]):
            rows = "".join(f"{{ {self.categories.index(a['category'])}, {self.sum_of(a['declared'])}, "
                           f"{self.sum_of(a.get('projected', []))} }}, " for a in e["amount"])
            out.append(f"static const struct form_amount {low}_amount{n}[] = {{ {rows}}};")
        out.append(f"static const struct form_entry {low}_entry[] = {{")
        for n, e in enumerate(self.facts["entry"]):
            out.append(f"        {{ {self.fact(e, 'each')}, {self.fact(e, 'unless')}, {self.fact(e, 'year')}, "
                       f"{self.fact(e, 'label')}, {self.fact(e, 'issuer')}, {self.sum_of(e['number'])}, "
                       f"{self.sum_of(e.get('apart', []), 3)}, {low}_amount{n}, "
                       f"{len(e['amount'])} }},")
        out.append("};")


def write_common(out, common):
    known("common.toml", common, {"era", "category"}, ())
    out.append("const struct form_era form_era[] = {")
    for e in common["era"]:
        known(f"common.toml: era {e.get('code')}", e, {"code", "name", "letter", "base", "first"}, {"last"})
        last = e.get("last", datetime.date.max)
        out.append(f"        {{ {e['code']}, '{e['letter']}', {quote(e['name'])}, {e['base']}, {day(e['first'])}, "
                   f"{0 if last == datetime.date.max else day(last)} }},")
    out.append("        { 0 },\n};\n")
    out.append("const struct form_category form_category[] = {")
    for c in common["category"]:
        known(f"common.toml: category {c.get('id')}", c, {"id", "name", "en"}, {"deduction"})
        out.append(f"        {{ {quote(c['id'])}, {quote(c['name'])}, {quote(c['en'])}, "
                   f"{'true' if c.get('deduction', True) else 'false'} }},")
    out.append("        { NULL, NULL, NULL, false },\n};\n")


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--schemas", type=pathlib.Path, required=True)
    arguments.add_argument("--out", type=pathlib.Path, required=True)
    given = arguments.parse_args()
    try:
        common = load(given.schemas / "common.toml")
        out = ["/* Written by schemas/nta/formc.py from its TOML files; change those instead. */",
               '#include "form/form.h"\n']
        write_common(out, common)
        categories = [c["id"] for c in common["category"]]
        forms = [Form(path, categories) for path in sorted(given.schemas.glob("TEG*.toml"))]
        for form in forms:
            form.write(out)
        out.append(f"const struct form *const form_list[] = {{ {''.join(f'&{f.id.lower()}, ' for f in forms)}NULL }};")
    except (FormError, OSError) as e:
        print(f"formc: {e}", file=sys.stderr)
        return 1
    given.out.write_text("\n".join(out) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
