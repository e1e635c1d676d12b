"""RFC 6962 trees: roots, inclusion paths and their proof, from leaf hashes or from tiles (P4.13)."""
from .keys import sha256


def leaf_hash(data):
    return sha256(b"\x00", data)


def node(left, right):
    return sha256(b"\x01", left, right)


def split(n):
    """The largest power of two below n."""
    return 1 << (n - 1).bit_length() - 1


def root(leaves):
    if not leaves:
        return sha256()
    if len(leaves) == 1:
        return leaves[0]
    k = split(len(leaves))
    return node(root(leaves[:k]), root(leaves[k:]))


class Leaves:
    """Ranges of a list of leaf hashes, as `path` wants them."""

    def __init__(self, leaves):
        self.leaves, self.size = leaves, len(leaves)

    def range(self, first, end):
        return root(self.leaves[first:end])


class Tiles:
    """Ranges of a log of this size, from tiles that ask(level, index, width) brings. Nothing is believed: a path
    built from false tiles does not lead to the checkpoint's root."""

    def __init__(self, size, ask):
        self.size, self.ask, self.known = size, ask, {}

    def tile(self, level, index):
        if (level, index) not in self.known:
            width = min(256, (self.size >> 8 * level) - 256 * index)
            self.known[level, index] = self.ask(level, index, width)
        return self.known[level, index]

    def range(self, first, end):
        n = end - first
        if n & n - 1 or first % n:
            k = split(n)
            return node(self.range(first, first + k), self.range(first + k, end))
        level, height = divmod(n.bit_length() - 1, 8)       # a complete subtree: 2^height hashes of a tile
        tile, at = divmod(first >> 8 * level, 256)
        return root(self.tile(level, tile)[at:at + (1 << height)])


def path(ranges, index):
    """The inclusion path of leaf `index`, its sibling first."""
    first, end, out = 0, ranges.size, []
    while end - first > 1:
        middle = first + split(end - first)
        if index < middle:
            out.append(ranges.range(middle, end))
            end = middle
        else:
            out.append(ranges.range(first, middle))
            first = middle
    return out[::-1]


def root_by_path(leaf, index, size, hashes):
    """Where the path leads, or None if it has not the length that index and size want."""
    turns, first, end = [], 0, size
    if not 0 <= index < size:
        return None
    while end - first > 1:
        middle = first + split(end - first)
        turns.append(index >= middle)
        first, end = (middle, end) if index >= middle else (first, middle)
    if len(turns) != len(hashes):
        return None
    for right, sibling in zip(reversed(turns), hashes):
        leaf = node(sibling, leaf) if right else node(leaf, sibling)
    return leaf
