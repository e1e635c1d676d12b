"""The tables of the forms say what the tax agency's schemas and rules say: no more, no less, nothing else

    tables.py SOURCE PROGRAM        PROGRAM is nta_tables.c, which prints what was compiled

SOURCE/schemas/nta is compared with the official files beside this script: element by element with the schemas, column by
column with the rules of the CSV conversion. Where we chose otherwise it is listed in CHOSEN with the reason; a difference
that is not listed fails, and so does a listed one that is no more. Then stories change one thing on either side and expect
that it is seen.
"""
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

import official
import ours

SOURCE, PROGRAM = pathlib.Path(sys.argv.pop(1)), sys.argv.pop(1)
HERE = pathlib.Path(__file__).parent
TABLES = SOURCE / "schemas" / "nta"
WRITTEN = ["TEG800", "TEG810", "TEG822", "TEG830", "TEG840", "TEG850"]
READ = ["TEG104", "TEG105", "TEG106", "TEG107", "TEG108", "TEG820", "TEG821"]

A_DAY = "a month and a day that stand together have to be a day; the official rules leave it out"
NAME = "the rules take the name from column 2, the era, whose 4 and 5 never match; the code stands in column 4"

# (form, column, "+" only we say it, "-" only they do, what): why
CHOSEN = {
    ("TEG840", 9, "+", "existDate(value=date;cols 9,10)"): A_DAY,
    ("TEG840", 11, "+", "existDate(value=date;cols 11,12)"): A_DAY,
    ("TEG840", 220, "+", "existDate2(value=date;cols 220,221,222,223)"): A_DAY,
    ("TEG850", 17, "+", "existDate2(value=date;cols 17,18,19,20)"): A_DAY,
    ("TEG850", 49, "+", "existDate2(value=date;cols 49,50,51,52)"): A_DAY,
    ("TEG850", 2, "-", "text 1=小規模企業共済掛金→WPB00000/kubun_NM"): NAME,
    ("TEG850", 2, "-", "text 2=個人型確定拠出年金（iDeCo）→WPB00000/kubun_NM"): NAME,
    ("TEG850", 4, "+", "text 1=小規模企業共済掛金→WPB00000/kubun_NM"): NAME,
    ("TEG850", 4, "+", "text 2=個人型確定拠出年金（iDeCo）→WPB00000/kubun_NM"): NAME,
}
# The schemas name no codes. Forms without rules of conversion take the names of a form with them.
SAME_NAMES = {("TEG820", "WGE00020"): ("TEG822", "WLB00020"), ("TEG821", "WHB00020"): ("TEG822", "WLB00020")}


def element_differences(tables, xsd, form):
    """One line for each element that is not the same, or not in the same place."""
    table, schema = ours.Table(tables / f"{form}.toml"), official.Schema(xsd / "kyotsu" / f"{form}-001.xsd")
    found = []
    for what, mine, theirs in (("id", table.id, schema.id), ("versions", table.form["versions"], schema.versions),
                               ("date", str(table.form["date"]), schema.date)):
        if mine != theirs:
            found.append(f"{form}: {what} {mine}, officially {theirs}")
    for at in range(max(len(table.elements), len(schema.elements))):
        mine = table.elements[at] if at < len(table.elements) else {"id": "nothing"}
        theirs = schema.elements[at] if at < len(schema.elements) else {"id": "nothing"}
        if mine != theirs:
            odd = {key: (mine.get(key), theirs.get(key)) for key in mine.keys() | theirs.keys() if mine.get(key) != theirs.get(key)}
            found.append(f"{form}: {mine['id']}: {odd}")
    return found


def column_differences(tables, csv, form):
    mine, theirs = ours.Table(tables / f"{form}.toml").columns(), official.columns(csv / f"{form}-csv.tsv")
    found = set()
    for at in mine.keys() | theirs.keys():
        found |= {(form, at, "+", fact) for fact in mine.get(at, set()) - theirs.get(at, set())}
        found |= {(form, at, "-", fact) for fact in theirs.get(at, set()) - mine.get(at, set())}
    return found


class TheTables(unittest.TestCase):
    maxDiff = None

    def test_every_schema_has_its_table_and_every_table_its_schema(self):
        self.assertEqual(sorted(p.stem for p in TABLES.glob("TEG*.toml")), sorted(WRITTEN + READ))
        self.assertEqual(sorted(p.stem.removesuffix("-001") for p in (HERE / "xsd/kyotsu").glob("*.xsd")), sorted(WRITTEN + READ))

    def test_they_have_the_schemas_elements_one_by_one(self):
        for form in WRITTEN + READ:
            with self.subTest(form):
                self.assertEqual(element_differences(TABLES, HERE / "xsd", form), [])

    def test_they_have_the_official_columns_but_for_what_we_chose(self):
        found = set()
        for form in WRITTEN:
            found |= column_differences(TABLES, HERE / "csv", form)
        self.assertEqual(found, set(CHOSEN))

    def test_only_forms_with_official_rules_are_written(self):
        for form in WRITTEN + READ:
            self.assertEqual(ours.Table(TABLES / f"{form}.toml").csv is not None, form in WRITTEN, form)

    def test_names_of_codes_are_official_ones(self):
        for form in READ:
            for element, names in ours.Table(TABLES / f"{form}.toml").names.items():
                if names:
                    other, same = SAME_NAMES[form, element]
                    theirs = ours.Table(TABLES / f"{other}.toml").names[same]
                    self.assertLessEqual(set(names), set(theirs), f"{form}: {element}")

    def test_a_name_of_a_form_is_the_schemas_without_the_blank_for_a_year(self):
        for form in WRITTEN + READ:
            theirs = official.Schema(HERE / f"xsd/kyotsu/{form}-001.xsd").name
            self.assertEqual(ours.Table(TABLES / f"{form}.toml").form["name"], re.sub("^(平成__)?年分　", "", theirs), form)


class WhatIsCompiled(unittest.TestCase):
    """The program prints the C tables; formc.py may have slips of its own."""
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        done = subprocess.run([PROGRAM], capture_output=True, text=True, encoding="utf-8", check=True)
        cls.lines = [row.split("\t") for row in done.stdout.splitlines()]

    def rows(self, what, form=None):
        return [row[1:] if form is None else row[2:] for row in self.lines if row[0] == what and form in (None, row[1])]

    def test_the_parts_of_the_types_are_those_of_the_general_schema(self):
        general = official.General(HERE / "xsd/general/General.xsd")
        printed = {}
        for kind, name, space, *limits in self.rows("part"):
            self.assertEqual(space, "" if name.startswith("kubun") else "gen:", name)
            printed.setdefault(kind, []).append((name, *(int(x) for x in limits)))
        self.assertEqual(len(printed), 10)
        for kind, parts in printed.items():
            theirs = [(name, int(must), int(text), *rest) for name, must, text, *rest in general.parts(kind)]
            self.assertEqual(parts, theirs, kind)

    def test_the_elements_are_the_schemas(self):
        for form in WRITTEN + READ:
            theirs = []
            for e in official.Schema(HERE / f"xsd/kyotsu/{form}-001.xsd").elements:
                kind = "str" if e["type"] in ("name", "address", "n-kana") else e["type"]
                room = e.get("max", e.get("digits", 0))
                theirs.append([e["id"], e["up"] or "", e["name"], *map(str, e["times"]), kind, str(room),
                               e["id"][-1] if "page" in e else "0", " ".join(e.get("codes", []))])
            self.assertEqual(self.rows("element", form), theirs, form)

    def test_the_columns_are_the_files(self):
        for form in WRITTEN:
            table, theirs = ours.Table(TABLES / f"{form}.toml"), []
            for c in ours.plain_columns(table.csv):
                to = [c["to"]] if isinstance(c.get("to"), str) else c.get("to", [])
                codes = c.get("codes") or (table.codes[to[0].partition(".")[0]] if c["is"] == "code" else [])
                room = c.get("max", c.get("length", c.get("digits", 15 if c["is"] in ("amount", "positive") else 0)))
                when = [f"{w['column']}={'|'.join(w.get('is', []))}" for w in c["must"]] if isinstance(c.get("must"), list) else []
                gifts = [f"{code}={text}→{g['to']}" for g in c.get("gives", []) for code, text in g["text"]]
                theirs.append([str(c["at"]), c["name"], c["is"], str(int(c.get("must") is True)), str(room), " ".join(to),
                               " ".join(when), " ".join(codes), ";".join(gifts)])
            self.assertEqual(self.rows("column", form)[1:], theirs, form)
            for rule in ("date", "before"):
                self.assertEqual(self.rows(rule, form), [[" ".join(map(str, r))] for r in table.csv.get(rule, [])], form)


class AChangeIsSeen(unittest.TestCase):
    """On either side, one thing at a time."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.at = pathlib.Path(folder.name)
        shutil.copytree(TABLES, self.at / "tables")
        shutil.copytree(HERE / "xsd", self.at / "xsd")
        shutil.copytree(HERE / "csv", self.at / "csv")

    def changed(self, file, old, new, differences):
        path = self.at / file
        before = path.read_text(encoding="utf-8")
        self.assertIn(old, before)
        path.write_text(before.replace(old, new, 1), encoding="utf-8")
        try:
            return differences()
        finally:
            path.write_text(before, encoding="utf-8")

    def see_elements(self, changes):
        for form, file, old, new, seen in changes:
            with self.subTest(f"{file}: {new}"):
                found = self.changed(file, old, new, lambda: element_differences(self.at / "tables", self.at / "xsd", form))
                self.assertTrue(any(seen in line for line in found), found)

    def see_columns(self, changes):
        for form, file, old, new, column in changes:
            with self.subTest(f"{file}: {new}"):
                found = self.changed(file, old, new, lambda: column_differences(self.at / "tables", self.at / "csv", form))
                chosen = {difference for difference in CHOSEN if difference[0] == form}
                self.assertIn(column, {at for _, at, _, _ in found ^ chosen})

    def test_in_the_elements_of_a_table(self):
        t, x = "tables/TEG800.toml", 'id = "WCE00040", name = "証券番号", type = "str", max = 30'
        self.see_elements([
            ("TEG800", t, x, x.replace("WCE00040", "WCE00041"), "WCE00041"),
            ("TEG800", t, x, x.replace("証券番号", "証書番号"), "WCE00040"),
            ("TEG800", t, x, x.replace("30", "31"), "WCE00040"),
            ("TEG800", t, x, x.replace('"str", max = 30', '"name"'), "WCE00040"),
            ("TEG800", t, x, x.replace("type", 'times = "0..1", type'), "WCE00040"),
            ("TEG800", t, 'times = "1..100"', 'times = "1..99"', "WCE00000"),
            ("TEG800", t, '["3", "新生命保険料控除制度及び旧生命保険料控除制度"]', '["4", ""]', "WCE00030"),
            ("TEG800", t, 'versions = ["1.0", "1.1"]', 'versions = ["1.1"]', "versions"),
            ("TEG800", t, "date = 2020-08-31", "date = 2020-08-30", "date"),
            ("TEG800", t, "digits = 3", "digits = 2", "WCE00120"),
            ("TEG830", "tables/TEG830.toml", ", page = 2", "", "TEG830-2"),
        ])

    def test_in_an_official_schema(self):
        x = "xsd/kyotsu/TEG800-001.xsd"
        self.see_elements([
            ("TEG800", x, 'name="WCE00040"', 'name="WCE00041"', "WCE00041"),
            ("TEG800", x, '"証券番号"', '"証書番号"', "WCE00040"),
            ("TEG800", x, 'maxOccurs="100"', 'maxOccurs="101"', "WCE00000"),
            ("TEG800", x, 'type="gen:kingaku" minOccurs="0"', 'type="gen:kingaku"', "times"),
            ("TEG800", x, '<xsd:maxLength value="35"/>', '<xsd:maxLength value="36"/>', "WCE00020"),
            ("TEG800", x, '<xsd:enumeration value="3"/>', "", "WCE00030"),
            ("TEG800", x, r'<xsd:pattern value="\d?\d?\d"/>', r'<xsd:pattern value="\d?\d"/>', "WCE00120"),
            ("TEG800", x, '<xsd:enumeration value="1.1"/>', '<xsd:enumeration value="1.2"/>', "versions"),
            ("TEG800", x, "2020年08月31日", "2026年08月31日", "date"),
        ])

    def test_a_facet_that_nobody_expected_is_refused(self):
        with self.assertRaises(official.Unknown):
            self.changed("xsd/kyotsu/TEG800-001.xsd", '<xsd:maxLength value="35"/>', '<xsd:maxLength value="35"/><xsd:minLength value="1"/>',
                         lambda: element_differences(self.at / "tables", self.at / "xsd", "TEG800"))

    def test_in_the_columns_of_a_table(self):
        t = "tables/TEG810.toml"
        self.see_columns([
            ("TEG810", t, 'name = "証券番号", to', 'name = "証書番号", to', 3),
            ("TEG810", t, 'to = "WDE00040", is', 'to = "WDE00050", is', 3),
            ("TEG810", t, 'is = "text", max = 5 ', 'is = "text", max = 6 ', 4),
            ("TEG810", t, 'is = "text", max = 5 ', 'is = "text", max = 5, must = true ', 4),
            ("TEG810", t, 'to = "WDE00170", is = "amount"', 'to = "WDE00170", is = "positive"', 25),
            ("TEG810", t, 'must = [{ column = 6, is = ["1", "3"] }]', 'must = [{ column = 6, is = ["1"] }]', 26),
            ("TEG810", t, "date = [[9, 10, 11], ", "date = [", 9),
            ("TEG810", t, "第七十七条第一項に規定する地震保険料に該当", "第七十七条に規定する地震保険料に該当", 6),
            ("TEG810", t, '["2", "家財"]', '["2", "家具"]', 7),
            ("TEG800", "tables/TEG800.toml", "before = [[59, 60, 61, 62]]", "", 59),
            ("TEG850", "tables/TEG850.toml", "[17, 18, 19, 20], ", "", 17),  # one that we chose
        ])

    def test_in_an_official_rule(self):
        t = "csv/TEG810-csv.tsv"
        self.see_columns([
            ("TEG810", t, "3\t証券番号\t", "3\t証書番号\t", 3),
            ("TEG810", t, "length(max=5)", "length(max=6)", 4),
            ("TEG810", t, "exist length(max=100) etxString\tTEG810/WDD00000", "length(max=100) etxString\tTEG810/WDD00000", 5),
            ("TEG810", t, "WDE00160/WDE00170 rejectEmpty", "WDE00160/WDE00180 rejectEmpty", 25),
            ("TEG810", t, "WDE00160/WDE00170 rejectEmpty removeLeadingPlusSign", "WDE00160/WDE00170 rejectEmpty", 25),
            ("TEG810", t, "WDE00160/WDE00170 rejectEmpty", "WDE00160/WDE00170", 25),
            ("TEG810", t, "contain(value=1 2 3 4 5)", "contain(value=1 2 3 4)", 24),
            ("TEG810", t, "3=月払", "3=月掛", 24),
            ("TEG810", t, "format(value=checkDigits)", "", 23),
        ])


if __name__ == "__main__":
    unittest.main()
