"""Seeds, keys and names (E2), key files (E7.4)."""
import base64
import binascii
import hashlib
import hmac

import nacl.bindings
import nacl.signing

from . import bech32


def b64(data):
    return base64.b64encode(data).decode()


def unb64(text, size=None):
    """Canonical base64 with padding, of so many bytes."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as e:
        raise ValueError("not base64") from e
    if b64(data) != text or size is not None and len(data) != size:
        raise ValueError("not base64 of the right size, canonical")
    return data


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def hkdf(ikm, salt, info, size=32):
    """HKDF-SHA-256 (RFC 5869)."""
    prk = hmac.digest(salt or bytes(32), ikm, "sha256")
    out = block = b""
    while len(out) < size:
        block = hmac.digest(prk, block + info + bytes([len(out) // 32 + 1]), "sha256")
        out += block
    return out[:size]


def derive(seed, label, epoch=0):
    return hkdf(seed, b"", f"fumibako {label} {epoch}".encode())


def public(sign_seed):
    return bytes(nacl.signing.SigningKey(sign_seed).verify_key)


def sign(sign_seed, message):
    return nacl.signing.SigningKey(sign_seed).sign(message).signature


def verifies(key, signature, message):
    try:
        nacl.signing.VerifyKey(key).verify(message, signature)
        return True
    except Exception:
        return False


def x25519(secret):
    return nacl.bindings.crypto_scalarmult_base(secret)


def name_of(prefix, key):
    """An address (prefix fumi, E2.3) or mailbox name (fumibox, E2.4) certifies its key."""
    return bech32.encode(prefix, b"\x01" + sha256(key)[:20])


def key_file(text):
    """What is in a key file: kind, name (None for a broker) and seed."""
    lines = text.split("\n")
    kind = lines[0].removeprefix("fumibako ").removesuffix(" key v1")
    if lines[0] != f"fumibako {kind} key v1" or kind not in ("broker", "registrar", "sender") or lines[-1]:
        raise ValueError("not a key file")
    words = [line.split(" ", 1) for line in lines[1:-1]]
    if [w[0] for w in words] != (["seed"] if kind == "broker" else ["name", "seed"]):
        raise ValueError("not a key file")
    return kind, None if kind == "broker" else words[0][1], unb64(words[-1][1], 32)
