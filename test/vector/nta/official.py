"""official - the tax agency's schemas and its rules of CSV conversion, read for comparing

Elements come out of xsd/kyotsu/*.xsd as schemas/nta/*.toml writes them, columns out of csv/*.tsv as sets of facts. What a
file says that is not understood here is an error: a new kind of rule must not pass unseen.
"""
import re
import xml.etree.ElementTree as ET

XSD = "{http://www.w3.org/2001/XMLSchema}"
REPEATS = "　繰り返し"  # the agency adds it to the names of what repeats


class Unknown(Exception):
    pass


def one(found, what):
    if len(found) != 1:
        raise Unknown(f"{what}: {len(found)} of them")
    return found[0]


def digits_of(pattern):
    """r"\\d?\\d" -> 2"""
    if not re.fullmatch(r"(\\d\??)+", pattern):
        raise Unknown(f"pattern {pattern}")
    return pattern.count(r"\d")


def values(restriction, facet):
    return [f.get("value") for f in restriction.findall(XSD + facet)]


class Schema:
    """One form's schema: .versions, .date, .name, .elements."""

    def __init__(self, path):
        self.root = ET.parse(path).getroot()
        self.types = {t.get("name"): t for t in self.root if t.get("name") and t.tag in (XSD + "complexType", XSD + "simpleType")}
        top = one(self.root.findall(XSD + "element"), "root element")
        self.id = top.get("name")
        head = self.root.find(f"{XSD}annotation/{XSD}documentation").text
        self.name = re.search("様式名：(.*)", head)[1].strip()
        self.date = "%s-%s-%s" % re.search("Date：(\\d+)年(\\d+)月(\\d+)日", head).groups()
        body = self.types[top.get("type")]
        version = one([a for a in body.findall(XSD + "attribute") if a.get("name") == "VR"], "attribute VR")
        self.versions = values(one(list(self.types[version.get("type")]), "VR"), "enumeration")
        self.elements = []
        self.read(body, None)

    def read(self, body, up):
        sequence = one(body.findall(XSD + "sequence"), "sequence")
        for e in sequence:
            if e.get("ref") == "dsig:Signature":
                if up or e is not sequence[-1] or e.get("minOccurs") != "1" or e.get("maxOccurs") != "1":
                    raise Unknown("the signature is not once and last")
            elif e.tag == XSD + "element":
                self.read_element(e, up)
            elif e.tag != XSD + "annotation":
                raise Unknown(f"{e.tag} in a sequence")

    def read_element(self, e, up):
        body = e.find(XSD + "complexType")
        body = self.types.get(e.get("type")) if body is None else body
        entry = {"id": e.get("name"), "up": up, "name": e.find(f"{XSD}annotation/{XSD}appinfo").text.strip('"').removesuffix(REPEATS),
                 "times": (int(e.get("minOccurs", "1")), int(e.get("maxOccurs", "1")))}
        self.elements.append(entry)
        if body is not None and body.find(XSD + "sequence") is not None:
            entry["type"] = "group"
            attributes = [a.get("name") for a in body.findall(XSD + "attribute")]
            if attributes == ["page"]:
                entry["page"] = True
            elif attributes:
                raise Unknown(f"{entry['id']}: attributes {attributes}")
            self.read(body, entry["id"])
        else:
            entry.update(self.kind(e.get("type")))

    def kind(self, name):
        """What a type's name stands for."""
        if name.startswith("gen:"):
            return {"type": name[4:]}
        body = one([x for x in self.types[name] if x.tag != XSD + "annotation"], name)
        if body.tag == XSD + "simpleContent":  # a number with the attribute AutoCalc
            return self.kind(one(body.findall(XSD + "extension"), name).get("base"))
        if body.tag == XSD + "complexContent":
            return self.kubun(one(body.findall(XSD + "restriction"), name))
        return self.simple(body)

    @staticmethod
    def simple(restriction):
        facets = sorted({f.tag.removeprefix(XSD) for f in restriction})
        base = restriction.get("base")
        if base == "gen:str" and facets == ["maxLength"]:
            return {"type": "str", "max": int(one(values(restriction, "maxLength"), base))}
        if base == "gen:nonNegativeType" and facets == ["pattern"]:
            return {"type": "number", "digits": digits_of(one(values(restriction, "pattern"), base))}
        raise Unknown(f"{base} with {facets}")

    @staticmethod
    def kubun(restriction):
        code, name = restriction.findall(f"{XSD}sequence/{XSD}element")
        inside = [e.find(f"{XSD}simpleType/{XSD}restriction") for e in (code, name)]
        if [code.get("name"), name.get("name"), name.get("minOccurs")] != ["kubun_CD", "kubun_NM", "0"] or len(inside[1]):
            raise Unknown("a kubun that is not as the others")
        if inside[0].get("base").removesuffix("_CD") != restriction.get("base"):
            raise Unknown("a kubun with another code")
        return {"type": restriction.get("base")[4:], "codes": values(inside[0], "enumeration")}


class General:
    """The parts of the types, by type: (name, must, is text, digits, least, most)."""

    def __init__(self, path):
        root = ET.parse(path).getroot()
        self.named = {(t.tag, t.get("name")): t for t in root}

    def parts(self, name):
        return list(self.walk(self.named[XSD + "complexType", name]))

    def walk(self, body):
        for e in body:
            if e.tag in (XSD + "sequence", XSD + "choice"):
                yield from self.walk(e)
            elif e.tag == XSD + "group":
                yield from self.walk(self.named[XSD + "group", e.get("ref")])
            elif e.tag == XSD + "element":
                simple = e.find(XSD + "simpleType")
                yield e.get("name"), e.get("minOccurs") != "0", *self.limits(
                    self.named[XSD + "simpleType", e.get("type")] if simple is None else simple)
            elif e.tag != XSD + "annotation":
                raise Unknown(f"{e.tag} in a type")

    @staticmethod
    def limits(simple):
        r = simple.find(XSD + "restriction")
        base, pattern = r.get("base"), one(values(r, "pattern") or [""], "pattern")
        if base in ("str", "xsd:string"):
            if pattern not in ("", r"\d*"):
                raise Unknown(f"pattern {pattern}")
            return pattern == "", int(one(values(r, "maxLength"), "maxLength")), 0, 0
        if base != "xsd:nonNegativeInteger":
            raise Unknown(base)
        if span := re.fullmatch(r"\[(\d)-(\d)\]", pattern):
            return False, 1, int(span[1]), int(span[2])
        digits = digits_of(pattern)
        least, most = values(r, "minInclusive") or [0], values(r, "maxInclusive") or [10**digits - 1]
        return False, digits, int(least[0]), int(most[0])


# ---- columns ----

CHECK = re.compile(r"(\w+)(?:\(((?:[^()]|\([^()]*\))*)\))?")


def checks(text):
    """The checks of a column, each as one fact.

    Digits of which only certain ones are allowed need no saying of kind and length: charSet(value=numeral) and
    length(value=1) beside contain add nothing.
    """
    found = {m[0] for m in CHECK.finditer(text)}
    if CHECK.sub("", text).strip():
        raise Unknown(f"checks {text}")
    for listed in [c for c in found if c.startswith("contain")]:
        codes = listed[len("contain(value="):-1].split()
        found.remove(listed)
        found.add(f"contain(value={' '.join(sorted(codes, key=int))})")
        found.discard("charSet(value=numeral)")
        if all(len(code) == 1 for code in codes):
            found.discard("length(value=1)")
    return found


def targets(text, must):
    """WCE00000/WCE00120 with its flags. That an empty column leaves its element out is no news where none is empty."""
    found, flags = set(), {"rejectEmpty", "zeroSuppress", "removeLeadingPlusSign"}
    place = None
    for word in text.split():
        if "/" in word:
            place = word
            found.add(f"to {place}")
        elif word not in flags or place is None:
            raise Unknown(f"target {text}")
        elif word != "rejectEmpty" or not must:
            found.add(f"{word} {place}")
    return found


def texts(text):
    """1=建物→WDE00070/kubun_NM; ..."""
    return {f"text {t}" for t in text.split("; ") if t}


def columns(path):
    """By number: the name and the set of facts of each column."""
    found = {}
    for row in path.read_text(encoding="utf-8").splitlines():
        if row.startswith("#"):
            continue
        at, name, check, target, text = row.split("\t")
        facts = checks(check)
        found[int(at)] = {f"name {name}"} | facts | targets(target, "exist" in facts) | texts(text)
    return found
