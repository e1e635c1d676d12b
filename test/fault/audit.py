"""audit - hold a broker to everything it ever answered

Written from the documents, with another client's code: what the drivers asked and heard is compared with what
the broker lists, hands out and has in its log now. Clauses are named where they are checked.
"""
import hashlib

import msgpack

import nearby  # noqa: F401
from fumipeer import keys, notes
from world import check

SUBMIT, CHUNK, LIST, FETCH, ACK, TILE, INFO = 2, 3, 9, 10, 11, 13, 1
WINDOW = 32


def unpack(data):
    return msgpack.unpackb(data, strict_map_key=False)


def pack(value):
    return msgpack.packb(value, use_bin_type=True)


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def node(left, right):
    return sha256(b"\x01", left, right)


def letter_id(header):                                                          # E3.1
    return sha256(b"fumibako letter v1\n", header)


def leaf(salt, event):                                                          # E6.1
    return sha256(b"\x00", sha256(b"fumibako event v1\n", salt, pack(event)))


class Receipt:
    """What a broker said of one act. Two of them for the same act are equal to the last byte (E6.4)."""

    def __init__(self, record, fields, common):
        lf, salt, time, again, point = (record.get(k) for k in fields)
        self.leaf, self.salt, self.time, self.checkpoint = lf, salt, time, point if again else common

    def __eq__(self, other):
        return vars(self) == vars(other)

    def __repr__(self):
        return repr(vars(self))


def filed(record, common):
    check(record[1] == 0, "a letter was not filed:", record)
    return Receipt(record, (3, 4, 5, 6, 7), common)


def acked(record, common):
    check(record[1] == 0, "an acknowledgement was refused:", record)
    return Receipt(record, (2, 3, 4, 5, 6), common)


class Ledger:
    """What senders and recipients know: their requests, and every answer to them."""

    def __init__(self):
        self.headers = {}       # id -> header bytes, of everything submitted
        self.filed = {}         # id -> Receipt
        self.acked = {}         # id -> Receipt
        self.asks = []          # requests, to be asked again
        self.answers = 0
        self.repeated = 0
        self.refused = 0

    def read(self, journal):
        asks = {}
        for kind, serial, payload in journal:
            if kind == b"Q":
                asks[serial] = ask = unpack(payload)
                self.asks.append(ask)
                if ask[0] == SUBMIT:
                    for one in ask[6]:
                        self.headers[letter_id(one[1])] = one[1]
            elif kind in (b"A", b"D"):
                self.answer(asks[serial], unpack(payload))
                self.answers += 1
                self.repeated += kind == b"D"
            elif kind == b"R":
                self.refused += 1

    def answer(self, ask, answer):
        check(answer[2] == 0, "refused:", answer)
        if answer[0] == CHUNK:
            self.note(self.filed, letter_id(ask[6][0][1]), filed(answer[5], answer.get(6)))
        elif answer[0] == SUBMIT:
            check(len(answer[4]) == len(ask[6]), "an answer of another length")
            for one, record in zip(ask[6], answer[4]):
                self.note(self.filed, letter_id(one[1]), filed(record, answer.get(5)))
        else:
            check(answer[0] == ACK and len(answer[4]) == len(ask[5]), "an answer to something else")
            for i, record in enumerate(answer[4]):
                self.note(self.acked, ask[6][32 * i:32 * i + 32], acked(record, answer.get(5)))

    @staticmethod
    def note(where, letter, receipt):
        check(receipt.checkpoint and receipt.salt, "half an answer:", receipt)
        before = where.setdefault(letter, receipt)
        check(before == receipt, "another answer than before:", before, receipt)

    def checkpoints(self):
        return {r.checkpoint for r in (*self.filed.values(), *self.acked.values())}


def ask_many(client, asks):
    """Answers to many requests, in their order, some of them under way at a time."""
    asks = list(asks)
    answers, sent = {}, 0
    while len(answers) < len(asks):
        while sent < len(asks) and sent - len(answers) < WINDOW:
            verb, fields = asks[sent]
            client.send(pack({0: verb, 1: sent + 1, **fields}))
            sent += 1
        answer = client.receive()
        check(answer is not None, "no answer", len(answers), "of", len(asks))
        answers[answer[1] - 1] = answer
    return [answers[i] for i in range(len(asks))]


def again(client, ledger):
    """Every request once more: the answer of then, for ever (P4.2 step 10, P4.11 step 5)."""
    answers = ask_many(client, ((ask[0], {k: v for k, v in ask.items() if k > 3}) for ask in ledger.asks))
    for ask, answer in zip(ledger.asks, answers):
        check(all(record.get(6 if ask[0] == SUBMIT else 5) for record in answer[4]), "not known any more:", answer)
        ledger.answer(ask, answer)


class Log:
    """The broker's log, from its tiles."""

    def __init__(self, client, log_key, extra=()):
        self.key = log_key
        self.text = client.ask(INFO)[8]
        self.size, self.root = self.point(self.text)
        self.leaves = self.level(client, 0)
        for level in range(1, 8):
            if not self.size >> 8 * level:
                break
            below = self.leaves
            for _ in range(8 * level):
                below = [node(*below[i:i + 2]) for i in range(0, len(below) // 2 * 2, 2)]
            check(self.level(client, level) == below, "the tiles of level", level, "are not those of the leaves")

    def point(self, text):
        """Size and root of a checkpoint that the log's key signed (E2.6)."""
        body, _ = notes.verify(text, [self.key])
        origin, size, root = body.splitlines()
        check(origin == self.key[0], "another log:", origin)
        return int(size), keys.unb64(root, 32)

    def level(self, client, level):
        width = self.size >> 8 * level
        asks = [(TILE, {4: level, 5: n, 6: min(256, width - 256 * n)}) for n in range((width + 255) // 256)]
        data = b"".join(answer[4] for answer in ask_many(client, asks))
        check(len(data) == 32 * width, "a tile too short")
        return [data[i:i + 32] for i in range(0, len(data), 32)]

    def prove(self, checkpoints):
        """Each checkpoint is the root of the first so many leaves of this tree: all are of one history."""
        points = {}
        for text in (*checkpoints, self.text):
            size, root = self.point(text)
            check(points.setdefault(size, root) == root, "two trees of", size, "leaves")
        peaks = []
        for n, hash_ in enumerate([*self.leaves, None]):
            if n in points:
                root = sha256()
                for i, peak in enumerate(reversed(peaks)):
                    root = node(peak[1], root) if i else peak[1]
                check(root == points.pop(n), "the checkpoint of", n, "leaves is of another tree")
            if hash_:
                peaks.append((1, hash_))
                while len(peaks) > 1 and peaks[-1][0] == peaks[-2][0]:
                    (size, right), (_, left) = peaks.pop(), peaks.pop()
                    peaks.append((2 * size, node(left, right)))
        check(not points, "checkpoints of trees larger than the log:", list(points))


class Audit:
    def __init__(self, broker, ledger, log):
        self.broker, self.ledger, self.log = broker, ledger, log
        self.listed = {}        # id -> (place, seq)
        self.leaves = {}        # index -> what for

    def claim(self, receipt, event, what):
        check(self.leaves.setdefault(receipt.leaf, what) == what, "one leaf for two acts:", receipt.leaf)
        check(self.log.leaves[receipt.leaf] == leaf(receipt.salt, event), "another leaf than was answered:", what)

    def filing(self, letter, header, receipt):                                  # E6.2
        h = unpack(header)
        self.claim(receipt, {1: [1, 3], 2: receipt.time, 3: self.broker, 4: letter, 5: h[3], 6: h[4], 7: h[5], 8: h[11],
                             9: h[14], 10: h[15]}, ("filed", letter))

    def handover(self, letter, header, receipt):
        h = unpack(header)
        self.claim(receipt, {1: [4], 2: receipt.time, 3: self.broker, 4: letter, 5: h[3], 6: h[4]}, ("handed", letter))

    def box(self, client, place, page=100):
        """Everything in one box, page by page, fetched and compared with what its sender was told."""
        after, head, found = 0, bytes(32), []
        while (answer := client.ask(LIST, {4: place.name, 5: after, 6: page}))[4]:
            for one in answer[4]:
                check(one[1] == after + 1, "position", one[1], "follows", after)
                after = one[1]
                found.append(one)
        check(answer[5] == after, answer[5], "letters were announced,", after, "listed")
        fetched = ask_many(client, ((FETCH, {4: place.name, 5: one[1], 6: 0, 7: 1 << 20}) for one in found))
        for one, got in zip(found, fetched):
            head = sha256(head, self.log.leaves[self.letter(place, one, got).leaf])     # E6.5
        check(head == answer[6], "the box's head is not that of its letters")

    def letter(self, place, one, got):
        letter, h, envelope = letter_id(one[2]), unpack(one[2]), got[6]
        check(got[2] == 0 and got[5] == one[2], "not the letter that was listed:", got[2])
        check(letter in self.ledger.headers, "a letter that nobody sent")
        check(letter not in self.listed, "filed twice:", self.listed.get(letter), one[1])
        check(h[4] == place.address and len(got[4]) == h[15] and sha256(got[4]) == h[14], "another letter")
        self.listed[letter] = place.name, one[1]
        receipt = self.ledger.filed[letter]
        check((envelope[6], envelope[7], envelope[8], envelope[9]) ==
              (receipt.leaf, receipt.salt, receipt.time, receipt.checkpoint), "recipient and sender are told different things")
        check(one[3] == receipt.time, "another time in the list")
        handed = self.ledger.acked.get(letter)
        check(one.get(4) == (handed.time if handed else None), "handed over, says the list:", one.get(4), handed)
        self.filing(letter, one[2], receipt)
        if handed:
            self.handover(letter, one[2], handed)
        return receipt

    def whole(self, statements):
        """Nothing is lost, and the log has a leaf for each act and no other."""
        lost = set(self.ledger.filed) - set(self.listed)
        check(not lost, len(lost), "acknowledged letters are lost")
        check(set(self.ledger.headers) == set(self.listed), "not all that was sent was filed in the end")
        check(set(self.ledger.acked) <= set(self.listed), "acknowledged, but not there")
        check(self.log.size == len(self.leaves) + statements, "the log has", self.log.size, "leaves for",
              len(self.leaves), "acts and", statements, "statements")
        self.log.prove(self.ledger.checkpoints())


def audit(o, names):
    """Hold the office's broker to the drivers' journals; gives the ledger."""
    ledger = Ledger()
    for name in names:
        ledger.read(o.journal(name))
    w = o.w
    stranger = w.client()
    again(stranger, ledger)
    a = Audit(w.keys["name"], ledger, Log(stranger, o.log_key))
    for place in o.places:
        client = w.client(place.transport)
        a.box(client, place)
        client.close()
        w.clients.remove(client)
    a.whole(1 + 2 * len(o.places))
    return a
