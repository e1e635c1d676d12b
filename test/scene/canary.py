#!/usr/bin/python3
"""What the broker must never see: canaries in title, body, part name, form id and names are looked for in its
store, its logs, the memory of its processes and every packet to and from it, in the spellings in which a program
might have kept them. What it may see has to be found there by the same search."""
import base64
import os
import pathlib
import random
import re
import socket
import struct
import sys
import threading

from household import SENDER, household
from world import check, play, until

CHANCE = random.SystemRandom()


def _word():
    return "".join(CHANCE.choice("bcdfghjkmnpqrstvwxz") for _ in range(14))


def _spellings(text):
    """Every spelling of a text that is looked for. Of base64 what does not depend on what stands around it."""
    raw = text.encode()
    found = {raw, text.encode("utf-16-le"), text.encode("utf-16-be"), raw.hex().encode(), raw.hex().upper().encode(),
             ascii(text)[1:-1].encode()}
    for shift in range(3):
        coded = base64.b64encode(b"\0" * shift + raw)
        found.add(coded[-(-8 * shift // 6):len(raw) * 8 // 6 - 2])
    return found


class Canaries:
    def __init__(self):
        self.title = f"控除証明書 {_word()} 令和8年分"
        self.person = f"文箱 {_word()} 花子"
        self.organisation = f"Seguros {_word()}"
        self.type = f"jp.example.{_word()}"
        self.part = f"{_word()}.xml"
        self.number = "".join(CHANCE.choice("123456789") for _ in range(12))
        self.body = f"<premium of='{_word()}'/>"

    def content(self, size):
        line = f"<p>{self.person} {self.number} {self.organisation} {self.body}</p>\n".encode()
        return line * -(-size // len(line))

    def needles(self):
        return {(what, piece) for what, text in vars(self).items() for piece in _spellings(text)}


class Packets(threading.Thread):
    """Everything on the loopback interface to or from a port, each direction of each connection in a row."""

    OUTGOING = 4

    def __init__(self, port):
        super().__init__(daemon=True)
        self.port, self.streams, self.ended = port, {}, False
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0800))
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 << 20)
        self.socket.bind(("lo", 0x0800))
        self.socket.settimeout(0.1)
        self.start()

    def run(self):
        while not self.ended:
            try:
                packet, where = self.socket.recvfrom(1 << 17)
            except socket.timeout:
                continue
            if where[2] == self.OUTGOING or packet[23] != socket.IPPROTO_TCP:
                continue                                # each packet passes lo twice
            tcp = 14 + (packet[14] & 15) * 4
            ports = struct.unpack_from(">HH", packet, tcp)
            if self.port in ports:
                data = packet[tcp + (packet[tcp + 12] >> 4) * 4:14 + int.from_bytes(packet[16:18], "big") or None]
                self.streams.setdefault(ports, bytearray()).extend(data)

    def end(self):
        self.ended = True
        self.join()
        return {f"packets {a} > {b}": bytes(data) for (a, b), data in self.streams.items()}


def _memory(pid, name):
    """What is in a process, but for the programs' own pages: the core that gcore would write."""
    found = bytearray()
    with open(f"/proc/{pid}/mem", "rb", 0) as mem:
        for line in pathlib.Path(f"/proc/{pid}/maps").read_text().splitlines():
            begin, end, mode = re.match(r"(\w+)-(\w+) (\S+)", line).groups()
            if "r" not in mode or "[v" in line or "w" not in mode and re.search(r"/(lib|usr)|fumibakod", line):
                continue
            begin, end = int(begin, 16), int(end, 16)
            while begin < end:
                try:
                    mem.seek(begin)
                    found += mem.read(min(1 << 20, end - begin))
                except OSError:
                    pass                                # guard pages, holes behind the store's last page
                begin += 1 << 20
    return {f"memory of {name}": bytes(found)}


def _files(folder, what):
    return {f"{what} {p.relative_to(folder)}": p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def _search(places, needles):
    return sorted({f"{what} in {place} as {piece!r}" for place, data in places.items() for what, piece in needles
                   if piece in data})


def _seen(w, packets):
    """Everything of the broker that anybody could get hold of."""
    places = _files(w.folder / "store", "store") | _files(w.folder / "run", "run") | {"log": w.log().encode()}
    if os.geteuid() == 0:
        for room in ("front", "keeper"):
            places |= _memory(w.pid(room), room)
        places |= _memory(w.process.pid, "parent")
    return places | (packets.end() if packets else {})


def _one_letter(h, ada, canaries, size):
    address = ada.address()
    part = h.file(canaries.part, canaries.content(size))
    h.post(address, part, title=canaries.title, type=canaries.type)
    ada("get", "--all")
    seq = ada.json("list")["letters"][-1]["seq"]
    check(canaries.title in ada("open", seq), "the recipient does not see the title")
    ada("export", seq, h.folder / f"export-{size}")
    ada("ack", "--all")
    check((h.folder / f"export-{size}" / canaries.part).read_bytes() == part.read_bytes(), "another letter")
    return address


def the_search_finds_every_spelling():
    c = Canaries()
    for what, text in vars(c).items():
        for around in (b"", b"a", b"ab"):
            for spelling in (text.encode(), text.encode("utf-16-le"), text.encode("utf-16-be"), text.encode().hex().encode(),
                             text.encode().hex().upper().encode(), base64.b64encode(around + text.encode() + around)):
                found = _search({"here": around + spelling + around}, c.needles())
                check([f for f in found if f.startswith(what)], "not found:", what, spelling)
    check(not _search({"here": b"nothing of it"}, c.needles()))


def the_broker_never_sees_what_is_inside_a_letter():
    """Small letters, and one that comes in pieces; while they pass and afterwards."""
    with household(log="debug") as h:
        w, ada, canaries = h.world, h.citizen("ada"), Canaries()
        packets = Packets(int(w.endpoint.rsplit(":", 1)[1])) if os.geteuid() == 0 else None
        addresses = [_one_letter(h, ada, canaries, size) for size in (2000, 200_000, 3_000_000)]
        places = _seen(w, packets)
        check(not (found := _search(places, canaries.needles())), "\n".join(found[:20]))
        _what_it_may_see_is_found(places, addresses)
        w.stop()
        places = _files(w.folder / "store", "store") | {"log": w.log().encode()}
        check(not (found := _search(places, canaries.needles())), "\n".join(found[:20]))


def _what_it_may_see_is_found(places, addresses):
    """Sender, address and the organisation's registered name: where they have to be, in the spelling they have."""
    def hits(name, text):
        return [p for p in places if p.startswith(name) and text.encode() in places[p]]
    for text in (SENDER, *addresses, "エグザンプル生命保険株式会社"):
        check(hits("store", text), "the search does not find in the store:", text)
        check(os.geteuid() or hits("memory of keeper", text), "nor in the keeper's memory:", text)
    if os.geteuid() == 0:
        check(hits("memory of front", "post.example"), "the front's memory was not read")
        check(hits("packets", "CURVE"), "no handshake among the packets")
        check(not hits("packets", SENDER) and not hits("packets", addresses[0]), "names can be read on the wire")
        check(sum(len(d) for p, d in places.items() if p.startswith("packets")) > 6_000_000, "packets are missing")


def what_is_kept_is_sealed():
    """The sender's spool and the recipient's folder hold the sealed bytes, also of a letter that was opened."""
    with household() as h:
        ada, canaries = h.citizen("ada"), Canaries()
        address = ada.address()
        part = h.file(canaries.part, canaries.content(3000))
        h.post(address, part, title=canaries.title, type=canaries.type)
        ada("get", "--all")
        ada("open", "1")
        spool, folder = _files(h.insurer, "insurer"), _files(ada.folder, "citizen")
        check(not (found := _search(folder, canaries.needles())), "\n".join(found[:20]))
        found = _search(spool, {n for n in canaries.needles() if n[0] not in ("title", "type", "part")})
        check(not found, "\n".join(found[:20]))        # a waiting letter's draft has title, type and names of files
        check([p for p in spool if address.encode() in spool[p]], "the spool was not read")
        check([p for p in folder if SENDER.encode() in folder[p]], "the folder was not read")


if __name__ == "__main__":
    sys.exit(play(dict(globals())))
