"""Witnesses: cosignatures (E6.7) and the policy that asks for them (E7.6)."""
from . import keys, notes


def key_id(name, key):
    return keys.sha256(name.encode(), b"\n\x04", key)[:4]


def read_vkey(text):
    name, number, key = text.split("+", 2)
    key = keys.unb64(key, 33)
    if key[0] != 4 or not name or number != key_id(name, key[1:]).hex():
        raise ValueError("not a witness's verifier key")
    return name, key[1:]


def cosigned(text, signature, key):
    """Does this signature of a line, without its key id, say that the witness saw the checkpoint?"""
    time = int.from_bytes(signature[:8], "big")
    message = f"cosignature/v1\ntime {time}\n{text}".encode()
    return len(signature) == 72 and time < 1 << 63 and keys.verifies(key, signature[8:], message)


class Policy:
    """Everything is met by one without a quorum."""

    def __init__(self):
        self.witnesses, self.groups, self.used, self.quorum = {}, {}, set(), None

    def line(self, word, rest):
        if word == "witness" and len(rest) == 2 and self._new(rest[0]):
            key = read_vkey(rest[1])
            if key[1] in (k for _, k in self.witnesses.values()):
                raise ValueError("two witnesses with one key")
            self.witnesses[rest[0]] = key
        elif word == "group" and len(rest) > 2 and self._new(rest[0]):
            self._group(rest[0], rest[1], rest[2:])
        elif word == "quorum" and len(rest) == 1 and self.quorum is None and (rest[0] == "none" or self._known(rest[0])):
            self.quorum = rest[0]
        else:
            raise ValueError("not a line of a policy")

    def _known(self, name):
        return name in self.witnesses or name in self.groups

    def _new(self, name):
        return name != "none" and not self._known(name)

    def _group(self, name, need, members):
        if len(set(members)) < len(members) or self.used & set(members) or not all(map(self._known, members)):
            raise ValueError("members of a group")
        need = {"any": "1", "all": str(len(members))}.get(need, need)
        if not need.isdecimal() or not 1 <= int(need) <= len(members) or str(int(need)) != need:
            raise ValueError("how many of a group")
        self.used |= set(members)
        self.groups[name] = int(need), members

    def met(self, names, part=None):
        part = part or self.quorum
        if part is None or part == "none":
            return True
        if part in self.witnesses:
            return part in names
        need, members = self.groups[part]
        return sum(self.met(names, one) for one in members) >= need

    def judge(self, note, origin):
        """FAIL, INCOMPLETE or OK of the lines that are not the log's (E6.8)."""
        text, signatures = notes.split(note)
        names, strangers = set(), False
        for name, number, signature in signatures:
            found = [n for n, key in self.witnesses.items() if (name, number) == (key[0], key_id(*key))]
            if found and not cosigned(text, signature, self.witnesses[found[0]][1]):
                return "FAIL"
            names |= set(found)
            strangers |= not found and name != origin
        return "OK" if self.met(names) and not strangers else "INCOMPLETE"
