"""Messages in their one canonical spelling (P3): written by Debian's msgpack, read by a reader of our own
that refuses every other spelling."""
import msgpack

from . import spec


class Malformed(Exception):
    pass


# ---- writing ----
def plain(fields, values):
    """Values by name as a map by key; msgpack then writes shortest forms, and keys in the order given."""
    out = {}
    for key, f in sorted(fields.items()):
        if f.name not in values or values[f.name] is None:
            if not f.optional:
                raise Malformed(f"{f.name} is missing")
            continue
        value = values[f.name]
        if f.kind == "record":
            value = plain(spec.RECORDS[f.record], value)
        elif f.kind == "list":
            value = [plain(spec.RECORDS[f.record], v) for v in value]
        elif f.kind == "hashes":
            value = b"".join(value)
        out[key] = value
    return out


def pack(value):
    return msgpack.packb(value, use_bin_type=True)


def record(name, values):
    return pack(plain(spec.RECORDS[name], values))


def request(verb, number, values):
    return pack({0: verb, 1: number} | plain(spec.ASKED[verb], values))


# ---- reading ----
class Reader:
    """Each value as (kind, value) with strings and binaries whole, arrays and maps by their count."""

    FIXED = {0xc0: ("nil", None), 0xc2: ("bool", False), 0xc3: ("bool", True)}
    # first byte: kind, bytes of its number, least number that needs so many
    NUMBERED = {0xcc: ("u64", 1, 0x80), 0xcd: ("u64", 2, 0x100), 0xce: ("u64", 4, 0x10000), 0xcf: ("u64", 8, 2**32),
                0xc4: ("bin", 1, 0), 0xc5: ("bin", 2, 0x100), 0xc6: ("bin", 4, 0x10000),
                0xd9: ("str", 1, 32), 0xda: ("str", 2, 0x100), 0xdb: ("str", 4, 0x10000),
                0xdc: ("array", 2, 16), 0xdd: ("array", 4, 0x10000), 0xde: ("map", 2, 16), 0xdf: ("map", 4, 0x10000),
                0xc7: ("ext", 1, 0), 0xc8: ("ext", 2, 0x100), 0xc9: ("ext", 4, 0x10000)}
    SIGNED = {0xd0: (1, -32), 0xd1: (2, -128), 0xd2: (4, -2**15), 0xd3: (8, -2**31)}
    FIXEXT = (1, 2, 4, 8, 16)

    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, n):
        if n > len(self.data) - self.at:
            raise Malformed("cut short")
        self.at += n
        return self.data[self.at - n:self.at]

    def number(self, n, signed=False):
        return int.from_bytes(self.take(n), "big", signed=signed)

    def head(self):
        b = self.take(1)[0]
        if b < 0x80:
            return "u64", b
        if b < 0x90:
            return "map", b - 0x80
        if b < 0xa0:
            return "array", b - 0x90
        if b < 0xc0:
            return "str", self.take(b - 0xa0)
        if b >= 0xe0:
            return "negative", b - 0x100
        if b in self.FIXED:
            return self.FIXED[b]
        if b in (0xca, 0xcb):
            return "float", self.take(4 if b == 0xca else 8)
        if 0xd4 <= b <= 0xd8:
            return "ext", self.take(1 + self.FIXEXT[b - 0xd4])
        if b in self.SIGNED:
            size, below = self.SIGNED[b]
            value = self.number(size, signed=True)
            if value >= below:
                raise Malformed("a longer spelling")
            return "negative", value
        if b not in self.NUMBERED:
            raise Malformed("no msgpack")
        kind, size, least = self.NUMBERED[b]
        n = self.number(size)
        if n < least or kind == "ext" and n in self.FIXEXT:
            raise Malformed("a longer spelling")
        if kind == "ext":
            return kind, self.take(1 + n)
        return kind, self.take(n) if kind in ("str", "bin") else n

    def skip(self, deep):
        """A value that we do not know (P3.4): any, at most 8 deep."""
        kind, value = self.head()
        if kind == "str":
            utf8(value)
        if kind in ("array", "map"):
            if deep == 0:
                raise Malformed("too deep")
            for _ in range(value * (2 if kind == "map" else 1)):
                self.skip(deep - 1)

    def wanted(self, kind):
        found, value = self.head()
        if found != kind:
            raise Malformed(f"{found} in place of {kind}")
        return value

    def map(self, fields):
        """A map by this table, as values by name."""
        out, before = {}, -1
        count = self.wanted("map")
        if count > 64:
            raise Malformed("too many keys")
        for _ in range(count):
            key = self.wanted("u64")
            if key <= before:
                raise Malformed("keys do not rise")
            before = key
            if key in fields:
                out[fields[key].name] = self.field(fields[key])
            elif key < 32:
                raise Malformed(f"unknown key {key}")
            else:
                self.skip(8)
        for f in fields.values():
            if f.name not in out and not f.optional:
                raise Malformed(f"{f.name} is missing")
        return out

    def field(self, f):
        return getattr(self, "read_" + f.kind)(f)

    def read_u64(self, f):
        return bounded(self.wanted("u64"), f)

    def read_bool(self, f):
        return self.wanted("bool")

    def read_str(self, f):
        value = self.wanted("str")
        bounded(len(value), f)
        return utf8(value)

    def read_text(self, f):
        value = self.wanted("str")
        bounded(len(value), f)
        return utf8(value, newlines=True)

    def read_bin(self, f):
        value = self.wanted("bin")
        bounded(len(value), f)
        return value

    read_fixed = read_hash = read_bin

    def read_hashes(self, f):
        value = self.wanted("bin")
        if len(value) % 32:
            raise Malformed("not a number of hashes")
        bounded(len(value) // 32, f)
        return [value[i:i + 32] for i in range(0, len(value), 32)]

    def read_numbers(self, f):
        return [self.wanted("u64") for _ in range(bounded(self.wanted("array"), f))]

    def read_parts(self, f):
        return [self.wanted("bin") for _ in range(bounded(self.wanted("array"), f))]

    def read_record(self, f):
        return self.map(spec.RECORDS[f.record])

    def read_list(self, f):
        return [self.map(spec.RECORDS[f.record]) for _ in range(bounded(self.wanted("array"), f))]


def bounded(n, f):
    if not f.least <= n <= f.most:
        raise Malformed(f"{f.name}: {n} is out of bounds")
    return n


def utf8(data, newlines=False):
    try:
        text = data.decode()
    except UnicodeDecodeError as e:
        raise Malformed("not UTF-8") from e
    if any((c < " " or c == "\x7f") and not (newlines and c == "\n") for c in text):
        raise Malformed("a control character")
    return text


def whole(data, fields):
    r = Reader(data)
    values = r.map(fields)
    if r.at != len(data):
        raise Malformed("something behind it")
    return values


def read_record(name, data):
    return whole(data, spec.RECORDS[name])


def read_answer(data):
    """Verb, number, code, where and the answer's own fields; a refusal need not have them (P3.6)."""
    r = Reader(data)
    head = [r.wanted("map")] + [r.wanted("u64") for _ in range(6)]
    verb, code = head[2], head[6]
    fields = spec.ANSWERED.get(verb, {})        # none for a verb that only a test would ask
    if code:
        fields = {key: f._replace(optional=True) for key, f in fields.items()}
    return whole(data, spec.ANSWER_HEAD | fields)
