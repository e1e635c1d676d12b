"""Signed notes (C2SP signed-note) with Ed25519 keys (E1.1)."""
from . import keys

DASH = "\u2014 "


class BadNote(ValueError):
    pass


class Unsigned(BadNote):
    """No line of a key asked for."""


class Forged(BadNote):
    """A line of a key asked for does not verify."""


def key_id(name, key):
    return keys.sha256(name.encode(), b"\n\x01", key)[:4]


def vkey(name, key):
    return f"{name}+{key_id(name, key).hex()}+{keys.b64(bytes([1]) + key)}"


def read_vkey(text):
    name, number, key = text.split("+", 2)
    key = keys.unb64(key, 33)
    if key[0] != 1 or not name or number != key_id(name, key[1:]).hex():
        raise ValueError("not an Ed25519 verifier key")
    return name, key[1:]


def sign(text, name, sign_seed):
    line = key_id(name, keys.public(sign_seed)) + keys.sign(sign_seed, text.encode())
    return f"{text}\n{DASH}{name} {keys.b64(line)}\n"


def split(note, most=16384):
    """The text, up to and with its last newline, and the signature lines as (name, key id, signature)."""
    if len(note.encode()) > most or any(c < " " and c != "\n" for c in note):
        raise BadNote("too long, or control characters")
    text, empty, tail = note.rpartition("\n\n")
    lines = tail.split("\n")
    if not empty or lines.pop() or not 1 <= len(lines) <= 32:
        raise BadNote("not a note")
    signatures = []
    for line in lines:
        words = line.split(" ")
        if len(words) != 3 or words[0] != DASH.strip() or not words[1] or any(
                c == "+" or c.isspace() or "\x7f" <= c <= "\xa0" for c in words[1]):
            raise BadNote("not a signature line")
        try:
            blob = keys.unb64(words[2])
        except ValueError as e:
            raise BadNote("not a signature line") from e
        if len(blob) < 5:
            raise BadNote("not a signature line")
        signatures.append((words[1], blob[:4], blob[4:]))
    return text + "\n", signatures


def verify(note, trusted, most=16384):
    """The text and the (name, key) of `trusted` that signed it first. One false line of theirs spoils it."""
    text, signatures = split(note, most)
    by = None
    for name, number, signature in signatures:
        for known, key in trusted:
            if (name, number) == (known, key_id(known, key)):
                if not keys.verifies(key, signature, text.encode()):
                    raise Forged(f"the line of {name} does not verify")
                by = by or (known, key)
    if by is None:
        raise Unsigned("nobody that we trust signed it")
    return text, by
