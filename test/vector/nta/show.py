"""`fumibako tax show` prints what a certificate says: all of it, rightly, in columns, and nothing that a terminal obeys

    show.py SOURCE FUMIBAKO

Shipped samples (N3.7) against what a person looked at once (shown/); made-up certificates of every form against the records they
came from, column by column; then what a newcomer and an ill-wisher bring. The certificates are made and signed by
test/help/certificate.py, by no code of the project.
"""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
import unicodedata
import unittest

SOURCE, FUMIBAKO = pathlib.Path(sys.argv.pop(1)).resolve(), pathlib.Path(sys.argv.pop(1)).resolve()
sys.path.insert(0, str(SOURCE / "test" / "help"))
import authority  # noqa: E402
import certificate  # noqa: E402
import nta  # noqa: E402

if not all(map(shutil.which, ("openssl", "xmllint", "xmlsec1"))):
    sys.exit(77)
HERE = pathlib.Path(__file__).parent
ERAS = [(20190501, "令和", 2018), (19890108, "平成", 1988), (19261225, "昭和", 1925), (19120730, "大正", 1911), (18680125, "明治", 1867)]
LABEL_MOST = 36


def width(text):
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def run(*arguments, language="C.UTF-8"):
    return subprocess.run([FUMIBAKO, "tax", "show", *map(str, arguments)], capture_output=True, text=True, encoding="utf-8",
                          env=dict(os.environ, LC_ALL=language), check=False)


def flat(elements, found=None):
    """id: the elements of that id, in document order"""
    found = {} if found is None else found
    for e in elements:
        found.setdefault(e["id"], []).append(e)
        flat(e.get("children", []), found)
    return found


def years(year, month=None, day=None):
    """2026年（令和8年）, day by day: another way than the program's"""
    days = [(m, d) for m in range(1, 13) for d in range(1, 32) if month in (None, m) and day in (None, d)]
    found = []
    for m, d in days:
        _, name, base = next(e for e in ERAS if e[0] <= year * 10000 + m * 100 + d)
        if (name, base) not in found:
            found.append((name, base))
    return f"{year}年（{'・'.join(name + ('元' if year - base == 1 else str(year - base)) + '年' for name, base in found)}）"


class Shown(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        cls.at = pathlib.Path(cls.folder.name)
        cls.keys = authority.make(cls.at / "keys")

    def signed(self, form, rows, name="c.xml", change=None, **more):
        xml = certificate.document(form, rows, **more)
        if change:
            xml = change(xml)
        path = self.at / name
        path.write_bytes(certificate.sign(xml, self.keys / "signer.key", [self.keys / "signer.pem", self.keys / "intermediate.pem"]))
        return path

    def show(self, path, *options, language="C.UTF-8", code=0):
        done = run(*options, path, language=language)
        self.assertEqual(done.returncode, code, done.stderr)
        self.assertEqual(done.stderr, "")
        return done.stdout

    def data(self, path, *options, code=0):
        return json.loads(self.show(path, "--json", *options, code=code))


class TheSamples(Shown):
    def test_they_are_shown_as_a_person_read_them(self):
        for name, language in (("TEG800-sample.ja.txt", "ja_JP.UTF-8"), ("TEG800-sample.en.txt", "C.UTF-8"),
                               ("TEG810-sample.ja.txt", "ja_JP.UTF-8")):
            with self.subTest(name):
                shown = self.show(SOURCE / "tools" / "sample" / f"{name[:6]}-202610150001.xml", language=language)
                self.assertEqual(shown, (HERE / "shown" / name).read_text(encoding="utf-8"))

    def test_they_are_the_same_data_for_a_page(self):
        for form in ("TEG800", "TEG810"):
            shown = self.data(SOURCE / "tools" / "sample" / f"{form}-202610150001.xml")
            self.assertEqual(shown, json.loads((HERE / "shown" / f"{form}-sample.json").read_text(encoding="utf-8")))


class EveryColumn(Shown):
    """What was in the sender's record is on the screen."""

    def check_value(self, maker, element, column, text):
        kind, is_ = maker.kinds[element["id"]], column["is"]
        to = column["to"] if isinstance(column["to"], str) else column["to"][0]
        part = to.partition(".")[2]
        if kind == "kingaku":
            self.assertEqual((element["amount"], element["value"]), (int(text), f"{int(text):,}円"))
        elif kind.startswith("kubun"):
            self.assertEqual((element["code"], element["value"]), (text, maker.codes[element["id"]][text] or text))
        elif kind == "number":
            self.assertEqual((element["digits"], element["value"]), (text.lstrip("0"), text.lstrip("0")))
        elif kind == "bango":
            self.assertEqual((element["corporate_number"], element["value"]), (text, text))
        elif part == "yyyy":
            self.assertEqual(element["date"][:4], text)
            self.assertTrue(element["value"].startswith(years(*map(int, element["date"].split("-")))), element)
        elif part == "yy":
            self.assertRegex(element["value"], rf"^(令和|平成|昭和){'元' if int(text) == 1 else int(text)}年")
        elif part in ("mm", "dd") or kind == "mm":
            self.assertRegex(element["value"], rf"\D{int(text)}{'日' if part == 'dd' else '月'}|^{int(text)}月")
        elif part != "era":
            self.assertEqual((element["value"], is_ in ("text", "alphanumeric", "latin")), (text, True))

    def columns_of(self, maker, rows):
        """(element's id, its place among its like, column, text) of every value that is in the file"""
        outer, paged = set(), rows[0][1] == "TEG830"
        repeated = {e for row in maker.rows for e in maker.inside(row)}
        for n, record in enumerate(rows):
            for at, which, column in certificate.plain_columns(maker.csv):
                to = [column["to"]] if isinstance(column.get("to"), str) else column.get("to", [])
                for k, target in enumerate(to):
                    element = target.partition(".")[0]
                    if not record.get(at) or (column["is"] == "code" and record[at] not in maker.codes[element]):
                        continue
                    if paged and len(to) == 2:
                        if (element in repeated and (k == 0) != (n < certificate.FIRST_PAGE)) or \
                           (element not in repeated and k and len(rows) <= certificate.FIRST_PAGE):
                            continue
                    if element not in repeated and (n or (element, at) in outer):
                        continue
                    outer.add((element, at))
                    yield element, (n, which), column, record[at]

    def check_form(self, form, rows):
        maker = certificate.Maker(form)
        maker.kinds, maker.codes, inside = {}, {}, {}

        def read(entries):
            for e in entries:
                maker.kinds[e["id"]], maker.codes[e["id"]] = e.get("type", "group"), dict(map(tuple, e.get("codes", [])))
                read(e.get("has", []))
                inside[e["id"]] = [e["id"]] + [x for c in e.get("has", []) for x in inside[c["id"]]]
        read(maker.form["element"])
        maker.inside = inside.__getitem__
        path = self.signed(form, rows)
        found = flat(self.data(path)["elements"])
        order, seen = {}, 0
        for element, place, column, text in self.columns_of(maker, rows):
            places = order.setdefault(element, [])
            if place not in places:
                places.append(place)
            self.check_value(maker, found[element][places.index(place)], column, text)
            seen += 1
        self.assertEqual({e: len(p) for e, p in order.items()}, {e: len(found[e]) for e in order})
        self.check_text(self.show(path, language="ja_JP.UTF-8"), found)
        return seen

    def check_text(self, shown, found):
        """Every value is there, and they all stand in one column."""
        head, _, body = shown.partition("\n\n")
        self.assertIn("様式どおりです", head)
        for elements in found.values():
            for e in elements:
                if "value" in e:
                    self.assertIn(e["value"], body)
        starts = set()
        for row in body.splitlines():
            label, gap, value = re.fullmatch(r"( *[^ ].*?)( {2,}|$)(.*)", row).groups()
            if value and not re.fullmatch(r"[-\d,]+円", value) and width(label) <= LABEL_MOST:
                starts.add(width(label + gap))
        self.assertEqual(len(starts), 1, shown)
        ends = {width(row) for row in body.splitlines() if re.search(r" [-\d,]+円$", row) and width(re.split("  +", row.strip())[0]) < 30}
        self.assertLessEqual(len(ends), 1, shown)

    def test_of_every_form_is_shown(self):
        seen = 0
        for form in nta.COLUMNS:
            for seed in range(4):
                rows = 32 if form == "TEG830" and seed == 3 else None
                for group in certificate.certificates(nta.records(form, 4 if rows is None else rows, f"show {seed}", rows))[:3]:
                    with self.subTest(form, seed=seed):
                        seen += self.check_form(form, group)
        self.assertGreater(seen, 1500)

    def test_several_rows_are_numbered_and_one_is_not(self):
        rows = nta.records("TEG800", 3, 1, rows=3)
        shown = self.show(self.signed("TEG800", rows))
        self.assertEqual(re.findall(r"^明細.*$", shown, re.M), ["明細 1", "明細 2", "明細 3"])
        self.assertIn("\n明細\n", self.show(self.signed("TEG800", rows[:1])))
        numbers = [e["number"] for e in flat(self.data(self.signed("TEG800", rows))["elements"])["WCE00000"]]
        self.assertEqual(numbers, [1, 2, 3])

    def test_a_hundred_rows_are_shown(self):
        shown = self.show(self.signed("TEG800", nta.records("TEG800", 100, 1, rows=100)))
        self.assertIn("\n明細 100\n", shown)

    def test_years_of_two_eras_say_both(self):
        row = dict(nta.records("TEG800", 1, 5, rows=1)[0])
        row.update({51: "2019", 53: "1989", 54: "1", 55: "7", 59: "2019", 60: "4", 61: "2019", 62: "5"})
        shown = self.show(self.signed("TEG800", [row]))
        for value in ("2019年（平成31年・令和元年）", "1989年（昭和64年）1月7日", "2019年（平成31年）4月", "2019年（令和元年）5月"):
            self.assertIn(value, shown)

    def test_amounts_below_zero_and_large_ones_are_read(self):
        row = dict(nta.records("TEG800", 1, 5, rows=1)[0])
        for column in range(19, 49):
            row.pop(column, None)
        row.update({28: "-5", 30: "999999999999999"})
        found = flat(self.data(self.signed("TEG800", [row]))["elements"])
        self.assertEqual(found["WCE00330"][0]["value"], "-5円")
        self.assertEqual(found["WCE00350"][0]["amount"], 999999999999999)

    def test_zeros_before_numbers_in_others_files_mean_nothing(self):
        row = nta.records("TEG840", 1, 1)[0]

        def zeros(xml):
            return re.sub(r"<gen:(mm|dd|yy)>(\d)</", r"<gen:\1>0\2</", re.sub(r"<WOK00000>", "<WOK00000>000", xml))
        found = flat(self.data(self.signed("TEG840", [row], change=zeros))["elements"])
        self.assertEqual(found["WOC00000"][0]["value"], "令和8年")
        self.assertEqual(found["WOH00000"][0]["value"], "1月1日")
        self.assertEqual(found["WOH00000"][0]["date"], "--01-01")
        self.assertEqual(found["WOK00000"][0]["amount"], int(row[13]))

    def test_a_name_that_is_not_its_codes_stands_beside_it(self):
        row = nta.records("TEG810", 1, 1)[0]
        shown = self.signed("TEG810", [row], change=lambda xml: re.sub("<kubun_NM>[^<]*", "<kubun_NM>無料", xml, count=1))
        self.assertRegex(self.show(shown), "無料（(1 地震保険料|2 旧長期損害保険料)）")


class EveryElement(Shown):
    """Of every form, those that are only read, too: each element once."""

    PARTS = {"era": "5", "yy": "8", "yyyy": "2026", "mm": "11", "dd": "2", "tel1": "03", "tel2": "1234", "tel3": "5678",
             "hojinbango": "8010001000123"}
    SHOWN = {"yyyymmdd": ("2026年（令和8年）11月2日", "2026-11-02"), "yyyymm": ("2026年（令和8年）11月", "2026-11"),
             "yyyy": ("2026年（令和8年）", "2026"), "yymmdd": ("令和8年11月2日", "2026-11-02"), "yy": ("令和8年", "2026"),
             "mmdd": ("11月2日", "--11-02"), "mm": ("11月", "--11")}

    def made(self, e, order):
        """The element in XML, and what is to be seen of it in @order."""
        kind, code = e.get("type"), e.get("codes", [["1", ""]])[-1]
        if "has" in e:
            order.append((e["id"], e["name"], None, {}))
            inside = "".join(self.made(x, order) for x in e["has"])
        elif kind == "kingaku":
            inside = str(1000 + len(order))
            order.append((e["id"], e["name"], f"{int(inside):,}円", {"amount": int(inside)}))
        elif kind == "number":
            inside = "7"
            order.append((e["id"], e["name"], "7", {"digits": "7"}))
        elif kind in ("kubun", "kubun2"):
            inside = f"<kubun_CD>{code[0]}</kubun_CD>"
            order.append((e["id"], e["name"], code[1] or code[0], {"code": code[0], "code_name": code[1]}))
        elif kind == "mm":
            inside = "11"
            order.append((e["id"], e["name"], self.SHOWN[kind][0], {"date": self.SHOWN[kind][1]}))
        elif kind in self.SHOWN:
            inside = "".join(f"<gen:{p}>{self.PARTS[p]}</gen:{p}>" for p in certificate.PARTS[kind])
            order.append((e["id"], e["name"], self.SHOWN[kind][0], {"date": self.SHOWN[kind][1]}))
        elif kind == "bango":
            inside = "<gen:hojinbango>8010001000123</gen:hojinbango>"
            order.append((e["id"], e["name"], "8010001000123", {"corporate_number": "8010001000123"}))
        elif kind == "tel-number":
            inside = "".join(f"<gen:{p}>{self.PARTS[p]}</gen:{p}>" for p in ("tel1", "tel2", "tel3"))
            order.append((e["id"], e["name"], "03-1234-5678", {"telephone": True}))
        else:
            inside = f"文{len(order)}"
            order.append((e["id"], e["name"], inside, {}))
        page = f' page="{e["page"]}"' if "page" in e else ""
        return f"<{e['id']}{page}>{inside}</{e['id']}>"

    def in_order(self, elements):
        for e in elements:
            rest = {key: e[key] for key in ("amount", "digits", "code", "code_name", "date", "corporate_number", "telephone") if key in e}
            yield e["id"], e["name"], e.get("value"), rest
            yield from self.in_order(e.get("children", []))

    def test_is_shown_in_its_place_and_as_what_it_is(self):
        tables = sorted((SOURCE / "schemas" / "nta").glob("TEG*.toml"))
        self.assertEqual(len(tables), 13)
        for table in tables:
            form, order = tomllib.loads(table.read_text(encoding="utf-8"))["form"], []
            xml = certificate.around(form, "".join(self.made(e, order) for e in form["element"]))
            path = self.at / "every.xml"
            path.write_bytes(certificate.sign(xml, self.keys / "signer.key", [self.keys / "signer.pem"]))
            lint = subprocess.run(["xmllint", "--nonet", "--noout", "--schema", HERE / f"xsd/kyotsu/{table.stem}-001.xsd", path],
                                  capture_output=True, text=True, check=False)
            with self.subTest(table.stem):
                self.assertEqual(lint.returncode, 0, lint.stderr)
                found = self.data(path)
                self.assertEqual(list(self.in_order(found["elements"])), order)
                self.assertEqual((found["facts"]["valid"], found["facts"]["integrity"]), (True, "intact"), found["findings"])
                shown = self.show(path)
                for _, name, value, _ in order:
                    self.assertIn(name, shown)
                    self.assertIn(value or name, shown)


class TheFacts(Shown):
    def one(self, **more):
        return self.signed("TEG810", nta.records("TEG810", 1, 1, rows=1), **more)

    def test_nothing_is_said_that_was_not_asked(self):
        shown = self.show(self.one())
        self.assertRegex(shown, r"\n  integrity +intact")
        self.assertEqual(len(re.findall("not checked", shown)), 2)

    def test_trust_and_revocation_are_told_apart(self):
        path, trust = self.one(), ["--anchors", self.keys / "anchors"]
        self.assertEqual(self.data(path, *trust)["facts"]["issuer"], "trusted")
        self.assertEqual(self.data(path, *trust)["facts"]["revocation"], "not checked")
        self.assertEqual(self.data(path, *trust, "--crls", self.keys / "crls")["facts"]["revocation"], "good")
        self.assertEqual(self.data(path, "--anchors", self.keys / "stranger.pem")["facts"]["issuer"], "untrusted")
        shown = self.show(path, "--anchors", self.keys / "stranger.pem", language="ja_JP.UTF-8")
        self.assertIn("信頼できません（下記参照）", shown)
        self.assertRegex(shown, r"\n  ! .*認証局.* \(SIGNER_UNTRUSTED 765\)\n")

    def test_a_broken_signature_hides_nothing_and_comes_first(self):  # N3.5
        path = self.one()
        path.write_bytes(path.read_bytes().replace("髙".encode(), "高".encode()).replace("文箱損害".encode(), "文庫損害".encode()))
        for language, word in (("C.UTF-8", "BROKEN"), ("ja_JP.UTF-8", "署名が一致しません")):
            head, _, body = self.show(path, language=language).partition("\n\n")
            self.assertIn(word, head)
            self.assertIn("SIGNATURE_BROKEN", head)
            self.assertIn("文庫損害保険株式会社", body)
        self.assertEqual(self.data(path)["facts"]["integrity"], "broken")

    def test_what_is_not_valid_is_shown_with_what_is_wrong(self):
        path = self.signed("TEG810", nta.records("TEG810", 1, 1, rows=1),
                           change=lambda xml: re.sub(r"(<WDC00000>.*?<gen:mm>)\d+(</gen:mm><gen:dd>)\d+", r"\g<1>2\g<2>30", xml))
        head, _, body = self.show(path).partition("\n\n")
        self.assertRegex(head, r"\n  valid +NO")
        self.assertIn("WDC00000", head)
        self.assertRegex(body, r"証明日 +2026-2-30\n")
        found = self.data(path)
        self.assertFalse(found["facts"]["valid"])
        self.assertNotIn("date", flat(found["elements"])["WDC00000"][0])
        self.assertEqual(found["findings"][0]["name"], "FORM_DATE")

    def test_what_is_refused_shows_no_values(self):
        path = self.one()
        path.write_bytes(path.read_bytes().replace(b"<WDE00000>", b"<!--x--><WDE00000>", 1))
        shown = self.show(path, code=1)
        self.assertIn("refused", shown)
        self.assertIn("XML_HIDDEN", shown)
        self.assertNotIn("文箱損害", shown)
        found = self.data(path, code=1)
        self.assertEqual((found["code"], found["elements"]), (754, []))

    def test_a_form_that_is_none_of_ours_is_refused(self):
        path = self.at / "other.xml"
        path.write_text("<html><body>証明書</body></html>", encoding="utf-8")
        self.assertIn("XML_OTHER_FORM", self.show(path, code=1))


class Strangers(Shown):
    """What a certificate says is anybody's text."""

    def shown_with(self, text, **more):
        row = dict(nta.records("TEG800", 1, 5, rows=1)[0])
        row[67] = text
        return self.show(self.signed("TEG800", [row], **more), language="ja_JP.UTF-8")

    def test_a_terminal_obeys_nothing_of_it(self):
        for bad in ("\u202e", "\u200b", "\u2066", "\u009b31m", "\u0085", "\ufeff", "\u2028", "\U000e0041"):
            shown = self.shown_with(f"あ{bad}い")
            self.assertNotIn(bad[0], shown)
            self.assertIn("あ\ufffd", shown)
        self.assertEqual([c for c in shown if unicodedata.category(c) == "Cc" and c != "\n"], [])

    def test_a_file_named_to_deceive_is_harmless(self):
        path = self.signed("TEG810", nta.records("TEG810", 1, 1, rows=1), name="a\n  integrity   intact\x1b[2J.xml")
        shown = self.show(path)
        self.assertEqual(len(re.findall(r"^  integrity", shown, re.M)), 1)
        self.assertNotIn("\x1b", shown)

    def test_lines_of_a_text_stay_in_its_column(self):
        shown = self.shown_with("一行目\n  改変        署名した時のままです\n三行目")
        self.assertEqual(len(re.findall(r"^  改変", shown, re.M)), 1)
        rows = [row for row in shown.splitlines() if "行目" in row or "署名した時のままです" in row][1:]
        self.assertEqual(len({width(row.partition("一行目")[0]) if "一行目" in row else len(row) - len(row.lstrip(" ")) for row in rows
                              if "署名した" not in row}), 1, rows)

    def test_markup_is_text(self):
        shown = self.shown_with('<b>&amp;"')
        self.assertIn('<b>&amp;"', shown)


class Newcomers(Shown):
    """What people name instead of a certificate, and what they are told."""

    def told(self, path, *words, language="C.UTF-8"):
        done = run(path, language=language)
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        for word in words:
            self.assertIn(word, done.stderr)
        self.assertEqual(len(done.stderr.splitlines()), 1)
        answer = json.loads(run("--json", path).stdout)
        self.assertEqual(answer["code"], -1)

    def file(self, name, content):
        path = self.at / name
        path.write_bytes(content)
        return path

    def test_a_file_that_is_not_there(self):
        self.told(self.at / "nothing.xml", "nothing.xml", "no such file")

    def test_a_folder(self):
        self.told(self.at, "folder", "XML")
        self.told(self.at, "フォルダー", language="ja_JP.UTF-8")

    def test_a_zip(self):
        self.told(self.file("a.zip", b"PK\x03\x04rest"), "ZIP", "unpack")

    def test_a_pdf(self):
        self.told(self.file("a.pdf", b"%PDF-1.7 rest"), "PDF", "XML")

    def test_the_senders_csv(self):
        self.told(SOURCE / "tools" / "sample" / "certificates.csv", "fumibako-post nta convert")

    def test_a_sealed_letter(self):
        self.told(self.file("a.age", b"age-encryption.org/v1\n"), "fumibako export")

    def test_an_empty_file(self):
        self.told(self.file("empty.xml", b""), "empty")

    def test_what_is_no_xml(self):
        for content, name in ((b"\x89PNG\r\n\x1a\n", "XML_ENCODING"), (b"hello", "XML_NOT_READABLE"), (b"<TEG800>", "XML_NOT_READABLE"),
                              (bytes(1000), "XML_ENCODING"), ("証明書".encode("cp932"), "XML_ENCODING")):
            done = run(self.file("x.xml", content))
            self.assertEqual((done.returncode, done.stderr), (1, ""))
            self.assertIn(name, done.stdout)

    def test_a_file_too_large_to_be_one(self):
        path = self.at / "large.xml"
        with path.open("wb") as f:
            f.truncate((16 << 20) + 2)
        done = run(path)
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn("larger", done.stderr)
        path.unlink()

    def test_no_file_two_files_and_slips_in_options(self):
        for arguments, words in (([], "FILE"), (["a", "b"], ""), (["--anchor", "x", "a.xml"], "--anchors"),
                                 (["--crls", "x", "a.xml"], "--anchors"), (["--at", "tomorrow", "a.xml"], "2026-11-02")):
            done = run(*arguments)
            self.assertEqual((done.returncode, done.stdout), (2, ""), arguments)
            self.assertIn(words, done.stderr)
        done = subprocess.run([FUMIBAKO, "tax", "shwo", "a.xml"], capture_output=True, text=True, check=False)
        self.assertIn("did you mean 'tax show'", done.stderr)

    def test_anchors_that_are_not_there(self):
        done = run("--anchors", self.at / "nowhere", SOURCE / "tools" / "sample" / "TEG800-202610150001.xml")
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn("nowhere", done.stderr)


if __name__ == "__main__":
    unittest.main()
