"""Letters: composed and sealed by a sender (E3, E4), proved and opened by a holder (E4.4)."""
import datetime
import re
import time
import uuid
from typing import NamedTuple

from . import agefile, canon, keys, notes, statements, tree

NOTE_MOST = 65536                       # of a letter note, E1.1


class Refused(Exception):
    """A letter not to be relied on; `code` is a name of PROTOCOL.md P6."""

    def __init__(self, code, why=""):
        super().__init__(f"{code} {why}".strip())
        self.code = code


class Letter(NamedTuple):
    header: bytes
    body: bytes
    id: bytes
    fields: dict


def now_ms():
    return time.time_ns() // 1000000


def letter_id(header):
    return keys.sha256(b"fumibako letter v1\n", header)


def padded(n):
    """Padmé (E4.2)."""
    if n < 2:
        return n
    e = n.bit_length() - 1
    mask = (1 << e - e.bit_length()) - 1
    return n + mask & ~mask


def new_nonce():
    """UUID version 7 (RFC 9562)."""
    value = now_ms() << 80 | uuid.uuid4().int & (1 << 80) - 1
    return (value & ~(0xf << 76) | 7 << 76).to_bytes(16, "big")


# ---- a sender's side ----
def write_note(sender, sign_seed, address, kind, type_, title, issued, parts):
    """`parts`: (media type, name, bytes)."""
    text = (f"fumibako letter v1\nfrom {sender}\nto {address}\nclass {kind}\ntype {type_}\ntitle {title}\n"
            f"issued {issued}\n")
    for media, name, data in parts:
        text += f"part {keys.b64(keys.sha256(data))} {len(data)} {media} {name}\n"
    return notes.sign(text, sender, sign_seed)


def content(note, parts):
    plain = canon.record("content", {"note": note, "parts": [data for _, _, data in parts]})
    return plain + bytes(padded(len(plain)) - len(plain))


def compose(sender, sign_seed, statement, kind, title, parts, type_="peer.test", issued=None, **more):
    """A letter to the address of this statement (as read_address gives it), sealed and with its header."""
    issued = issued or datetime.datetime.now(statements.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    note = write_note(sender, sign_seed, statement["address"], kind, type_, title, issued, parts)
    body = agefile.seal(content(note, parts), statements.recipients(statement, kind, now_ms()))
    return address_body(sender, statement, kind, body, **more)


def address_body(sender, statement, kind, body, /, **more):
    """The header of sealed bytes; `more` overrides its fields, for those who want to lie."""
    fields = {"version": 1, "suite": 1, "from": sender, "to": statement["address"], "class": statements.CLASSES[kind],
              "created": now_ms(), "assurance": 0, "grade": 1, "nonce": new_nonce(), "digest": keys.sha256(body),
              "size": len(body), "statement": statement["hash"]} | more
    header = canon.record("header", fields)
    return Letter(header, body, letter_id(header), fields)


def batch_message(sender, ids):
    return b"fumibako submit v1\n" + sender.encode() + tree.root([tree.leaf_hash(i) for i in ids])


def sign_batch(sender, sign_seed, ids):
    return keys.sign(sign_seed, batch_message(sender, ids))


# ---- a holder's side ----
def need(truth, code, why=""):
    if not truth:
        raise Refused(code, why)


def check_sender(envelope, header, registrars):
    """The registration that came along (E4.4)."""
    try:
        registration = statements.read_sender(envelope["sender"], registrars)
    except notes.Unsigned as e:
        raise Refused("NOT_TRUSTED", "another registrar's") from e
    except ValueError as e:
        raise Refused("SENDER_UNPROVEN", str(e)) from e
    need(registration["sender"] == header["from"], "SENDER_UNPROVEN", "of somebody else")
    need(statements.is_valid(registration, envelope["time"]), "SENDER_LAPSED")
    kinds = [statements.CLASSES[k] for k in registration["classes"]]
    need(header["class"] in kinds, "CLASS_NOT_GRANTED")
    return registration


def check_batch(envelope, header, ident, key):
    root = tree.root_by_path(tree.leaf_hash(ident), envelope["index"], envelope["count"], envelope["path"])
    signed = b"fumibako submit v1\n" + header["from"].encode() + (root or b"")
    need(root and keys.verifies(key, envelope["signature"], signed), "BATCH_FORGED")


def check_content(plain):
    """Note and parts of the padded content."""
    reader = canon.Reader(plain)
    try:
        inside = reader.map(canon.spec.RECORDS["content"])
    except canon.Malformed as e:
        raise Refused("BAD_CONTENT", str(e)) from e
    need(plain[:1] == b"\x82", "BAD_CONTENT", "further keys")
    need(len(plain) == padded(reader.at) and not any(plain[reader.at:]), "BAD_PADDING")
    return inside["note"], inside["parts"]


def read_issued(text):
    """RFC 3339 with any offset, T and Z in capitals, no leap seconds, from 1900 on (E1.3)."""
    found = re.fullmatch(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?(Z|[+-]\d\d:[0-5]\d)", text, re.A)
    if not found or text < "1900":
        raise statements.BadStatement("not an instant")
    return datetime.datetime.fromisoformat(found[1] + found[3].replace("Z", "+00:00"))


def read_letter_note(note, sender, key):
    """Its lines by word, each by the grammar of E4.3; parts as (hash, length, media type, name)."""
    try:
        text, _ = notes.verify(note, [(sender, key)], NOTE_MOST)
    except (notes.Unsigned, notes.Forged) as e:
        raise Refused("LETTER_FORGED", str(e)) from e
    except notes.BadNote as e:
        raise Refused("BAD_CONTENT", str(e)) from e
    try:
        found = statements.lines(text, "fumibako letter v1", statements.LETTER)
        out = {word: found[word][0] for word in ("from", "to", "class", "type", "title", "issued")}
        read_issued(out["issued"])
    except ValueError as e:
        raise Refused("BAD_CONTENT", str(e)) from e
    need(out["class"] in statements.CLASSES and short(out["title"], 512), "BAD_CONTENT", "class or title")
    need(short(out["type"], 128) and re.fullmatch(r"[\w-]+(\.[\w-]+)*", out["type"], re.A), "BAD_CONTENT", "type")
    parts = [line.split(" ", 3) for line in found["part"]]
    need(all(len(p) == 4 and re.fullmatch(r"[A-Za-z0-9+/]{43}=", p[0]) and re.fullmatch(r"0|[1-9]\d*", p[1], re.A)
             and re.fullmatch(r"(?=.{1,127}$)[\x21-\x7e]+/[\x21-\x7e]+", p[2]) and short(p[3], 255) for p in parts),
         "BAD_CONTENT", "a part line")
    return out | {"parts": parts}


def short(text, most):
    """1 to so many bytes without control characters."""
    return 1 <= len(text.encode()) <= most and not re.search(r"[\x00-\x1f\x7f-\x9f]", text)


def check_parts(lines, parts):
    need(len(lines) == len(parts), "PART_DISAGREES")
    for (digest, length, _, name), data in zip(lines, parts):
        need(isinstance(data, bytes) and digest == keys.b64(keys.sha256(data)) and length == str(len(data)),
             "PART_DISAGREES", name)
    return [(media, name, data) for (_, _, media, name), data in zip(lines, parts)]


def read(header_bytes, envelope, body, trust, identities):
    """Everything of E4.4, in its order. `identities`: {address: [X25519 secret]}. Gives what the letter says."""
    try:
        header = canon.read_record("header", header_bytes)
    except canon.Malformed as e:
        raise Refused("BAD_ENVELOPE", str(e)) from e
    registration = check_sender(envelope, header, trust.registrars)
    check_batch(envelope, header, letter_id(header_bytes), registration["key"])
    need(len(body) == header["size"] and keys.sha256(body) == header["digest"], "SEAL_BROKEN", "another body")
    try:
        plain = agefile.open(body, [s for secrets in identities.values() for s in secrets])
    except agefile.NoKey as e:
        raise Refused("NOT_FOR_US") from e
    except agefile.Broken as e:
        raise Refused("SEAL_BROKEN", str(e)) from e
    note, parts = check_content(plain)
    found = read_letter_note(note, header["from"], registration["key"])
    need(found["from"] == header["from"] and found["to"] == header["to"]
         and statements.CLASSES[found["class"]] == header["class"], "HEADER_DISAGREES")
    need(header["to"] in identities, "WRONG_ADDRESS")
    return {word: found[word] for word in ("title", "type", "issued", "from", "to", "class")} | {
        "name": registration["name"], "note": note, "parts": check_parts(found["parts"], parts)}
