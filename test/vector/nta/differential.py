"""What we call valid by its form is what the tax agency's schemas call valid, and stricter only where we say so

    differential.py SOURCE FUMIBAKO [COUNT [SEED]]

Makes certificates of every form from the tables, changes each in one to three places, and asks both xmllint with the
official schema and `fumibako tax check`. What the schema refuses we must not call valid; what it takes we may only refuse
for the reasons in STRICTER (N3.3).
"""
import json
import pathlib
import random
import re
import subprocess
import sys
import tempfile
import tomllib
import unittest
from xml.sax.saxutils import escape, quoteattr

SOURCE, FUMIBAKO = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
COUNT = int(sys.argv[3]) if len(sys.argv) > 3 else 250
SEED = sys.argv[4] if len(sys.argv) > 4 else "1"
TABLES = SOURCE / "schemas" / "nta"
XSD = SOURCE / "test" / "vector" / "nta" / "xsd" / "kyotsu"
FORMS = sorted(p.stem for p in TABLES.glob("TEG*.toml"))
BATCH = 200

# code: what its finding must look like (where, detail), and why we are stricter than the schema
STRICTER = {
    "FORM_DATE": (r"", r"", "days that do not exist, and years that an era did not have"),
    "FORM_CHECK_DIGIT": (r"gen:(hojinbango|kojinbango)$", r"", "the schema takes any digits, and none"),
    "FORM_MONTHS": (r"", r"", "a period that ends before it begins"),
    "FORM_VALUE": (r"gen:(hojinbango|kojinbango|tel\d)$", r"[^\x00-\x7f]", "\\d of a schema is a digit of any script"),
    "FORM_ATTRIBUTE": (r"@(type|nil|schemaLocation|noNamespaceSchemaLocation)$", r"",
                       "what turns or points a schema's reader elsewhere has no place inside a certificate"),
    "SIGNATURE_REFERENCE": (r"^Reference$", r"^#$", "a root without an id cannot be what is signed"),
}
SIGNATURE = """<dsig:Signature xmlns:dsig="http://www.w3.org/2000/09/xmldsig#"{id}><dsig:SignedInfo>\
<dsig:CanonicalizationMethod Algorithm="http://www.w3.org/TR/2001/REC-xml-c14n-20010315"/>\
<dsig:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"/>\
<dsig:Reference URI="#{root}"><dsig:Transforms>\
<dsig:Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/>\
<dsig:Transform Algorithm="http://www.w3.org/TR/2001/REC-xml-c14n-20010315"/></dsig:Transforms>\
<dsig:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/><dsig:DigestValue>AAAA</dsig:DigestValue>\
</dsig:Reference></dsig:SignedInfo><dsig:SignatureValue>AAAA</dsig:SignatureValue><dsig:KeyInfo><dsig:X509Data>\
<dsig:X509Certificate>AAAA</dsig:X509Certificate></dsig:X509Data></dsig:KeyInfo></dsig:Signature>"""
ROOT_ID = "TEG80020261123000000000001"
PARTS = {"yyyymmdd": ["yyyy", "mm", "dd"], "yyyymm": ["yyyy", "mm"], "yyyy": ["yyyy"], "yymmdd": ["era", "yy", "mm", "dd"],
         "yy": ["era", "yy"], "mmdd": ["mm", "dd"]}
GOOD = {"era": "5", "yy": "8", "yyyy": "2026", "mm": "4", "dd": "30"}
NUMBERS = ["", " ", "-", "0", "00", "000", "01", "1", "7", "9", "12", "13", "31", "32", "99", "100", "-0", "-1", "+1", "1.0", "1e3", " 5 ",
           "\n5\t", "5 5", "１", "٣", "x", "0000", "0005", "99999", "123456789012345", "-123456789012345", "1234567890123456",
           "0000000000000012", "8000020131016", "9000020131016", "123456789018", "1234567890123", "12345678901234"]
TEXTS = ["", " ", "　", "★", "♪", "𠮷", "㐂", "ﾊﾝｶｸ", "髙﨑㈱①", "\u0085", "\u00ad", "\u2028", "\ufe00", "葛\U000e0100", "\ue000", "😀", "é",
         "Ω", "Ѐ", "ԀԀ", "\tx\n", "a" * 5, "名" * 12, "～－∥￢", "<&>", "\ufffd", "\uffef", "\uff66"]


def parse(form):
    return tomllib.loads((TABLES / f"{form}.toml").read_text(encoding="utf-8"))["form"]


class Element:
    def __init__(self, name, text=None, attributes=None, inside=()):
        self.name, self.text, self.attributes, self.inside = name, text, dict(attributes or {}), list(inside)

    def copy(self):
        return Element(self.name, self.text, self.attributes, [i.copy() for i in self.inside])

    def write(self, out):
        out.append("<" + self.name + "".join(f" {k}={quoteattr(v)}" for k, v in self.attributes.items()) + ">")
        out.append(escape(self.text or "", {"\r": "&#13;", "\x85": "&#133;"}))
        for i in self.inside:
            i.write(out)
        out.append(f"</{self.name}>")

    def walk(self):
        yield self
        for i in self.inside:
            yield from i.walk()


class Maker:
    """One form's certificates, valid to begin with."""

    def __init__(self, form, chance):
        self.form, self.table, self.chance = form, parse(form), chance

    def value(self, e):
        kind = e["type"]
        if kind in ("str", "name", "address", "n-kana"):
            return Element(e["id"], "文箱㈱"[:e.get("max", 9)])
        if kind == "kingaku":
            return Element(e["id"], self.chance.choice(["0", "72000", "000005678", "-5"]))
        if kind == "number":
            return Element(e["id"], self.chance.choice(["1", "5", "0"] + ["9" * e["digits"]]))
        if kind in ("kubun", "kubun2"):
            code = self.chance.choice([c for c, _ in e.get("codes", [["1", ""]])])
            name = [Element("kubun_NM", "区分")] if self.chance.random() < 0.5 else []
            return Element(e["id"], inside=[Element("kubun_CD", code), *name])
        if kind == "bango":
            return Element(e["id"], inside=[Element("gen:hojinbango", "8000020131016")])
        if kind == "tel-number":
            return Element(e["id"], inside=[Element(f"gen:tel{i}", "123") for i in (1, 2, 3)])
        if kind == "mm":
            return Element(e["id"], "10")
        return Element(e["id"], inside=[Element(f"gen:{p}", GOOD[p]) for p in PARTS[kind]])

    def elements(self, entries, full):
        for e in entries:
            least, _, most = e.get("times", "1").partition("..")
            least, most = int(least), int(most or least)
            often = most if full > 1 and most > 1 and self.chance.random() < 0.1 else max(least, full and 1)
            for _ in range(min(often, 101)):
                made = Element(e["id"], inside=self.elements(e["has"], min(full, 1))) if "has" in e else self.value(e)
                if "page" in e:
                    made.attributes["page"] = str(e["page"])
                yield made

    def certificate(self):
        full = self.chance.choice([0, 1, 1, 2])
        head = {"xmlns": "http://xml.e-tax.nta.go.jp/XSD/kyotsu", "xmlns:gen": "http://xml.e-tax.nta.go.jp/XSD/general",
                "xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance", "VR": self.chance.choice(self.table["versions"]),
                "id": ROOT_ID, "page": "1", "sakuseiDay": "2026-11-23", "sakuseiNM": "文箱", "softNM": "differential"}
        return Element(self.form, attributes=head, inside=self.elements(self.table["element"], full))


class Changer:
    """One change of a certificate; most of them make it wrong, some do not."""

    def __init__(self, chance, root):
        self.chance, self.root = chance, root
        self.all = list(root.walk())
        self.up = {id(i): e for e in self.all for i in e.inside}
        self.signature = SIGNATURE.replace("{id}", ' Id="_1"')

    def any(self, wanted=lambda e: True):
        """One inside the root; the first when none is as it is wanted."""
        return self.chance.choice([e for e in self.all[1:] if wanted(e)] or self.all[1:2])

    def change(self):
        if len(self.all) > 3:
            getattr(self, self.chance.choice(self.WAYS))()

    def value(self):
        e = self.any(lambda e: not e.inside)
        e.text = self.chance.choice(NUMBERS + TEXTS)

    def number(self):
        e = self.any(lambda e: re.fullmatch(r"[-\d]+", e.text or ""))
        e.text = self.chance.choice(NUMBERS)

    def long(self):
        e = self.any(lambda e: not e.inside)
        e.text = self.chance.choice("名a髙 ") * self.chance.choice([4, 5, 6, 7, 8, 10, 11, 12, 15, 16, 20, 21, 30, 31, 35, 36, 50, 51, 60, 61, 100, 101, 200, 201, 500, 501, 700, 2000])

    def room(self):
        """Up to what the table allows, or one more."""
        sizes = {}

        def collect(entries):
            for e in entries:
                if "max" in e:
                    sizes[e["id"]] = e["max"]
                collect(e.get("has", []))
        collect(parse(self.root.name)["element"])
        e = self.any(lambda e: e.name in sizes)
        if e.name in sizes:
            e.text = self.chance.choice("名a") * (sizes[e.name] + self.chance.choice([0, 0, 1]))

    def lose(self):
        e = self.any()
        self.up[id(e)].inside.remove(e)

    def twice(self):
        e = self.any()
        up = self.up[id(e)]
        up.inside[up.inside.index(e):up.inside.index(e)] = [e.copy() for _ in range(self.chance.choice([1, 1, 1, 12, 20, 50, 99, 100]))]

    def swap(self):
        up = self.chance.choice([e for e in self.all if len(e.inside) > 1] or [self.root])
        at = self.chance.randrange(max(len(up.inside) - 1, 1))
        if len(up.inside) > 1:
            up.inside[at], up.inside[at + 1] = up.inside[at + 1], up.inside[at]

    def move(self):
        e = self.any()
        self.up[id(e)].inside.remove(e)
        target = self.any(lambda t: t not in list(e.walk()))
        if target not in list(e.walk()):
            target.inside.insert(self.chance.randint(0, len(target.inside)), e)

    def empty(self):
        e = self.any()
        e.inside, e.text = [], None

    def mixed(self):
        e = self.any()
        if e.inside:
            e.text = self.chance.choice(["x", " ", "\n", "0"])
        else:
            e.inside.append(Element(self.chance.choice(["kubun_CD", "WCE00010", "gen:yyyy"]), "1"))

    def rename(self):
        e = self.any()
        e.name = self.chance.choice([e.name + "0", "gen:" + e.name.split(":")[-1], e.name.split(":")[-1], e.name.lower(), "WZZ00000"])

    def other_space(self):
        self.any().attributes["xmlns"] = self.chance.choice(["", "http://xml.e-tax.nta.go.jp/XSD/general", "urn:x",
                                                             "http://xml.e-tax.nta.go.jp/XSD/kyotsu"])

    def attribute(self):
        e = self.any() if self.chance.random() < 0.6 else self.any(lambda e: re.fullmatch(r"[-\d]+", e.text or ""))
        name, value = self.chance.choice([("AutoCalc", "1"), ("AutoCalc", ""), ("page", "1"), ("page", "0"), ("page", "x"), ("IDREF", "a"), ("xsi:nil", "true"),
                                          ("xsi:nil", "false"), ("xsi:type", "gen:str"), ("xsi:schemaLocation", "urn:x urn:y"),
                                          ("xml:lang", "ja"), ("xml:space", "preserve"), ("xml:base", "http://localhost/"), ("gen:page", "1")])
        e.attributes[name] = value

    def page(self):
        e = self.chance.choice([e for e in self.all if "page" in e.attributes])
        e.attributes["page"] = self.chance.choice(["0", "2", "01", "+1", " 1 ", "-1", "", "x", "1.0", "9" * 30])

    def head(self):
        name, values = self.chance.choice([
            ("VR", ["1.0", "1.1", "1.2", "2.0", "1", "", " 1.0", "1.00"]), ("id", ["", "1abc", "_x", "a b", "文箱", "a:b", "x" * 200]),
            ("sakuseiDay", ["2026-02-29", "2024-02-29", "2026-13-01", "2026-1-1", "", "2026-11-23Z", "2026-11-23+09:00", "2026-11-23+15:00",
                            "2026-11-23+14:00", "2026/11/23", " 2026-11-23 ", "20261123", "2026-11-31", "0000-01-01", "2026-11-23T00:00:00",
                            "2026-11-23+9:00", "2026-00-10", "2026-10-00"]),
            ("sakuseiNM", ["", "𠮷", "x" * 1000]), ("softNM", ["", " "]), ("xsi:schemaLocation", ["urn:x urn:y"]), ("odd", ["1"]),
            ("xml:lang", ["ja"]), ("gen:VR", ["1.0"])])
        if self.chance.random() < 0.2:
            self.root.attributes.pop(name, None)
        else:
            self.root.attributes[name] = self.chance.choice(values)

    def sign(self):
        self.signature = self.chance.choice([""] + [SIGNATURE.replace("{id}", i) for i in ("", ' Id="1"', ' Id=""', ' Id=" a "', ' Id="名"')])

    WAYS = (["value", "number"] * 6 + ["long", "room", "room", "lose", "lose", "twice", "swap", "move", "empty", "mixed", "rename", "other_space",
            "attribute", "attribute", "page", "head", "head", "sign"])

    def text(self):
        out = ['<?xml version="1.0" encoding="UTF-8"?>\n']
        self.root.write(out)
        out[-1] = self.signature.replace("{root}", self.root.attributes.get("id", "")) + out[-1]
        return "".join(out)


def xmllint(form, folder, names):
    done = subprocess.run(["xmllint", "--noout", "--nonet", "--schema", XSD / f"{form}-001.xsd", *names], cwd=folder, text=True,
                          capture_output=True, check=False)
    said = dict(re.findall(r"^(\S+) (validates|fails to validate)$", done.stderr, re.M))
    why = {}
    for name, reason in re.findall(r"^([^\s:]+):\d+: (.*)$", done.stderr, re.M):
        why.setdefault(name, reason)
    return {n: None if said.get(n) == "validates" else why.get(n, done.stderr) for n in names}


def ours(folder, names):
    done = subprocess.run([FUMIBAKO, "tax", "check", "--json", *names], cwd=folder, text=True, capture_output=True, check=False)
    return {c["file"]: c for c in json.loads(done.stdout)["certificates"]}


def explained(finding):
    where, detail, _ = STRICTER.get(finding["name"], ("$^", "$^", ""))
    return re.search(where, finding["where"]) and re.search(detail, finding["detail"])


SIGNING = {"SIGNER_UNREADABLE", "SIGNATURE_BROKEN"}  # these certificates are not really signed


class Differential(unittest.TestCase):
    def compare(self, form, folder, names):
        both = [0, 0]
        schema, judged = xmllint(form, folder, names), ours(folder, names)
        for name in names:
            us = judged[name]
            errors = [f for f in us["findings"] if not f["warning"] and f["name"] not in SIGNING]
            content = (folder / name).read_text(encoding="utf-8")
            if schema[name]:
                self.assertFalse(us["valid"], f"{form}: we take what the schema refuses: {schema[name]}\n{content}")
            elif not us["valid"]:
                self.assertTrue(errors)
                for f in errors:
                    self.assertTrue(explained(f), f"{form}: the schema takes it, we do not: {f}\n{content}")
            self.assertEqual(us["valid"], not errors)
            both[schema[name] is None] += 1
        return both

    def certificates(self, form):
        """COUNT changed ones, in a folder; checks them as they come."""
        chance = random.Random(f"{SEED} {form}")
        maker, both = Maker(form, chance), [0, 0]
        for first in range(0, COUNT, BATCH):
            with tempfile.TemporaryDirectory() as folder:
                names = [f"{n}.xml" for n in range(first, min(COUNT, first + BATCH))]
                for n, name in enumerate(names):
                    changer = Changer(chance, maker.certificate())
                    for _ in range((first + n) % 4 if first + n else 0):
                        changer = self.changed(chance, changer)
                    (pathlib.Path(folder) / name).write_text(changer.text(), encoding="utf-8", newline="\n")
                both = [a + b for a, b in zip(both, self.compare(form, pathlib.Path(folder), names))]
        return both

    @staticmethod
    def changed(chance, before):
        before.change()
        after = Changer(chance, before.root)
        after.signature = before.signature
        return after

    def test_every_form_is_judged_as_its_schema_judges_it(self):    # N3.3
        for form in FORMS:
            with self.subTest(form=form):
                wrong, right = self.certificates(form)
                # A comparison of only right or only wrong ones would say nothing.
                self.assertGreater(wrong, COUNT // 4)
                self.assertGreater(right, COUNT // 4)


class Beyond(unittest.TestCase):
    """What no schema says (N3.3), in certificates that are valid otherwise."""

    def judge(self, form, *changes):
        """Codes and places of what is wrong with a full certificate, after @changes of (path, text) at its first such element."""
        chance = random.Random(form)
        changer = Changer(chance, Element(form, attributes=Maker(form, chance).certificate().attributes,
                                          inside=Maker(form, chance).elements(parse(form)["element"], 1)))
        for path, text in changes:
            self.find(changer.root, path).text = text
        with tempfile.TemporaryDirectory() as folder:
            (pathlib.Path(folder) / "x.xml").write_text(changer.text(), encoding="utf-8")
            self.assertIsNone(xmllint(form, pathlib.Path(folder), ["x.xml"])["x.xml"])
            found = ours(pathlib.Path(folder), ["x.xml"])["x.xml"]
        return [(f["name"], f["where"]) for f in found["findings"] if not f["warning"] and f["name"] not in SIGNING]

    @staticmethod
    def find(root, path):
        for step in path.split("/"):
            root = next(e for e in root.walk() if e.name == step)
        return root

    def day(self, form, element, *parts):
        names = {3: ("yyyy", "mm", "dd"), 4: ("era", "yy", "mm", "dd"), 2: ("mm", "dd")}[len(parts)]
        return self.judge(form, *((f"{element}/gen:{name}", text) for name, text in zip(names, parts)))

    def test_days_have_to_exist(self):
        for parts in (("2026", "2", "29"), ("2100", "2", "29"), ("2026", "11", "31"), ("2026", "04", "31")):
            self.assertEqual(self.day("TEG800", "WCC00000", *parts), [("FORM_DATE", "WCC00000")], parts)
        for parts in (("2024", "2", "29"), ("2000", "02", "29"), ("2026", "12", "31"), ("1", "1", "1")):
            self.assertEqual(self.day("TEG800", "WCC00000", *parts), [], parts)

    def test_eras_end_and_begin(self):
        """Both eras have the day on which one ended and the next began, of Meiji and Taisho."""
        for parts in (("4", "31", "5", "1"), ("5", "1", "4", "30"), ("3", "64", "1", "8"), ("4", "1", "1", "7"), ("2", "15", "12", "26"),
                      ("1", "45", "7", "31"), ("3", "65", "1", "1"), ("5", "8", "2", "29"), ("2", "1", "7", "29"), ("4", "99", "1", "1")):
            self.assertEqual(self.day("TEG840", "WOQ00000", *parts), [("FORM_DATE", "WOQ00000")], parts)
        for parts in (("4", "31", "4", "30"), ("5", "1", "5", "1"), ("3", "64", "1", "7"), ("4", "1", "1", "8"), ("2", "15", "12", "25"),
                      ("3", "1", "12", "25"), ("1", "45", "7", "30"), ("2", "1", "7", "30"), ("5", "08", "02", "28")):
            self.assertEqual(self.day("TEG840", "WOQ00000", *parts), [], parts)

    def test_a_day_without_a_year_may_be_one_of_a_leap_year(self):
        self.assertEqual(self.day("TEG840", "WOH00000", "2", "29"), [])
        self.assertEqual(self.day("TEG840", "WOH00000", "2", "30"), [("FORM_DATE", "WOH00000")])
        self.assertEqual(self.day("TEG840", "WOH00000", "06", "31"), [("FORM_DATE", "WOH00000")])

    def test_numbers_with_a_wrong_check_digit(self):
        for number in ("9000020131016", "800002013101", "0000000000000", ""):
            self.assertEqual(self.judge("TEG800", ("WCB00000/gen:hojinbango", number)), [("FORM_CHECK_DIGIT", "WCB00000/gen:hojinbango")])
        for number in ("7000012050002", "8000020131016", "3000020132101"):
            self.assertEqual(self.judge("TEG800", ("WCB00000/gen:hojinbango", number)), [])

    def test_a_period_begins_before_it_ends(self):
        def period(first, last):
            return self.judge("TEG800", *((f"{e}/gen:{part}", text) for e, month in (("WCE00200", first), ("WCE00210", last))
                                          for part, text in zip(("yyyy", "mm"), month)))
        wrong = [("FORM_MONTHS", "WCE00000[1]/WCE00190/WCE00200")]
        self.assertEqual(period(("2026", "10"), ("2026", "9")), wrong)
        self.assertEqual(period(("2027", "1"), ("2026", "12")), wrong)
        for first, last in ((("2026", "9"), ("2026", "9")), (("2026", "09"), ("2026", "10")), (("2025", "12"), ("2026", "1"))):
            self.assertEqual(period(first, last), [])

    def test_codes_are_compared_by_value(self):
        self.assertEqual(self.judge("TEG822", ("WLB00020/kubun_CD", "01")), [])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
