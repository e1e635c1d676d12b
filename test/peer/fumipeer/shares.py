"""Recovery shares (E8): SLIP-0039 read from its text alone, with tables of logarithms where the C has none."""
import hashlib
import hmac
import pathlib
import re

WORDS = (pathlib.Path(__file__).parents[3] / "lib" / "crypt" / "slip39_words.txt").read_text().split()

EXP, LOG = [0] * 510, [0] * 256
_v = 1
for _i in range(255):
    EXP[_i] = EXP[_i + 255] = _v
    LOG[_v] = _i
    _v ^= _v << 1                                       # times x + 1, which generates the field
    if _v & 0x100:
        _v ^= 0x11b


def _interpolate(x, points):
    """The values at x of the polynomials through points [(x, bytes)]."""
    if x in dict(points):
        return dict(points)[x]
    out = bytes(len(points[0][1]))
    for xi, yi in points:
        log = sum(LOG[x ^ xj] - LOG[xi ^ xj] for xj, _ in points if xj != xi) % 255
        out = bytes(o ^ (EXP[LOG[y] + log] if y else 0) for o, y in zip(out, yi))
    return out


def _checksum(words, extendable):
    generator = [0xe0e040, 0x1c1c080, 0x3838100, 0x7070200, 0xe0e0009, 0x1c0c2412, 0x38086c24, 0x3090fc48, 0x21b1f890,
                 0x3f3f120]
    check = 1
    for v in [*(b"shamir_extendable" if extendable else b"shamir"), *words]:
        top = check >> 20
        check = (check & 0xfffff) << 10 ^ v
        for i, g in enumerate(generator):
            check ^= g if top >> i & 1 else 0
    return check


def words_of(sheet):
    """The numbered words of a printed sheet, in order."""
    found = {int(n): w for line in sheet.splitlines() if re.match(r" *1?\d? *\d+ [a-z]", line)
             for n, w in re.findall(r"(\d+) ([a-z]{4,8})\b", line)}
    if sorted(found) != list(range(1, 34)):
        raise ValueError(f"not 33 numbered words: {found}")
    return [found[n] for n in sorted(found)]


class Share:
    def __init__(self, words):
        numbers = [WORDS.index(w) for w in words]
        bits = "".join(f"{n:010b}" for n in numbers)
        def take(n):
            nonlocal bits
            head, bits = bits[:n], bits[n:]
            return int(head, 2)
        self.id, self.extendable, self.exponent = take(15), take(1), take(4)
        self.group, self.group_threshold, self.groups = take(4), take(4) + 1, take(4) + 1
        self.member, self.threshold = take(4), take(4) + 1
        bits = bits[:-30]
        if take(len(bits) % 16) or _checksum(numbers, self.extendable) != 1:
            raise ValueError("padding or checksum")
        self.value = bytes(int(bits[i:i + 8], 2) for i in range(0, len(bits), 8))


def encrypted(shares):
    """What the shares of one group of one set give, still encrypted."""
    points = [(s.member, s.value) for s in shares]
    if shares[0].threshold == 1:
        return points[0][1]
    secret, digest = _interpolate(255, points), _interpolate(254, points)
    if hmac.digest(digest[4:], secret, "sha256")[:4] != digest[:4]:
        raise ValueError("these shares do not belong together")
    return secret


def seed(shares):
    one, value = shares[0], encrypted(shares)
    if one.groups != 1 or len({(s.id, s.exponent, s.threshold) for s in shares}) != 1 or len(shares) != one.threshold:
        raise ValueError("not one set, or not as many as are needed")
    left, right = value[:16], value[16:]
    prefix = b"" if one.extendable else b"shamir" + one.id.to_bytes(2, "big")
    for i in (3, 2, 1, 0):
        f = hashlib.pbkdf2_hmac("sha256", bytes([i]), prefix + right, 2500 << one.exponent, 16)
        left, right = right, bytes(a ^ b for a, b in zip(left, f))
    return right + left
