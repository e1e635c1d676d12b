#!/usr/bin/python3
"""Front and keeper are killed while they work: what was acknowledged is there, and the broker comes back."""
import os
import random
import signal
import sys
import time

from holder import Holder
from world import check, message, play, until, world

INFO, REGISTER, LIST, WATCH = 1, 7, 9, 12
ROUNDS = int(os.environ.get("FUMIBAKO_ROUNDS", "12"))


def _kill(w, room):
    """Kill it, and wait until another one has taken its place."""
    restarts = w.counter("restarts")
    os.kill(w.pid(room), signal.SIGKILL)
    until(lambda: w.counter("restarts") > restarts, f"a new {room}")


def _ask(client, verb, fields):
    """As a client does: ask again until there is an answer."""
    for _ in range(60):
        client.number += 1
        client.send(message(verb, client.number, fields))
        end = time.monotonic() + 1
        while (left := end - time.monotonic()) > 0:
            answer = client.receive(left)
            if answer and answer[1] == client.number:
                return answer
    check(False, "no answer in a minute")


def a_front_that_is_killed_comes_back_on_the_same_port():
    with world() as w:
        w.start()
        c, endpoint = w.client(), w.endpoint
        check(c.ask(INFO)[2] == 0)
        _kill(w, "front")
        check(_ask(c, INFO, {})[2] == 0)
        check(w.endpoint == endpoint and "front" in w.log() and "Killed" in w.log(), w.log())


def a_keeper_that_is_killed_comes_back_with_everything():
    with world() as w:
        w.start()
        h = Holder()
        c = w.client(h.transport)
        check(c.ask(REGISTER, {4: h.statement})[2] == 0)
        before = c.ask(INFO)[8]
        _kill(w, "keeper")
        check(_ask(c, INFO, {})[8] == before, "another checkpoint")
        check(_ask(c, LIST, {4: h.mailbox, 5: 0, 6: 10})[2] == 0, "the mailbox is gone")


def kills_at_random_lose_nothing_that_was_acknowledged():
    with world() as w:
        w.start()
        dice = random.Random(7)
        known, c = [], w.client()
        for turn in range(ROUNDS):
            open_ones = {}
            for _ in range(dice.randrange(1, 40)):
                h = Holder()
                c.number += 1
                open_ones[c.number] = h
                c.send(message(REGISTER, c.number, {4: h.statement}))
            for _ in range(dice.randrange(0, len(open_ones))):      # some are acknowledged before the kill
                answer = c.receive(5)
                if answer and answer[1] in open_ones and answer[2] == 0:
                    known.append(open_ones.pop(answer[1]))
            _kill(w, dice.choice(["front", "keeper"]))
            for h in open_ones.values():                            # the same bytes again do no harm
                answer = _ask(c, REGISTER, {4: h.statement})
                check(answer[2] == 0, turn, answer)
                known.append(h)
        for h in dice.sample(known, min(len(known), 40)):
            answer = _ask(w.client(h.transport), LIST, {4: h.mailbox, 5: 0, 6: 1})
            check(answer[2] == 0, "a mailbox that was acknowledged is gone", answer)
        checkpoint = _ask(c, INFO, {})[8]
        check(int(checkpoint.split("\n")[1]) == len(known), "filed twice or not at all", checkpoint, len(known))


def a_broker_that_keeps_dying_gives_up_loudly():
    with world(restarts_most=3) as w:
        w.start()
        for _ in range(3):
            _kill(w, "keeper")
        os.kill(w.pid("keeper"), signal.SIGKILL)
        check(w.wait_end() == 1, "exit code")
        check("giving up" in w.log(), w.log())


def a_stop_answers_who_waits():
    with world() as w:
        w.start()
        h = Holder()
        c = w.client(h.transport)
        check(c.ask(REGISTER, {4: h.statement})[2] == 0)
        c.send(message(WATCH, 900, {4: h.mailbox, 5: 0, 6: 300}))
        until(lambda: w.counter("watches") == 1, "the watch to be held")
        check(w.stop() == 0)
        answer = c.receive()
        check(answer and answer[1] == 900 and answer[2] == 502, answer)


def a_watch_ends_when_its_time_is_up():
    with world() as w:
        w.start()
        h = Holder()
        c = w.client(h.transport)
        check(c.ask(REGISTER, {4: h.statement})[2] == 0)
        check(c.ask(WATCH, {4: h.mailbox, 5: 0, 6: 1})[2] == 0)
        check(w.counter("watches") == 0)


if __name__ == "__main__":
    sys.exit(play(dict(globals())))
