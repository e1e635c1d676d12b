"""schemac_doc - the tables of the protocol document, and whether it quotes them as they are

A block stands in the document between <!-- begin NAME --> and <!-- end NAME -->. A document need not
hold every block, but those it holds must be word for word what the schemas say."""
import pathlib
import re
import sys

MARKED = re.compile(r"(<!-- begin (\w+) -->\n)(.*?)(<!-- end \2 -->)", re.DOTALL)


def cell(s):
    return str(s).replace("|", "\\|")


def grid(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return lines + ["| " + " | ".join(cell(c) for c in row) + " |" for row in rows]


def bounds(f):
    least, most = f.get("min"), f.get("max")
    match f["type"]:
        case "fixed":
            return f"{f['size']} bytes"
        case "hash":
            return "32 bytes"
        case "bool" | "record":
            return ""
        case "u64":
            return f"at most {most}" if most is not None else ""
        case kind:
            unit = {"hashes": "hashes", "numbers": "numbers", "list": "items", "parts": "parts"}.get(kind, "bytes")
            return f"{least} to {most} {unit}" if least else f"at most {most} {unit}"


def fields(table):
    if not table.fields:
        return ["No fields of its own."]
    rows = []
    for f in table.fields:
        kind = f["type"] + (f" of `{f['of']}`" if "of" in f else "")
        rows.append((f["key"], f"`{f['name']}`", kind, bounds(f), "yes" if f.get("optional") else "", f.get("doc", "")))
    return grid(("key", "field", "type", "bounds", "optional", "meaning"), rows)


def titled(level, title, table):
    lines = ["#" * level + f" {title}" + (f" ({table.clause})" if table.clause else ""), ""]
    return lines + ([table.doc, ""] if table.doc else [])


def messages(s):
    lines = ["### Limits", ""] + grid(("limit", "value"), ((f"`{n}`", v) for n, v in s.limits.items())) + [""]
    for verb, name, ask, answer in s.requests:
        lines += titled(3, f"Request {verb}: {name}", ask)
        lines += ["Asked:", ""] + fields(ask) + ["", "Answered:", ""] + fields(answer) + [""]
    for table in s.records:
        lines += titled(3, f"Record: {table.name}", table) + fields(table) + [""]
    return lines


def rows(s):
    lines = []
    for table in s.rows:
        lines += titled(3, table.name.removeprefix("row_").join(("Row: ", "")) if table.name in s.keyed
                        else f"Record: {table.name}", table)
        if table.name in s.keyed:
            lines += ["Table {}, key {}.".format(*s.keyed[table.name]), ""]
        lines += fields(table) + [""]
    return lines


def outcomes(s):
    return grid(("code", "name", "same bytes again?", "meaning", "what to do"),
                ((o["code"], f"`{o['name']}`", "yes" if o["retry"] else "no", o["en"], o["next_en"]) for o in s.outcomes)) + [""]


def events(s):
    return grid(("code", "event", "EN 319 522-1", "meaning"),
                ((e["code"], e["name"], e.get("etsi", ""), e.get("doc", "")) for e in s.events)) + [""]


BLOCKS = {"messages": messages, "outcomes": outcomes, "events": events, "rows": rows}


def block(s, name):
    return "\n" + "\n".join(BLOCKS[name](s))


def run(s, check, write):
    if not check and not write:
        for name in BLOCKS:
            print(f"<!-- begin {name} -->\n{block(s, name)}<!-- end {name} -->")
        return 0
    path = pathlib.Path(check or write)
    old = path.read_text(encoding="utf-8")
    held = [m[2] for m in MARKED.finditer(old)]
    if not held or set(held) - BLOCKS.keys():
        print(f"{path}: holds {held or 'no block'}; known are {list(BLOCKS)}", file=sys.stderr)
        return 1
    new = MARKED.sub(lambda m: m[1] + block(s, m[2]) + m[4], old)
    if write:
        path.write_text(new, encoding="utf-8")
    elif new != old:
        print(f"{path}: a table differs from the schemas; schemac.py --write-doc {path} puts it right", file=sys.stderr)
        return 1
    return 0
