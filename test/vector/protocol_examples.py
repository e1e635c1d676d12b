#!/usr/bin/python3
"""The worked examples of PROTOCOL.md (P8), computed again from their inputs

    protocol_examples.py PROTOCOL.md [PROGRAM]

Written from the documents alone, with other libraries than the project's own. PROGRAM, if given,
prints the same values from the real code as "name = value"; each must be in the document too.
"""
import base64
import hashlib
import hmac
import pathlib
import re
import subprocess
import sys

try:
    import nacl.bindings
    import nacl.signing
except ImportError:
    sys.exit(77)


# ---- the document ----

def examples(path):
    """Values by name from the fenced blocks of P8. An indented line goes on with the value before."""
    section = path.read_text(encoding="utf-8").split("\n## P8 ", 1)[1].split("\n## ", 1)[0]
    found = {}
    for kind, name, body in re.findall(r"^ *```(values|note)(?: (\w+))?\n(.*?)^ *```$", section, re.M | re.S):
        body = re.sub(r"^  ", "", body, flags=re.M)
        if kind == "note":
            found[name] = body
            continue
        for key, value in re.findall(r"^(\w+) = (.*(?:\n +.*)*)", body, re.M):
            found[key] = re.sub(r"\n +", "", value)
    return found


# ---- what the documents say ----

def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def b64(data):
    return base64.b64encode(data).decode()


def derive(seed, label, epoch):                                 # E2.1
    prk = hmac.digest(bytes(32), seed, "sha256")
    return hmac.digest(prk, f"fumibako {label} {epoch}".encode() + b"\x01", "sha256")


def bech32(prefix, data):
    charset = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
    bits = "".join(f"{b:08b}" for b in data)
    bits += "0" * (-len(bits) % 5)
    five = [int(bits[i:i + 5], 2) for i in range(0, len(bits), 5)]
    spread = [ord(c) >> 5 for c in prefix] + [0] + [ord(c) & 31 for c in prefix]
    check = 1
    for v in spread + five + [0] * 6:
        top, check = check >> 25, (check & 0x1FFFFFF) << 5 ^ v
        for i, g in enumerate((0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)):
            check ^= g if top >> i & 1 else 0
    check ^= 1
    return prefix + "1" + "".join(charset[v] for v in five + [check >> 5 * (5 - i) & 31 for i in range(6)])


def certified(prefix, key):                                     # E2.3, E2.4
    return bech32(prefix, b"\x01" + sha256(key)[:20])


def signer(seed, label):
    return nacl.signing.SigningKey(derive(seed, label, 0))


def public(key):
    return bytes(key.verify_key)


def x25519(secret):
    return nacl.bindings.crypto_scalarmult_base(secret)


def key_id(name, key):
    return sha256(name.encode(), b"\n\x01", key)[:4]


def vkey(name, key):
    return name + "+" + key_id(name, key).hex() + "+" + b64(b"\x01" + key)


def note(text, name, key):                                      # E1.1
    signature = key.sign(text.encode()).signature
    return text + "\n\u2014 " + name + " " + b64(key_id(name, public(key)) + signature) + "\n"


def pack(value):                                                # P3.2
    if value is True or value is False:
        return b"\xc3" if value else b"\xc2"
    if isinstance(value, int):
        for most, head, size in ((0x7F, b"", 1), (0xFF, b"\xcc", 1), (0xFFFF, b"\xcd", 2), (0xFFFFFFFF, b"\xce", 4)):
            if value <= most:
                return head + value.to_bytes(size, "big")
        return b"\xcf" + value.to_bytes(8, "big")
    if isinstance(value, str):
        data = value.encode()
        return counted(len(data), 0xA0, 32, (0xD9, 0xDA, 0xDB)) + data
    if isinstance(value, bytes):
        return counted(len(value), 0, 0, (0xC4, 0xC5, 0xC6)) + value
    if isinstance(value, list):
        return counted(len(value), 0x90, 16, (None, 0xDC, 0xDD)) + b"".join(map(pack, value))
    keys = sorted(value)
    return counted(len(keys), 0x80, 16, (None, 0xDE, 0xDF)) + b"".join(pack(k) + pack(value[k]) for k in keys)


def counted(count, short, few, heads):
    if count < few:
        return bytes([short + count])
    size = next(i for i, head in enumerate(heads) if head and count < 256 ** 2 ** i)
    return bytes([heads[size]]) + count.to_bytes(2 ** size, "big")


def root(leaves):                                               # RFC 6962, 2.1
    if len(leaves) == 1:
        return leaves[0]
    k = 1 << (len(leaves) - 1).bit_length() - 1
    return sha256(b"\x01", root(leaves[:k]), root(leaves[k:]))


def path(leaves, index):
    if len(leaves) == 1:
        return []
    k = 1 << (len(leaves) - 1).bit_length() - 1
    if index < k:
        return path(leaves[:k], index) + [root(leaves[k:])]
    return path(leaves[k:], index - k) + [root(leaves[:k])]


def padded(length):                                             # E4.2
    if length < 2:
        return length
    e = length.bit_length() - 1
    mask = (1 << e - e.bit_length()) - 1
    return length + mask & ~mask


# ---- the examples ----

class Examples:
    def __init__(self, said):
        self.said, self.looked = said, set()
        self.wrong = []

    def given(self, name):
        self.looked.add(name)
        return self.said[name]

    def given_bytes(self, name):
        return bytes.fromhex(self.given(name))

    def check(self, name, value):
        self.looked.add(name)
        value = value.hex() if isinstance(value, bytes) else value
        if self.said.get(name) != value:
            self.wrong.append(f"{name}: the document says\n{self.said.get(name)}\nand by its clauses it is\n{value}")


def keys(x):                                                    # P8.1
    seed = x.given_bytes("holder_seed")
    x.mailbox_key, x.address_key = signer(seed, "mailbox sign"), signer(seed, "address 1 sign")
    x.check("mailbox_secret", derive(seed, "mailbox sign", 0))
    x.check("mailbox_key", public(x.mailbox_key))
    x.check("mailbox", certified("fumibox", public(x.mailbox_key)))
    x.check("address_key", public(x.address_key))
    x.check("address", certified("fumi", public(x.address_key)))
    x.check("seal_secret", derive(seed, "address 1 seal", 1))
    x.check("seal", bech32("age", x25519(derive(seed, "address 1 seal", 1))))
    x.check("device", b64(x25519(derive(seed, f"transport {x.given('device_name')}", 0))))
    x.sender_key = signer(x.given_bytes("sender_seed"), "sender sign")      # E2.7
    x.check("sender_key", public(x.sender_key))
    broker = x.given_bytes("broker_seed")                       # E2.6
    x.log_key, x.origin = signer(broker, "log 0 sign"), x.given("broker") + "/log/0"
    x.check("log_vkey", vkey(x.origin, public(x.log_key)))
    x.check("attest_vkey", vkey(x.given("broker"), public(signer(broker, "broker sign"))))
    x.check("transport", b64(x25519(derive(broker, "broker transport", 0))))


def messages(x):                                                # P8.2
    x.check("info_request", pack({0: 1, 1: 7}))
    x.check("list_request", pack({0: 9, 1: 300, 4: x.said["mailbox"], 5: 0, 6: 100}))
    x.check("refusal", pack({0: 2, 1: 8, 2: 201, 3: "sender"}))
    x.check("watch_answer", pack({0: 12, 1: 70000, 2: 0, 4: 5}))


def statement(x):                                               # P8.3
    text = (f"fumibako address v1\naddress {x.said['address']}\nkey {b64(public(x.address_key))}\nepoch 1\n"
            f"accepts {x.given('sender')} certificate,notice\nseal {x.said['seal']}\n"
            "valid 2026-11-23T00:00:00Z 2027-11-23T00:00:00Z\n")
    signed = note(text, x.said["address"], x.address_key)
    x.check("address_statement", signed)
    x.statement = sha256(signed.encode())
    x.check("statement_hash", x.statement)
    bind = b"fumibako bind v1\n" + x.said["mailbox"].encode() + b"\n" + x.statement
    x.check("bind_signature", x.mailbox_key.sign(bind).signature)


def letters(x):                                                 # P8.4, P8.5
    sealed = x.given("sealed_text").encode()
    x.header = {1: 1, 2: 1, 3: x.said["sender"], 4: x.said["address"], 5: 1, 6: int(x.given("created")), 10: 0, 11: 1,
                13: x.given_bytes("nonce"), 14: sha256(sealed), 15: len(sealed), 16: x.statement}
    x.check("header", pack(x.header))
    x.ids = []
    for nonce in ("nonce", "nonce_b", "nonce_c"):
        header = pack({**x.header, 13: x.given_bytes(nonce)})
        x.ids.append(sha256(b"fumibako letter v1\n", header))
    for name, letter in zip(("letter_id", "letter_id_b", "letter_id_c"), x.ids):
        x.check(name, letter)
    leaves = [sha256(b"\x00", letter) for letter in x.ids]
    x.check("batch_root", root(leaves))
    x.check("path_a", b"".join(path(leaves, 0)))
    x.check("path_c", b"".join(path(leaves, 2)))
    message = b"fumibako submit v1\n" + x.said["sender"].encode() + root(leaves)
    x.check("batch_message", message)
    x.check("batch_signature", x.sender_key.sign(message).signature)


def evidence(x):                                                # P8.6
    event = pack({1: [1, 3], 2: int(x.given("filed")), 3: x.said["broker"], 4: x.ids[0], 5: x.said["sender"], 6: x.said["address"],
                  7: 1, 8: 1, 9: x.header[14], 10: x.header[15]})
    salt = x.given_bytes("salt")
    commitment = sha256(b"fumibako event v1\n", salt, event)
    leaf = sha256(b"\x00", commitment)
    x.check("event", event)
    x.check("commitment", commitment)
    x.check("leaf", leaf)
    x.check("head", sha256(bytes(32), leaf))
    leaves = [x.given_bytes("leaf_before"), leaf]
    checkpoint = note(f"{x.origin}\n2\n{b64(root(leaves))}\n", x.origin, x.log_key)
    x.check("checkpoint", checkpoint)
    x.check("receipt", f"c2sp.org/tlog-proof@v1\nextra {b64(pack({1: salt, 2: event}))}\nindex 1\n{b64(leaves[0])}\n\n{checkpoint}")


def acknowledgement(x):                                         # P8.7
    message = f"fumibako ack v1\n{x.said['mailbox']}\n{x.given('ack_time')}\n".encode() + x.ids[0]
    signature = x.mailbox_key.sign(message).signature
    x.check("ack_signature", signature)
    x.check("ack_request", pack({0: 11, 1: 9, 4: x.said["mailbox"], 5: [1], 6: x.ids[0], 7: int(x.said["ack_time"]), 8: signature}))


def padding(x):                                                 # P8.8
    pairs = [pair.split(">") for pair in x.given("padded").split()]
    x.check("padded", " ".join(f"{length}>{padded(int(length))}" for length, _ in pairs))


def main():
    x = Examples(examples(pathlib.Path(sys.argv[1])))
    for story in (keys, messages, statement, letters, evidence, acknowledgement, padding):
        story(x)
    for name in sorted(x.said.keys() - x.looked):
        x.wrong.append(f"{name}: nobody computes it")
    if len(sys.argv) > 2:
        real = subprocess.run([sys.argv[2]], capture_output=True, text=True, check=True).stdout
        for name, value in re.findall(r"^(\w+) = (.*)$", real, re.M):
            if x.said.get(name) != value:
                x.wrong.append(f"{name}: the document says\n{x.said.get(name)}\nand the real code\n{value}")
    print(*x.wrong, sep="\n\n")
    print(f"{len(x.looked)} values, {len(x.wrong)} wrong")
    return 1 if x.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
