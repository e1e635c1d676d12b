"""What `fumibako-post nta convert` makes of a sender's CSV is what another converter makes of the same records

    convert.py SOURCE FUMIBAKO_POST

The other is test/help/certificate.py: the same tables, other hands, another language. Compared is everything but the
signature and what tells one run from another (id, day, maker). And every file is held against the official schema.
"""
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree as ET

SOURCE, POST = pathlib.Path(sys.argv.pop(1)).resolve(), pathlib.Path(sys.argv.pop(1)).resolve()
sys.path.insert(0, str(SOURCE / "test" / "help"))
import authority  # noqa: E402
import certificate  # noqa: E402
import nta  # noqa: E402

if not shutil.which("openssl") or not shutil.which("xmllint"):
    sys.exit(77)
XSD = pathlib.Path(__file__).parent / "xsd" / "kyotsu"
RUN = ("id", "sakuseiDay", "sakuseiNM", "softNM")


def plain(xml):
    root = ET.fromstring(xml)
    for signature in root.findall(f"{{{certificate.DSIG}}}Signature"):
        root.remove(signature)
    for name in RUN:
        root.attrib.pop(name)
    return ET.canonicalize(ET.tostring(root, encoding="unicode")).replace("><", ">\n<")


class Convert(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        cls.at = pathlib.Path(cls.folder.name)
        cls.keys = authority.make(cls.at / "keys")

    def convert(self, content):
        file, out = self.at / "in.csv", self.at / "out"
        file.write_bytes(content)
        shutil.rmtree(out, ignore_errors=True)
        done = subprocess.run([POST, "nta", "convert", "--json", "--key", self.keys / "signer.key", "--certificate", self.keys / "signer.pem",
                               "--out", out, file], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        files = sorted(out.glob("*.xml"), key=lambda p: ET.parse(p).getroot().get("id")[-7:])
        form = ET.parse(files[0]).getroot().tag.partition("}")[2]
        lint = subprocess.run(["xmllint", "--nonet", "--noout", "--schema", XSD / f"{form}-001.xsd", *files], capture_output=True,
                              text=True, check=False)
        self.assertEqual(lint.returncode, 0, lint.stderr[:2000])
        return files

    def same(self, form, records, content=None, as_if=None):
        """@as_if: the records as they come out, when they went in differently."""
        files = self.convert(nta.csv(records) if content is None else content)
        groups = certificate.certificates(as_if or records)
        self.assertEqual(len(files), len(groups))
        for file, group in zip(files, groups):
            self.assertEqual(plain(file.read_bytes()), plain(certificate.document(form, group)))

    def test_every_form_as_it_comes(self):
        for form in nta.COLUMNS:
            with self.subTest(form):
                self.same(form, nta.records(form, 150, "convert"))

    def test_as_many_rows_as_a_certificate_takes(self):
        for form, most in nta.ROWS.items():
            with self.subTest(form):
                self.same(form, nta.records(form, most, "rows", rows=most))

    def test_the_first_and_the_other_pages(self):
        for rows in (1, 9, 10, 11, 12, 29, 30, 31, 50, 51):
            with self.subTest(rows):
                self.same("TEG830", nta.records("TEG830", rows, "pages", rows=rows))

    def test_records_of_one_certificate_apart_from_each_other(self):
        records = nta.records("TEG800", 12, "apart", rows=3)
        self.same("TEG800", records[::3] + records[1::3] + records[2::3])

    def test_plus_signs_and_zeros_before_days(self):
        record = nta.records("TEG800", 1, "zeros", rows=1)[0]
        for column in range(19, 49):
            record.pop(column, None)
        record.update({28: "7200", 29: "0", 30: "7200", 53: "2015", 54: "4", 55: "1", 59: "2026", 60: "1", 61: "2026", 62: "9"})
        written = dict(record) | {28: "+7200", 29: "+0", 54: "04", 55: "01", 60: "01", 62: "09"}
        self.same("TEG800", [written], as_if=[record])

    def test_a_cancellation_that_is_none_is_left_out(self):
        records = nta.records("TEG830", 3, "cancel", rows=3)
        records[0][25], records[1][25] = "0", "1"
        self.same("TEG830", records)
        files = self.convert(nta.csv(records))
        self.assertEqual(files[0].read_text(encoding="utf-8").count("WML00090>"), 2)

    def test_every_code_of_every_column(self):
        for form in nta.COLUMNS:
            for at, which, column in certificate.plain_columns(certificate.Maker(form).csv):
                if column["is"] != "code" or which > 2 or not column.get("to"):
                    continue
                to = column["to"] if isinstance(column["to"], str) else column["to"][0]
                record = nta.records(form, 1, "codes", rows=1)[0]
                records = []
                for code in self.codes(certificate.Maker(form).form["element"], to.partition(".")[0]):
                    records.append(dict(record) | {at: code} | self.what_follows(form, at, code))
                with self.subTest(form, column=at):
                    self.same(form, records)

    def codes(self, entries, element):
        for e in entries:
            if e["id"] == element:
                return [code for code, _ in e["codes"]]
            if found := self.codes(e.get("has", []), element):
                return found
        return []

    @staticmethod
    def what_follows(form, at, code):
        """Columns that have to be there with that code."""
        return {("TEG810", 6): {26: "1000", 28: "2000"}, ("TEG822", 5): {6: "条文"}, ("TEG830", 14): {15: "条文"},
                ("TEG840", 217): {218: "再掲", 219: "100"}}.get((form, at), {})

    def test_characters_that_xml_and_csv_write_otherwise(self):
        record = nta.records("TEG810", 1, "characters", rows=1)[0]
        record.update({5: "＜髙橋＆﨑＞", 22: '<A&B>, "C"', 29: "①～㈱－∥￢\\|'"})
        self.same("TEG810", [record])

    def test_line_ends_and_empty_lines(self):
        records = nta.records("TEG850", 5, "lines")
        self.same("TEG850", records, nta.csv(records, "\n"))
        self.same("TEG850", records, nta.csv(records)[:-2])
        self.same("TEG850", records, b"\r\n" + nta.csv(records, "\r\n\r\n"))


if __name__ == "__main__":
    unittest.main()
