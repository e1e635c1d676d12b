"""certificate - records of a sender's CSV as signed XML, made without any code of the project

    document(form, records)     the XML of one certificate, its signature a template still
    sign(xml, key, chain)       signed by the program xmlsec1

The second way from CSV to XML, from the same tables (schemas/nta) but by other hands: tests compare what the project
writes with this, and let the project judge what somebody else signed.
"""
import pathlib
import re
import subprocess
import tempfile
import tomllib
from xml.sax.saxutils import escape, quoteattr

SCHEMAS = pathlib.Path(__file__).parents[2] / "schemas" / "nta"
KYOTSU, GENERAL = "http://xml.e-tax.nta.go.jp/XSD/kyotsu", "http://xml.e-tax.nta.go.jp/XSD/general"
DSIG, C14N = "http://www.w3.org/2000/09/xmldsig#", "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
PARTS = {"kubun": ["kubun_CD", "kubun_NM"], "kubun2": ["kubun_CD", "kubun_NM"], "bango": ["kojinbango", "hojinbango"],
         "yyyymmdd": ["yyyy", "mm", "dd"], "yyyymm": ["yyyy", "mm"], "yyyy": ["yyyy"], "yymmdd": ["era", "yy", "mm", "dd"],
         "yy": ["era", "yy"], "mmdd": ["mm", "dd"]}
FIRST_PAGE, A_SHEET = 10, 20  # TEG830: rows of page one, and of each sheet of page two

TEMPLATE = f"""<dsig:Signature xmlns:dsig="{DSIG}" Id="_%s"><dsig:SignedInfo><dsig:CanonicalizationMethod Algorithm="{C14N}"/>\
<dsig:SignatureMethod Algorithm="%s"/><dsig:Reference URI="#%s"><dsig:Transforms>\
<dsig:Transform Algorithm="{DSIG}enveloped-signature"/><dsig:Transform Algorithm="{C14N}"/></dsig:Transforms>\
<dsig:DigestMethod Algorithm="%s"/><dsig:DigestValue/></dsig:Reference></dsig:SignedInfo><dsig:SignatureValue/>\
<dsig:KeyInfo><dsig:X509Data><dsig:X509Certificate/></dsig:X509Data></dsig:KeyInfo></dsig:Signature>"""
SHA256 = ("http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", "http://www.w3.org/2001/04/xmlenc#sha256")
SHA1 = (DSIG + "rsa-sha1", DSIG + "sha1")


def plain_columns(csv):
    """(column number, which of its kind (0: the only one), column)"""
    for c in csv["column"]:
        for n in range(c.get("times", 0)):
            for k, inner in enumerate(c["column"]):
                yield c["at"] + n * len(c["column"]) + k, n + 1, inner
        if "times" not in c:
            yield c["at"], 0, c


def written(column, text):
    """A column's text as XML has it (N1.7)."""
    if column["is"] in ("mm", "dd", "yy"):
        return text.lstrip("0")
    if column["is"] in ("amount", "positive"):
        return text.lstrip("+")
    return text


class Maker:
    def __init__(self, form):
        data = tomllib.loads((SCHEMAS / f"{form}.toml").read_text(encoding="utf-8"))
        self.form, self.csv = data["form"], data["csv"]
        self.rows = self.csv.get("rows", [])
        self.within = {c["in"]: c["times"] for c in self.csv["column"] if "times" in c}
        self.fill = {}  # element: [(part, column's number, which, column)]
        for at, which, c in plain_columns(self.csv):
            for to in [c["to"]] if isinstance(c.get("to"), str) else c.get("to", []):
                element, _, part = to.partition(".")
                self.fill.setdefault(element, []).append((part, at, which, c))
        self.given = {g["to"]: (at, dict(map(tuple, g["text"]))) for at, _, c in plain_columns(self.csv) for g in c.get("gives", [])}

    def holds_row(self, entry):
        return entry["id"] in self.rows or any(self.holds_row(e) for e in entry.get("has", []))

    def leaf(self, entry, record, which):
        found = {}
        for part, at, n, column in self.fill.get(entry["id"], []):
            if n in (0, which) and record.get(at):
                found[part] = written(column, record[at])
        if entry["id"] in self.given:
            at, texts = self.given[entry["id"]]
            found[""] = texts.get(record.get(at), "")
        if found.get("kubun_CD"):
            codes = dict(map(tuple, entry["codes"]))
            if found["kubun_CD"] not in codes:  # a 0 that says no
                return ""
            found["kubun_NM"] = codes[found["kubun_CD"]]
        if "" in found:
            return escape(found[""])
        space = "" if entry["type"].startswith("kubun") else "gen:"
        return "".join(f"<{space}{p}>{escape(found[p])}</{space}{p}>" for p in PARTS.get(entry["type"], []) if found.get(p))

    def element(self, entry, records, which=0):
        """An element as often as it is there. @records: those whose rows stand inside, or around."""
        if entry["id"] in self.rows:
            return "".join(self.one(entry, [r]) for r in records)
        if entry["id"] in self.within:
            return "".join(self.one(entry, records, n) for n in range(1, self.within[entry["id"]] + 1))
        if self.holds_row(entry) and self.form["id"] == "TEG830":
            return self.page(entry, records)
        return self.one(entry, records, which)

    def page(self, entry, records):
        if entry["id"] == "TEG830-1":
            return self.one(entry, records[:FIRST_PAGE])
        if entry["id"] == "WMN00000":
            return "".join(self.one(entry, records[n:n + A_SHEET]) for n in range(0, len(records), A_SHEET))
        if entry["id"] == "TEG830-2":
            return self.one(entry, records[FIRST_PAGE:]) if len(records) > FIRST_PAGE else ""
        return self.one(entry, records)

    def one(self, entry, records, which=0):
        inside = "".join(self.element(e, records, which) for e in entry["has"]) if "has" in entry else \
            self.leaf(entry, records[0], which)
        page = f' page="{entry["page"]}"' if "page" in entry else ""
        return f"<{entry['id']}{page}>{inside}</{entry['id']}>" if inside else ""


def document(form, records, **more):
    """@records: the rows of one certificate."""
    maker = Maker(form)
    return around(maker.form, "".join(maker.element(e, records) for e in maker.form["element"]), **more)


def around(form, inside, made="20261102091500", number=1, made_by="文箱", software="test", algorithms=SHA256):
    """The root with its attributes and the signature's template. @made: when, as its id has it."""
    name = f"{form['id']}{made}{number:07d}"
    attributes = {"VR": form["versions"][-1], "id": name, "page": "1",
                  "sakuseiDay": f"{made[:4]}-{made[4:6]}-{made[6:8]}", "sakuseiNM": made_by, "softNM": software}
    root = "".join(f" {key}={quoteattr(value)}" for key, value in attributes.items())
    signature = TEMPLATE % (name, algorithms[0], name, algorithms[1])
    return ('<?xml version="1.0" encoding="UTF-8"?>\n'
            f'<?xml-stylesheet type="text/xsl" href="https://xml.e-tax.nta.go.jp/xsl/1.0/CM{form["id"]}-001.xsl"?>\n'
            f'<{form["id"]} xmlns="{KYOTSU}" xmlns:gen="{GENERAL}"{root}>{inside}{signature}</{form["id"]}>\n')


def certificates(list_of_records):
    """Records by certificate (N1.6): those of one grouping code together, at the place of the first."""
    groups = {}
    for n, r in enumerate(list_of_records):
        code = r.get(2) if r[1] in ("TEG800", "TEG810", "TEG822", "TEG830") else None
        groups.setdefault(code or n, []).append(r)
    return list(groups.values())


def sign(xml, key, chain):
    """The signed bytes. @chain: PEM files, the signer's certificate first."""
    form = re.search(r"<(TEG\d+) ", xml)[1]
    with tempfile.TemporaryDirectory() as folder:
        template = pathlib.Path(folder) / "template.xml"
        template.write_text(xml, encoding="utf-8")
        signed = template.with_name("signed.xml")
        subprocess.run(["xmlsec1", "--sign", "--privkey-pem", ",".join(map(str, [key, *chain])), "--id-attr:id", f"{KYOTSU}:{form}",
                        "--output", signed, template], check=True, capture_output=True)
        return signed.read_bytes()
