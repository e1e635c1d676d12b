"""ours - schemas/nta/*.toml put into the words of the tax agency's files, for comparing"""
import tomllib

FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")
GENERAL = {"era", "yyyy", "yy", "mm", "dd", "hojinbango", "kojinbango"}  # the parts in the namespace "general"
AMOUNT = 15


def elements(entries, up=None):
    """In document order, each as official.Schema has it."""
    for e in entries:
        least, _, most = e.get("times", "1").partition("..")
        entry = {"id": e["id"], "up": up, "name": e["name"], "times": (int(least), int(most or least)), "type": e.get("type", "group")}
        entry.update({key: e[key] for key in ("max", "digits") if key in e})
        if "codes" in e:
            entry["codes"] = [code for code, _ in e["codes"]]
        if "page" in e:
            entry["page"] = True
        yield entry
        yield from elements(e.get("has", []), e["id"])


def code_names(entries):
    found = {}
    for e in entries:
        found[e["id"]] = [(code, name) for code, name in e.get("codes", []) if name]
        found.update(code_names(e.get("has", [])))
    return found


def plain_columns(csv):
    """Without `times`: every column by itself."""
    for c in csv["column"]:
        if "times" not in c:
            yield c
            continue
        at = c["at"]
        for n in range(1, c["times"] + 1):
            for inner in c["column"]:
                yield dict(inner, at=at, name=f"{c['name']}{str(n).translate(FULL_WIDTH)}　{inner['name']}")
                at += 1


def span(least, most):
    return f"range(min={least} max={most})"


def kind(c, codes):
    """The checks that follow from `is`."""
    nines = "9" * c.get("digits", AMOUNT)
    numeral = "charSet(value=numeral)"
    return {
        "text": lambda: {f"length(max={c['max']})", "etxString"},
        "alphanumeric": lambda: {"charSet(value=alphaNumeric)", f"length(max={c['max']})"},
        "latin": lambda: {"charSet(value=latinString)", f"length(max={c['max']})"},
        "numeral": lambda: {numeral, f"length(value={c['length']})"},
        "amount": lambda: {"charSet(value=integer)", span("-" + nines, nines)},
        "positive": lambda: {"charSet(value=nonNegativeInteger)", span(0, nines)},
        "code": lambda: {f"contain(value={' '.join(sorted(codes, key=int))})"},
        "era": lambda: {f"contain(value={' '.join(sorted(codes, key=int))})"},
        "yyyy": lambda: {numeral, "length(value=4)", span(1, 9999)},
        "yy": lambda: {numeral, "length(max=2)", span(1, 99)},
        "mm": lambda: {numeral, "length(max=2)", span(1, 12)},
        "dd": lambda: {numeral, "length(max=2)", span(1, 31)},
        "hojinbango": lambda: {numeral, "length(value=13)", "format(value=checkDigits)"},
    }[c["is"]]()


def must(c):
    if c.get("must") is True:
        return {"exist"}
    return {f"exist(when exist col{w['column']}" + (f" & contain col{w['column']} value={' '.join(w['is'])})" if "is" in w else ")")
            for w in c.get("must", [])}


class Table:
    """One file of schemas/nta."""

    def __init__(self, path):
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        self.form, self.csv = data["form"], data.get("csv")
        self.id = self.form["id"]
        self.elements = list(elements(self.form["element"]))
        self.up = {e["id"]: e["up"] or self.id for e in self.elements}
        self.codes = {e["id"]: e.get("codes", []) for e in self.elements}
        self.names = code_names(self.form["element"])

    def columns(self):
        """By number, as official.columns() has them."""
        found = {1: {"name 控除証明書の種類(form id)"}}
        for c in plain_columns(self.csv):
            found[c["at"]] = {f"name {c['name']}"} | self.facts(c)
        self.add_rules(found)
        return found

    def facts(self, c):
        to = c.get("to", [])
        to = [to] if isinstance(to, str) else to
        codes = c.get("codes") or self.codes.get(to[0].partition(".")[0] if to else "")
        found = kind(c, codes) | must(c)
        for name in to:
            element, _, part = name.partition(".")
            place = f"{element}/{'gen:' if part in GENERAL else ''}{part}" if part else f"{self.up[element]}/{element}"
            found.add(f"to {place}")
            if c.get("must") is not True:
                found.add(f"rejectEmpty {place}")
            # A code 0 that the element does not have is "no": suppressed like a zero, and left out.
            if c["is"] in ("yy", "mm", "dd") or (c["is"] == "code" and "0" in codes and "0" not in self.codes[element]):
                found.add(f"zeroSuppress {place}")
            if c["is"] in ("amount", "positive"):
                found.add(f"removeLeadingPlusSign {place}")
            if part == "kubun_CD":
                found |= {f"text {code}={text}→{element}/kubun_NM" for code, text in self.names[element]}
        for gift in c.get("gives", []):
            found |= {f"text {code}={text}→{self.up[gift['to']]}/{gift['to']}" for code, text in gift["text"]}
        return found

    def add_rules(self, found):
        for day in self.csv.get("date", []):
            with_era = any(f"gen:era" in fact for fact in found[day[0]])
            cols = ",".join(map(str, day))
            found[day[0]].add(f"existDate{'2' if with_era else ''}(value=date;cols {cols})")
        for months in self.csv.get("before", []):
            found[months[0]].add(f"dateRange(value=LT;cols {','.join(map(str, months))})")
