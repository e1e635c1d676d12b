#!/usr/bin/python3
"""Strangers at the door: nonsense, floods, keys that do not fit, and those who never read an answer."""
import os
import socket
import sys
import time

import msgpack
import nacl.public
import zmq
import zmq.utils.z85

from world import SANITIZED, Client, check, message, play, skip, until, world

INFO, LOOKUP, TILE, WATCH = 1, 4, 13, 12
MALFORMED, UNKNOWN_VERB, TOO_LARGE, RATE = 100, 101, 102, 503
FRAME_MOST = 2 * 1024 * 1024


def _still_fine(w):
    check(w.client().ask(INFO)[2] == 0, "no answer to an honest question")
    check(w.counter("restarts") == 0, "a process died:", w.log())


def what_is_not_well_formed_is_refused_with_its_number():
    with world() as w:
        w.start()
        c = w.client()
        nested = b"\xc0"
        for _ in range(200):
            nested = b"\x91" + nested
        bad = {
            "a field missing": {}, "another type": {4: 7}, "too long": {4: "x" * 129}, "no UTF-8": {4: b"\xff"},
            "an unknown field": {4: "x", 5: "y"}, "a control character": {4: "a\nb"}, "nested": {4: ["x"]},
        }
        for number, (what, fields) in enumerate(bad.items(), 10):
            c.send(message(LOOKUP, number, fields))
            answer = c.receive()
            check(answer and answer[1] == number and answer[2] == MALFORMED, what, answer)
        head = b"\x83\x00\x04\x01\x07\x04"
        for rest in (nested, b"\xa1", b"\xdb\xff\xff\xff\xff", b"\xc6\x7f\xff\xff\xff", b"\xd9\x01x", b"\xa1x\x00"):
            c.send(head + rest)
            answer = c.receive()
            check(answer and answer[1] == 7 and answer[2] == MALFORMED, rest[:8], answer)
        _still_fine(w)


def unknown_verbs_are_refused():
    with world() as w:
        w.start()
        c = w.client()
        for verb in (0, 17, 99, 2**32, 2**64 - 1):
            check(c.ask(verb)[2] == UNKNOWN_VERB, verb)
        _still_fine(w)


def what_has_no_head_is_dropped_and_counted():
    with world() as w:
        w.start()
        c = w.client()
        nonsense = [b"", b"\x00", b"\xc1", b"\x81\x00\x01", b"\x82\x01\x01\x00\x01", b"\x82\x00\xcd\x00\x01\x01\x01",
                    b"GET / HTTP/1.1\r\n\r\n", os.urandom(1000), b"\xdf\xff\xff\xff\xff" + b"\x00" * 100]
        for piece in nonsense:
            c.send(piece)
        c.send(b"", message(INFO, 1))           # as a REQ socket sends
        c.send(message(INFO, 2), b"more")
        check(c.ask(INFO)[1] == 1, "one of them was answered")
        check(w.counter("front_dropped") == len(nonsense) + 2, w.counters())
        _still_fine(w)


def a_request_larger_than_its_verb_allows_is_refused():
    with world() as w:
        w.start()
        c = w.client()
        for size, verb in ((1000, INFO), (FRAME_MOST - 100, LOOKUP)):
            check(c.ask(verb, {4: "x", 40: b"\0" * size} if verb == LOOKUP else {40: b"\0" * size})[2] == TOO_LARGE, verb)
        _still_fine(w)


def a_message_above_all_limits_ends_the_connection():
    with world() as w:
        w.start()
        c = w.client()
        check(c.ask(INFO)[2] == 0)
        for _ in range(20):
            c.send(b"\0" * (FRAME_MOST + 1))
        check(c.receive(1) is None)
        check(w.counter("front_requests") == 1, "it was taken in")
        check(w.memory("front") < 64 << 20, w.memory("front"))
        _still_fine(w)


def a_connection_that_names_itself_is_not_served():
    with world() as w:
        w.start()
        for name in (b"me", b"\0abcd", b"\0\0\0\0\1"):
            s = w.zmq.socket(zmq.DEALER)
            s.linger = 0
            s.setsockopt(zmq.IDENTITY, name)
            key = nacl.public.PrivateKey.generate()
            s.curve_secretkey = zmq.utils.z85.encode(bytes(key))
            s.curve_publickey = zmq.utils.z85.encode(bytes(key.public_key))
            s.curve_serverkey = zmq.utils.z85.encode(w.public_key())
            s.connect(w.endpoint)
            s.send(message(INFO, 1))
            check(not s.poll(300) or name[0] == 0, "it was answered", name)
            s.close()
        _still_fine(w)


def without_the_right_keys_nobody_is_heard():
    with world() as w:
        w.start()
        wrong = Client(w.zmq, w.endpoint, bytes(nacl.public.PrivateKey.generate().public_key), os.urandom(32))
        plain = w.zmq.socket(zmq.DEALER)
        plain.linger = 0
        plain.connect(w.endpoint)
        for s in (wrong.socket, plain):
            try:
                s.send(message(INFO, 1), zmq.NOBLOCK)
            except zmq.Again:
                pass    # the connection was ended before it could even be asked
            check(not s.poll(300), "it was answered")
            s.close()
        check(w.counter("front_requests") == 0, "it was taken in")
        _still_fine(w)


def bytes_that_are_no_zmtp_end_the_connection():
    with world() as w:
        w.start()
        host, port = w.endpoint.removeprefix("tcp://").split(":")
        greeting = b"\xff" + b"\0" * 8 + b"\x7f\x03\x00CURVE" + b"\0" * 48
        for piece in (b"GET / HTTP/1.1\r\n\r\n", b"\0" * 1000, os.urandom(4096), greeting + os.urandom(500),
                      greeting + b"\x06\xff" + b"\xff" * 8, greeting + b"\x04\xc8\x05HELLO" + os.urandom(194)):
            with socket.create_connection((host, int(port))) as s:
                s.sendall(piece)
                s.settimeout(0.2)
                try:
                    while s.recv(65536):
                        pass
                except (socket.timeout, ConnectionError):
                    pass
        _still_fine(w)


def five_hundred_silent_connections_do_no_harm():
    with world() as w:
        w.start()
        host, port = w.endpoint.removeprefix("tcp://").split(":")
        silent = [socket.create_connection((host, int(port))) for _ in range(500)]
        _still_fine(w)
        check(w.memory("front") < 64 << 20, w.memory("front"))
        for s in silent:
            s.close()
        _still_fine(w)


def who_asks_too_often_is_told_and_others_are_not_disturbed():
    with world(rate=50) as w:
        w.start()
        greedy, modest = w.client(), w.client()
        for number in range(200):
            greedy.send(message(INFO, number))
        codes = [greedy.receive()[2] for _ in range(200)]
        check(codes.count(0) >= 50 and codes.count(RATE) >= 100, codes.count(0), codes.count(RATE))
        check(modest.ask(INFO)[2] == 0)
        check(w.counter("front_rate") == codes.count(RATE))


def who_never_reads_makes_nothing_grow():
    skip(not SANITIZED, "a sanitizer's memory is not ours")
    with world(rate=0) as w:
        w.start()
        deaf = [_deaf(w) for _ in range(4)]
        until(lambda: w.counter("front_handshakes") >= 4, "handshakes")
        before = w.memory("front") + w.memory("keeper")
        question = message(INFO, 1)
        end = time.monotonic() + 3
        while time.monotonic() < end:
            for s in deaf:
                try:
                    for _ in range(200):
                        s.send(question, zmq.DONTWAIT)
                except zmq.Again:
                    pass
        until(lambda: w.counter("front_answers_unread") > 0, "answers to be dropped")
        check(w.client().ask(INFO)[2] == 0, "an honest one is not served")
        after = w.memory("front") + w.memory("keeper")
        check(after - before < 64 << 20, f"grew from {before >> 20} to {after >> 20} MiB")
        for s in deaf:
            s.close()
        _still_fine(w)


def _deaf(w):
    """A connection whose owner never reads and whose buffers are small."""
    s = w.zmq.socket(zmq.DEALER)
    s.linger = 0
    s.rcvhwm = 1
    s.setsockopt(zmq.RCVBUF, 4096)
    key = nacl.public.PrivateKey.generate()
    s.curve_secretkey = zmq.utils.z85.encode(bytes(key))
    s.curve_publickey = zmq.utils.z85.encode(bytes(key.public_key))
    s.curve_serverkey = zmq.utils.z85.encode(w.public_key())
    s.connect(w.endpoint)
    return s


def answers_to_those_who_left_go_nowhere():
    with world() as w:
        w.start()
        for _ in range(50):
            c = w.client()
            for number in range(20):
                c.send(message(INFO, number))
            c.socket.linger = 1000
            c.close()
        w.clients.clear()
        _still_fine(w)


def random_bytes_and_cut_requests_never_end_it():
    with world(rate=0) as w:
        w.start()
        c = w.client()
        good = [message(LOOKUP, 1, {4: "fumi1abc"}), message(TILE, 2, {4: 0, 5: 0, 6: 256}),
                msgpack.packb({0: 2, 1: 3, 4: "org.example", 5: os.urandom(64), 6: [{1: b"x" * 300, 2: b"y" * 2000}] * 5},
                              use_bin_type=True)]
        sent = 0
        for seed in good:
            for cut in range(0, len(seed), 1 if len(seed) < 200 else 97):
                c.send(seed[:cut])
                sent += 1
                flipped = bytearray(seed)
                flipped[cut] ^= 1 << (cut % 8)
                c.send(bytes(flipped))
                sent += 1
        until(lambda: w.counter("front_requests") >= sent, "all to be taken in")
        _still_fine(w)


if __name__ == "__main__":
    sys.exit(play(dict(globals())))
