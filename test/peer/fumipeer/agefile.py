"""age v1 files (C2SP age): sealed to X25519 recipients, opened with identities; and the pass-phrase form that
an identity file has (E2.9)."""
import base64
import binascii
import hashlib
import hmac
import os
import re

import nacl.bindings

from . import bech32, keys

VERSION = b"age-encryption.org/v1\n"
CHUNK = 65536
seal_aead = nacl.bindings.crypto_aead_chacha20poly1305_ietf_encrypt
open_aead = nacl.bindings.crypto_aead_chacha20poly1305_ietf_decrypt


class NoKey(ValueError):
    """None of the identities opens the file."""


class Broken(ValueError):
    pass


def raw64(data):
    return base64.b64encode(data).rstrip(b"=")


def unraw64(text):
    try:
        data = base64.b64decode(text + b"=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError) as e:
        raise Broken("not base64") from e
    if raw64(data) != text:
        raise Broken("not canonical base64")
    return data


def recipient(secret):
    return bech32.encode("age", keys.x25519(secret))


def read_recipient(text):
    key = bech32.decode("age", text)
    if len(key) != 32:
        raise ValueError("not an X25519 recipient")
    return key


def wrap_key(shared, share, own):
    return keys.hkdf(shared, share + own, b"age-encryption.org/v1/X25519")


def stanza(key, file_key):
    secret = os.urandom(32)
    share = keys.x25519(secret)
    wrap = wrap_key(nacl.bindings.crypto_scalarmult(secret, key), share, key)
    return b"-> X25519 %s\n%s\n" % (raw64(share), raw64(seal_aead(file_key, None, bytes(12), wrap)))


def mac(file_key, head):
    return hmac.digest(keys.hkdf(file_key, b"", b"header"), head, "sha256")


def nonce(i, last):
    return i.to_bytes(11, "big") + bytes([last])


def seal(plain, recipients):
    """`recipients` as age1... ; the bytes of the file."""
    file_key, salt = os.urandom(16), os.urandom(16)
    head = VERSION + b"".join(stanza(read_recipient(r), file_key) for r in recipients) + b"---"
    out = [head, b" ", raw64(mac(file_key, head)), b"\n", salt]
    key = keys.hkdf(file_key, salt, b"payload")
    count = max(1, -(-len(plain) // CHUNK))
    for i in range(count):
        piece = plain[i * CHUNK:(i + 1) * CHUNK]
        out.append(seal_aead(piece, None, nonce(i, i == count - 1), key))
    return b"".join(out)


def parse(data):
    """Stanzas as (arguments, body), the header up to `---`, its mac, and the payload."""
    if not data.startswith(VERSION):
        raise Broken("not an age file")
    at, stanzas = len(VERSION), []

    def line():
        nonlocal at
        end = data.find(b"\n", at)
        if end < 0:
            raise Broken("cut short")
        at, text = end + 1, data[at:end]
        return text

    while True:
        began, text = at, line()
        if found := re.fullmatch(rb"--- ([A-Za-z0-9+/]{43})", text):
            break
        if not re.fullmatch(rb"->( [\x21-\x7e]+)+", text):
            raise Broken("not a stanza")
        body = b""
        while len(full := line()) == 64:
            body += full
        if len(full) > 64:
            raise Broken("a line too long")
        stanzas.append((text.split(b" ")[1:], unraw64(body + full)))
    if not stanzas:
        raise Broken("no stanza")
    return stanzas, data[:began + 3], unraw64(found[1]), data[at:]


def open_x25519(stanzas, secrets):
    for words, body in stanzas:
        if words[0] != b"X25519":
            continue
        if len(words) != 2 or len(share := unraw64(words[1])) != 32 or len(body) != 32:
            raise Broken("not an X25519 stanza")
        for secret in secrets:
            try:
                shared = nacl.bindings.crypto_scalarmult(secret, share)
            except Exception as e:                      # an all-zero secret: must abort
                raise Broken("a share without order") from e
            try:
                return open_aead(body, None, bytes(12), wrap_key(shared, share, keys.x25519(secret)))
            except Exception:
                continue
    raise NoKey("none of our keys")


def open_scrypt(stanzas, phrase):
    words, body = stanzas[0]
    if len(stanzas) != 1 or words[0] != b"scrypt" or len(words) != 3 or len(body) != 32:
        raise Broken("not under a pass-phrase")
    if not re.fullmatch(rb"[1-9][0-9]?", words[2]) or int(words[2]) > 20:
        raise Broken("an unreasonable work factor")
    wrap = hashlib.scrypt(phrase, salt=b"age-encryption.org/v1/scrypt" + unraw64(words[1]), n=1 << int(words[2]), r=8,
                          p=1, dklen=32, maxmem=(1 << 31) - 2)
    try:
        return open_aead(body, None, bytes(12), wrap)
    except Exception as e:
        raise NoKey("not the pass-phrase") from e


def open(data, secrets=(), phrase=None):
    """The plain bytes, for X25519 secrets or a pass-phrase."""
    stanzas, head, found, payload = parse(data)
    file_key = open_x25519(stanzas, secrets) if phrase is None else open_scrypt(stanzas, phrase)
    if not hmac.compare_digest(mac(file_key, head), found) or len(payload) < 16 + 16:
        raise Broken("the header was changed, or there is no payload")
    key, rest, out = keys.hkdf(file_key, payload[:16], b"payload"), payload[16:], []
    count = -(-len(rest) // (CHUNK + 16))
    for i in range(count):
        piece = rest[i * (CHUNK + 16):(i + 1) * (CHUNK + 16)]
        try:
            out.append(open_aead(piece, None, nonce(i, i == count - 1), key))
        except Exception as e:
            raise Broken("the payload was changed or cut") from e
    if count > 1 and not out[-1]:
        raise Broken("an empty last chunk")
    return b"".join(out)
