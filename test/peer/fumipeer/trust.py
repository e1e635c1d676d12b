"""Trust files (E7.1): everything that a client believes beforehand."""
from . import keys, notes, policy


class Trust:
    def __init__(self, text):
        lines = text.split("\n")
        if lines[0] != "fumibako trust v1":
            raise ValueError("not a trust file")
        self.broker = self.endpoint = self.transport = None
        self.attest, self.logs, self.registrars = [], [], []
        self.policy = policy.Policy()
        for line in lines[1:]:
            words = self.without_comment(line).split()
            if words:
                self.fact(words[0], words[1:])
        if self.broker is None or not self.logs:
            raise ValueError("no broker or no log in the trust file")
        if self.policy.witnesses and self.policy.quorum is None:
            raise ValueError("witnesses and no quorum")

    @staticmethod
    def without_comment(line):
        return "" if line.startswith("#") else line.split(" #")[0]

    def fact(self, word, rest):
        vkeys = {"attest": self.attest, "log": self.logs, "registrar": self.registrars}
        if word == "broker" and len(rest) == 3 and self.broker is None:
            self.broker, self.endpoint = rest[:2]
            self.transport = keys.unb64(rest[2], 32)
        elif word in vkeys and len(rest) == 1 and len(vkeys[word]) < 16:
            vkeys[word].append(notes.read_vkey(rest[0]))
        elif word in ("witness", "group", "quorum"):
            self.policy.line(word, rest)
        else:
            raise ValueError(f"what is '{word}' in a trust file?")

    @property
    def origin(self):
        return self.broker + "/log/0"


def read(path):
    with open(path, encoding="utf-8") as f:
        return Trust(f.read())
