"""bech32 (BIP 173) without its limit on length, as age and addresses use it (E2.3)."""
ALPHABET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"


def polymod(values):
    c = 1
    for v in values:
        top, c = c >> 25, (c & 0x1ffffff) << 5 ^ v
        for i, g in enumerate((0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3)):
            c ^= g if top >> i & 1 else 0
    return c


def spread(prefix):
    return [ord(c) >> 5 for c in prefix] + [0] + [ord(c) & 31 for c in prefix]


def regroup(data, of, to, pad):
    out, bits, n = [], 0, 0
    for v in data:
        bits, n = bits << of | v, n + of
        while n >= to:
            n -= to
            out.append(bits >> n & (1 << to) - 1)
    rest = bits & (1 << n) - 1
    if pad:
        if n:
            out.append(rest << to - n)
    elif n >= of or rest:
        raise ValueError("bad padding")
    return out


def encode(prefix, data):
    five = regroup(data, 8, 5, True)
    check = polymod(spread(prefix) + five + [0] * 6) ^ 1
    return prefix + "1" + "".join(ALPHABET[v] for v in five + [check >> 5 * (5 - i) & 31 for i in range(6)])


def decode(prefix, text):
    """Lower case only: an address has one spelling."""
    front, one, rest = text.rpartition("1")
    if not one or front != prefix or len(rest) < 6 or any(c not in ALPHABET for c in rest):
        raise ValueError(f"not {prefix}1...")
    values = [ALPHABET.index(c) for c in rest]
    if polymod(spread(prefix) + values) != 1:
        raise ValueError("a slip of the pen: the checksum does not fit")
    return bytes(regroup(values[:-6], 5, 8, False))
