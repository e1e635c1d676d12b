"""holder - mailboxes and their statements by hand (ENVELOPE E1, E2, E5.3), for scenes that need something to keep"""
import base64
import hashlib
import os
import time

import nacl.public
import nacl.signing

LETTERS = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"


def _polymod(values):
    check = 1
    for v in values:
        top = check >> 25
        check = (check & 0x1ffffff) << 5 ^ v
        for i, g in enumerate((0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3)):
            check ^= g if top >> i & 1 else 0
    return check


def bech32(prefix, data):
    bits = "".join(f"{b:08b}" for b in data)
    bits += "0" * (-len(bits) % 5)
    words = [int(bits[i:i + 5], 2) for i in range(0, len(bits), 5)]
    head = [ord(c) >> 5 for c in prefix] + [0] + [ord(c) & 31 for c in prefix]
    check = _polymod(head + words + [0] * 6) ^ 1
    words += [check >> 5 * (5 - i) & 31 for i in range(6)]
    return prefix + "1" + "".join(LETTERS[w] for w in words)


def instant(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def sign(text, name, key):
    """A C2SP signed note."""
    public = bytes(key.verify_key)
    number = hashlib.sha256(name.encode() + b"\n\x01" + public).digest()[:4]
    signature = base64.b64encode(number + key.sign(text.encode()).signature).decode()
    return f"{text}\n\u2014 {name} {signature}\n"


class Holder:
    def __init__(self):
        self.key = nacl.signing.SigningKey.generate()
        self.transport = os.urandom(32)
        public = bytes(self.key.verify_key)
        self.mailbox = bech32("fumibox", b"\x01" + hashlib.sha256(public).digest()[:20])
        device = bytes(nacl.public.PrivateKey(self.transport).public_key)
        now = int(time.time())
        self.statement = sign(
            f"fumibako mailbox v1\nmailbox {self.mailbox}\nkey {base64.b64encode(public).decode()}\nepoch 1\n"
            f"device {base64.b64encode(device).decode()} phone\nvalid {instant(now - 3600)} {instant(now + 86400)}\n",
            self.mailbox, self.key)
