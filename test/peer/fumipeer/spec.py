"""The protocol's tables, read from PROTOCOL.md itself (P5, P6, P7): what the document does not say, this
client does not know."""
import os
import pathlib
import re
from typing import NamedTuple

SOURCE = pathlib.Path(os.environ.get("FUMIBAKO_SOURCE", pathlib.Path(__file__).resolve().parents[3]))
TEXT = (SOURCE / "schemas" / "PROTOCOL.md").read_text()


class Field(NamedTuple):
    key: int
    name: str
    kind: str           # a type of P3.3
    record: str         # whose table, for record and list
    least: int
    most: int
    optional: bool


def section(name):
    return TEXT.split(f"<!-- begin {name} -->")[1].split(f"<!-- end {name} -->")[0]


def rows(text):
    """The cells of each row of the tables in this text, head and rule left out."""
    for line in text.splitlines():
        if re.match(r"\| +(\d|`)", line):
            yield [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]


def field(cells):
    key, name, kind, bounds, optional = cells[:5]
    kind, _, record = kind.partition(" of ")
    numbers = [int(n) for n in re.findall(r"\d+", bounds)]
    if bounds.startswith("at most"):
        least, most = 0, numbers[0]
    elif " to " in bounds:
        least, most = numbers
    else:
        least = most = numbers[0] if numbers else 0
    return Field(int(key), name.strip("`"), kind, record.strip("`"), least, most, optional == "yes")


def table(text):
    return {f.key: f for f in map(field, rows(text))}


def load():
    verbs, asked, answered, records = {}, {}, {}, {}
    for part in section("messages").split("\n### ")[1:]:
        title = part.splitlines()[0]
        if found := re.match(r"Request (\d+): (\w+)", title):
            verb, name = int(found[1]), found[2]
            verbs[name] = verb
            ask, answer = part.split("\nAnswered:\n")
            asked[verb], answered[verb] = table(ask), table(answer)
        elif found := re.match(r"Record: (\w+)", title):
            records[found[1]] = table(part)
    return verbs, asked, answered, records


VERBS, ASKED, ANSWERED, RECORDS = load()
LIMITS = {name.strip("`"): int(value) for name, value in rows(section("messages").split("\n### ")[1])}
OUTCOMES = {int(r[0]): r[1].strip("`") for r in rows(section("outcomes"))}
CODES = {name: code for code, name in OUTCOMES.items()} | {"DONE": 0}
AGAIN = {int(r[0]) for r in rows(section("outcomes")) if r[2] == "yes"}
EVENTS = {r[1]: int(r[0]) for r in rows(section("events"))}
HEAD = {0: Field(0, "verb", "u64", "", 0, 2**64 - 1, False), 1: Field(1, "number", "u64", "", 0, 2**64 - 1, False)}
ANSWER_HEAD = HEAD | {2: Field(2, "code", "u64", "", 0, 9999, False), 3: Field(3, "where", "str", "", 0, 128, True)}
