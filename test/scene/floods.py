#!/usr/bin/python3
"""Those who ask for more than they read, send more than anybody takes, or begin and never end: memory stays within
its bound, nothing dies, and who asks honestly is served, at the latest when the flood is over."""
import os
import socket
import sys
import threading
import time

import nacl.public
import zmq
import zmq.utils.z85

from peerstage import check, keys, letters, stage, wire
from world import message, play, until
from fumipeer import canon, spec

MIB = 1 << 20
FRONT_MOST = 192 * MIB          # what the front holds before it answers BUSY
ROOM = 96 * MIB                 # what libzmq and malloc may need beyond that


def _socket(w, secret, **options):
    s = w.zmq.socket(zmq.DEALER)
    s.linger = 0
    s.curve_secretkey = zmq.utils.z85.encode(secret)
    s.curve_publickey = zmq.utils.z85.encode(keys.x25519(secret))
    s.curve_serverkey = zmq.utils.z85.encode(w.public_key())
    for name, value in options.items():
        setattr(s, name, value)
    s.connect(w.endpoint)
    return s


def _deaf(w, secret):
    """Asks and never reads: one message and 4 KiB are all that its side takes."""
    return _socket(w, secret, rcvhwm=1, rcvbuf=4096)


class Watch(threading.Thread):
    """The most memory that each process had meanwhile, and how honest questions fared."""

    def __init__(self, s):
        super().__init__(daemon=True)
        self.s, self.most, self.served, self.busy, self.ended = s, {"front": 0, "keeper": 0}, 0, 0, False
        self.before = {room: s.world.memory(room) for room in self.most}
        self.start()

    def run(self):
        c = wire.Connection(self.s.trust)
        while not self.ended:
            for room in self.most:
                self.most[room] = max(self.most[room], self.s.world.memory(room))
            try:
                c.ask("info", tries=1, patience=5)
                self.served += 1
            except wire.Code as e:
                check(e.name in ("BUSY", "RATE"), e)
                self.busy += 1
            except wire.NoAnswer:
                pass
            time.sleep(0.02)

    def end(self):
        self.ended = True
        self.join()
        w = self.s.world
        print(f"     front {self.most['front'] // MIB} MiB, keeper {self.most['keeper'] // MIB} MiB at most; honest"
              f" questions: {self.served} served, {self.busy} told to come later", flush=True)
        check(self.most["front"] < FRONT_MOST + ROOM, "the front grew to", self.most["front"])
        check(self.most["keeper"] < self.before["keeper"] + ROOM, "the keeper grew to", self.most["keeper"])
        check(w.counter("restarts") == 0, w.log())
        until(lambda: _honest(self.s), "an honest question to be answered")


def _honest(s):
    c = wire.Connection(s.trust)
    try:
        return c.ask("info", tries=1, patience=5)["code"] == 0
    except (wire.Code, wire.NoAnswer):
        return False
    finally:
        c.close()


def _pour(sockets, data, seconds):
    """Send as fast as the sockets take it."""
    end = time.monotonic() + seconds
    sent = 0
    while time.monotonic() < end:
        idle = True
        for s in sockets:
            try:
                for _ in range(16):
                    s.send(data, zmq.DONTWAIT)
                    sent += 1
                    idle = False
            except zmq.Again:
                pass
        if idle:
            time.sleep(0.001)
    return sent


def a_recipient_who_fetches_and_never_reads():
    with stage(rate=0) as s:
        reader, author = s.holder(), s.sender()
        author.submit([s.letter(author, reader, parts=[("a/b", "x", os.urandom(900_000))])])
        question = canon.request(spec.VERBS["fetch"], 1, {"mailbox": reader.mailbox, "seq": 1, "offset": 0, "limit": MIB})
        watch = Watch(s)
        deaf = [_deaf(s.world, reader.transport) for _ in range(4)]
        _pour(deaf, question, 4)
        for d in deaf:
            d.close()
        watch.end()
        until(lambda: s.world.memory("front") < 128 * MIB, "the front to give back what nobody read")


def strangers_who_ask_for_tiles_and_never_read():
    with stage(rate=0) as s:
        reader, author = s.holder(), s.sender()
        for _ in range(2):
            author.submit([s.letter(author, reader) for _ in range(128)])
        question = canon.request(spec.VERBS["tile"], 1, {"level": 0, "index": 0, "width": 256})
        watch = Watch(s)
        deaf = [_deaf(s.world, os.urandom(32)) for _ in range(40)]
        _pour(deaf, question, 4)
        for d in deaf:
            d.close()
        watch.end()
        check(watch.served > 5 * watch.busy, "who asks little is told to come later")


def a_flood_of_the_largest_messages():
    with stage(rate=0) as s:
        junk = message(2, 1, {4: "org.nobody", 5: bytes(64), 6: [{1: bytes(200), 2: bytes(MIB - 5000)}]})
        nonsense = message(3, 1, {4: bytes(32), 5: 0, 6: bytes(MIB)})
        watch = Watch(s)
        loud = [_socket(s.world, os.urandom(32)) for _ in range(24)]
        _pour(loud[:12], junk, 2)
        _pour(loud[12:], nonsense, 2)
        for d in loud:
            d.close()
        watch.end()


def devices_that_watch_a_thousand_times():
    with stage(rate=0) as s:
        reader = s.holder()
        watch = Watch(s)
        many = _socket(s.world, reader.transport)
        for n in range(20000):
            many.send(canon.request(spec.VERBS["watch"], n + 1, {"mailbox": reader.mailbox, "after": 0, "seconds": 300}))
        until(lambda: s.world.counter("front_passed") >= 20000, "all to be taken in")
        check(reader.watch(0, 0) == 0, "it goes on")
        many.close()
        watch.end()


def handshakes_that_begin_and_never_end():
    """A true greeting, half a greeting, a HELLO and then nothing, from five hundred at a time."""
    greeting = b"\xff" + b"\0" * 8 + b"\x7f\x03\x00CURVE" + b"\0" * 15 + b"\0" + b"\0" * 31
    with stage() as s:
        host, port = s.world.endpoint.removeprefix("tcp://").split(":")
        hello = b"\x04\xc8\x05HELLO\x01\0" + bytes(72) + os.urandom(120)
        watch = Watch(s)
        for piece in (greeting[:11], greeting, greeting + hello[:40], greeting + hello, os.urandom(3000)):
            begun = []
            for _ in range(500):
                c = socket.create_connection((host, int(port)))
                begun.append(c)
                try:
                    c.sendall(piece)
                except OSError:
                    pass
            check(_honest(s), "an honest one is not served beside", piece[:20])
            for c in begun:
                c.close()
        watch.end()
        check(watch.busy == 0, "told to come later")


def five_hundred_who_are_proper_connections():
    with stage() as s:
        watch = Watch(s)
        question = canon.request(spec.VERBS["info"], 1, {})
        context = zmq.Context()
        context.max_sockets = 1200
        many = []
        for _ in range(500):
            key = nacl.public.PrivateKey.generate()
            d = context.socket(zmq.DEALER)
            d.linger = 0
            d.curve_secretkey = zmq.utils.z85.encode(bytes(key))
            d.curve_publickey = zmq.utils.z85.encode(bytes(key.public_key))
            d.curve_serverkey = zmq.utils.z85.encode(s.trust.transport)
            d.connect(s.world.endpoint)
            d.send(question)
            many.append(d)
        check(all(d.poll(30000) for d in many), "not all were answered")
        watch.end()
        for d in many:
            d.close()
        context.term()


def pieces_out_of_order_and_again():
    """Uploads in every wrong order: coded, and in the end the letter is whole."""
    with stage(rate=0) as s:
        reader, author = s.holder(), s.sender()
        one = s.letter(author, reader, parts=[("a/b", "x", os.urandom(700_000))])
        author.submit([one], inline=False)
        watch = Watch(s)
        unit, size = 65536, len(one.body)
        offsets = list(range(0, size, unit))
        order = [o for n in range(4) for o in (offsets[n:] + offsets[:n])[::-1 if n % 2 else 1]]
        codes, number = {}, 1000
        for o in order + [size, 64 * MIB, unit + 1]:
            number += 1
            data = one.body[o:o + unit] or b"x"
            author.wire.send_bytes(canon.request(spec.VERBS["chunk"], number, {"letter": one.id, "offset": o, "bytes": data}))
            code = spec.OUTCOMES.get(author.wire.wait(number)["code"], "done")
            codes[code] = codes.get(code, 0) + 1
        check(set(codes) <= {"done", "OUT_OF_ORDER", "DONE", "MALFORMED"}, codes)
        check(reader.list()["count"] == 1 and letters.letter_id(reader.list()["letters"][0]["header"]) == one.id, codes)
        check(reader.fetch(1)[2] == one.body, "another body")
        watch.end()


if __name__ == "__main__":
    sys.exit(play(dict(globals())))
