#!/usr/bin/python3
"""fumibako-post: one letter, whole runs, kills, lost answers, broken uploads. Each letter is filed exactly once."""
import fcntl
import hashlib
import itertools
import json
import os
import pty
import random
import shutil
import subprocess
import sys
import time

import msgpack

from sender import POST, VERIFY, Box, Line, Sender, manifest, tool
from world import check, play, skip, world

NONCE_CONFLICT = 400
RUNS = int(os.environ.get("FUMIBAKO_ROUNDS", "6"))


def _send(s, box, *words, code=0, title="証明書", name="a.xml"):
    path = s.w.folder / name
    if not path.exists():
        path.write_text("<TEG800>1</TEG800>\n")
    return s.post("send", "--to", box.address.name, "--type", "jp.go.nta.TEG800", "--title", title, "--json", *words,
                  path, code=code)


def one_letter_is_filed_and_its_receipt_holds_offline():
    with world() as w:
        s = Sender(w)
        box = Box(w)
        letter = json.loads(_send(s, box))
        check(letter["state"] == "filed" and letter["code"] == 0 and not letter["duplicate"], letter)
        receipt = s.receipt(letter)
        check(s.receipt(letter) == receipt, "another receipt")
        check("filed, not handed over yet" in s.post("status", letter["id"]))
        check(len(box.letters()) == 1)
        w.stop()
        check("OK" in s.judge(receipt) and letter["id"] in s.judge(receipt))
        check(s.receipt(letter) == receipt, "a receipt needs no broker once it is there")


def the_same_key_is_the_same_letter():
    with world() as w:
        s = Sender(w)
        box = Box(w)
        first = json.loads(_send(s, box, "--key", "policy 7/2026"))
        again = json.loads(_send(s, box, "--key", "policy 7/2026"))
        wrong = json.loads(_send(s, box, "--key", "policy 7/2026", title="another title", code=1))
        check(wrong["name"] == "KEY_IN_USE", wrong)
        other = json.loads(_send(s, box, "--key", "policy 8/2026"))
        check(first == again and first["id"] != other["id"], first, again, other)
        check(len(box.letters()) == 2)


def a_line_whose_key_is_that_of_another_letter_is_refused_and_named():
    with world() as w:
        s = Sender(w)
        box = Box(w)
        path = manifest(w.folder, "run", [box], 3)
        head, *lines = path.read_text().splitlines()
        path.write_text("\n".join([head + ",key"] + [f"{line},k{i}" for i, line in enumerate(lines)]))
        check("3 filed" in s.post("run", path) and "(3 before)" in s.post("run", path))
        first = s.results()
        path.write_text(path.read_text().replace("run-1.xml", "run-0.xml"))
        out = s.post("run", path, "--json", code=1)
        results = [json.loads(line) for line in out.splitlines()]
        check([r["name"] for r in results] == ["", "KEY_IN_USE", ""] and results[1]["line"] == 3, results)
        check(s.results() == first and len(box.letters()) == 3)


def a_refused_letter_says_why_and_does_not_hold_up_the_others():
    with world() as w:
        s = Sender(w)
        boxes = [Box(w) for _ in range(3)]
        path = manifest(w.folder, "run", boxes, 9)
        lines = path.read_text().splitlines()
        lines[4] = lines[4].replace(",jp.go.nta", ",jp.go.nta", 1) + ",application"
        lines = [lines[0] + ",class"] + [line if line.endswith(",application") else line + "," for line in lines[1:]]
        path.write_text("\n".join(lines))
        out = s.post("run", path, "--json", code=1)
        results = [json.loads(line) for line in out.splitlines()]
        check([r["line"] for r in results] == list(range(2, 11)), results)
        check([r["line"] for r in results if r["state"] == "refused"] == [5], results)
        check(results[3]["name"] == "CLASS_NOT_GRANTED", results[3])
        check(sum(len(b.letters()) for b in boxes) == 8)


def a_broker_that_is_away_leaves_the_letter_in_the_spool():
    with world() as w:
        s = Sender(w)
        box = Box(w)
        _send(s, box)                   # knows the address now
        endpoint = w.endpoint
        w.stop()
        _send(s, box, "--timeout", "1", code=3)
        check("1 waiting" in s.post("status"))
        w.write_config(listen=endpoint)
        w.start()
        check("1 letters answered" in s.post("run"))
        check("0 waiting" in s.post("status") and len(box.letters()) == 2)


def _all_of(terminal):
    said = b""
    try:
        while more := os.read(terminal, 65536):
            said += more
    except OSError:                     # EIO: nobody has its other side open any more
        pass
    os.close(terminal)
    return said


def what_waits_from_earlier_counts_for_the_progress_of_a_run():
    with world() as w:
        s = Sender(w)
        box = Box(w)
        _send(s, box)                   # knows the address now
        endpoint = w.endpoint
        w.stop()
        _send(s, box, "--timeout", "1", code=3)
        w.write_config(listen=endpoint)
        w.start()
        ours, theirs = pty.openpty()
        p = subprocess.run([POST, "run", manifest(w.folder, "run", [box], 3), "--profile", s.folder], stderr=theirs,
                           stdout=subprocess.DEVNULL, check=False)
        os.close(theirs)
        lines = _all_of(ours).decode().splitlines()
        check(p.returncode == 0 and lines[-1].split("\x1b[K")[-1].startswith("letters 4/4 "), p.returncode, lines)


def a_second_process_is_told_that_the_spool_is_in_use():
    with world() as w:
        s = Sender(w)
        s.post("status")
        with open(s.folder / "spool" / "lock", "rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            s.post("status", code=1)
        s.post("status")


def an_exchanged_seal_key_is_used_and_the_letter_filed_once():
    with world() as w:
        s = Sender(w)
        box = Box(w)
        _send(s, box)                   # the statement of epoch 1 is known for an hour
        box.address.publish()
        letter = json.loads(_send(s, box, "--key", "k"))
        check(letter["state"] == "filed", letter)
        headers = box.letters()
        check(len(headers) == 2)
        check(s.results()[1]["id"] == letter["id"] and "OK" in s.judge(s.receipt(letter)))


def _check_each_once(s, boxes, lines):
    """As many letters in the boxes as lines, all different, all with their result; the results."""
    results = s.results()
    check(len(results) == lines and all(r["state"] == "filed" for r in results), len(results), results[:2])
    check(len({r["leaf"] for r in results}) == lines and len({r["id"] for r in results}) == lines)
    listed = [letter[2] for b in boxes for letter in b.letters()]
    check(len(listed) == lines and len(set(listed)) == lines, len(listed), "letters for", lines, "lines")
    return results


def a_run_killed_at_random_is_finished_by_running_it_again():
    dice = random.Random(int(os.environ.get("FUMIBAKO_SEED", "5")))
    with world() as w:
        s = Sender(w)
        boxes = [Box(w) for _ in range(5)]
        kills, known, lines = 0, {}, 0
        for run in range(RUNS):
            path = manifest(w.folder, f"run{run}", boxes, 300)
            lines += 300
            for patience in itertools.count(1):
                p = s.start("run", path)
                try:
                    code = p.wait(dice.uniform(0.005, 0.03 * patience))
                    check(code == 0, "run ended with", code)
                    break
                except subprocess.TimeoutExpired:
                    p.kill()
                    p.wait()
                    kills += 1
                for r in s.results():   # what was filed once stays as it was
                    if r["state"] == "filed":
                        check(known.setdefault(r["key"], r) == r, known[r["key"]], "became", r)
        results = _check_each_once(s, boxes, lines)
        check(all(known.get(r["key"], r) == r for r in results))
        check(kills >= RUNS / 2, "only", kills, "kills")
        for r in dice.sample(results, 5):
            check("OK" in s.judge(s.receipt(r)))


def half_of_the_answers_lost_make_no_letter_twice():
    with world() as w:
        s = Sender(w)
        boxes = [Box(w) for _ in range(5)]
        line = Line(w.endpoint)
        s.through(line.endpoint)
        line.cut_answers = 0.5
        lines = 0
        for run in range(RUNS):         # small ones: an answer a handful of letters
            s.post("run", manifest(w.folder, f"run{run}", boxes, 40))
            lines += 40
        results = _check_each_once(s, boxes, lines)
        check(line.cuts >= RUNS, "only", line.cuts, "connections were cut")
        check(any(r["duplicate"] for r in results), "no answer to a filed letter was ever lost")
        receipts = {r["id"]: s.receipt(r) for r in results[::20]}
        check(len(set(receipts.values())) == len(receipts))
        for r in results[::20]:
            check(s.receipt(r) == receipts[r["id"]] and "OK" in s.judge(receipts[r["id"]]))


def parts_of_64_mib_in_all_make_a_letter():
    with world() as w:
        s = Sender(w)
        box = Box(w)
        (w.folder / "most.bin").write_bytes(bytes(64 << 20))
        letter = json.loads(_send(s, box, name="most.bin"))
        check(letter["state"] == "filed" and letter["size"] > 64 << 20, letter)
        (w.folder / "more.bin").write_bytes(bytes(69 << 20))
        check(json.loads(_send(s, box, name="more.bin", code=1))["name"] == "TOO_LARGE")
        check(len(box.letters()) == 1)


def bodies_of_filed_letters_leave_the_spool_and_their_receipts_stay():
    with world() as w:
        s = Sender(w)
        box = Box(w)
        bodies = s.folder / "spool" / "bodies"
        (w.folder / "large.bin").write_bytes(bytes(2 << 20))
        letter = json.loads(_send(s, box, "--key", "k", name="large.bin"))
        small = s.post("run", manifest(w.folder, "run", [box], 1000), "--json").splitlines()
        left = json.loads(s.post("forget", "--json"))
        check(left["filed"] == 1001 and left["waiting"] == 0, left)
        check(not list(bodies.iterdir()), list(bodies.iterdir()))
        size = (s.folder / "spool" / "data.mdb").stat().st_size
        s.post("run", manifest(w.folder, "again", [box], 1000))
        more = (s.folder / "spool" / "data.mdb").stat().st_size - size
        check(more < 1000 * 2048, more, "bytes for 1000 letters that are filed")
        check("OK" in s.judge(s.receipt(letter)) and "OK" in s.judge(s.receipt(json.loads(small[0]))))
        check(json.loads(_send(s, box, "--key", "k", name="large.bin"))["id"] == letter["id"])
        check(len(box.letters()) == 2001)


def results_are_in_the_readers_language():
    with world() as w:
        s = Sender(w)
        box = Box(w)
        ja = {"env": os.environ | {"LANG": "ja_JP.UTF-8", "LC_ALL": "ja_JP.UTF-8"}}
        path = manifest(w.folder, "run", [box], 2)
        check("2 通: 提出済 2、拒否 0、待機 0" in tool(POST, "run", path, "--profile", s.folder, **ja))
        check("待機 0 (0 バイト)、提出済 2、拒否 0" in tool(POST, "status", "--profile", s.folder, **ja))
        letter = s.results()[0]
        check("まだ引き渡されていません" in tool(POST, "status", letter["id"], "--profile", s.folder, **ja))
        told = tool(POST, "results", letter["id"], "--profile", s.folder, **ja)
        check("提出済" in told and letter["id"] in told and "filed" not in told, told)
        s.receipt(letter)
        judged = tool(VERIFY, w.folder / "receipt", "--trust", s.trust, **ja)
        check(": OK (有効)" in judged and "差出人     org.example-life" in judged, judged)


def an_upload_that_breaks_off_goes_on_where_it_was():
    size = 20 << 20
    with world() as w:
        s = Sender(w)
        box = Box(w)
        line = Line(w.endpoint)
        s.through(line.endpoint)
        (w.folder / "large.bin").write_bytes(os.urandom(size))
        line.cut_after = 9 << 20
        letter = json.loads(_send(s, box, name="large.bin"))
        check(letter["state"] == "filed" and letter["size"] > size, letter)
        check(line.cuts == 1, line.cuts)
        check(line.sent < letter["size"] + (3 << 20), line.sent, "bytes for", letter["size"])
        check(len(box.letters()) == 1 and "OK" in s.judge(s.receipt(letter)))


def an_upload_of_a_killed_sender_goes_on_where_it_was():
    size = 20 << 20
    with world() as w:
        s = Sender(w)
        box = Box(w)
        line = Line(w.endpoint)
        s.through(line.endpoint)
        (w.folder / "large.bin").write_bytes(os.urandom(size))
        p = s.start("send", "--to", box.address.name, "--type", "t", "--title", "t", w.folder / "large.bin")
        while line.sent < 8 << 20:
            check(p.poll() is None, "ended too early")
            time.sleep(0.001)
        p.kill()
        p.wait()
        s.post("run")
        letter = s.results()[0]
        check(letter["state"] == "filed", letter)
        check(line.sent < letter["size"] + (8 << 20), line.sent, "bytes for", letter["size"])
        check(len(box.letters()) == 1)


def a_nonce_used_for_other_bytes_is_a_coded_conflict_and_the_first_letter_stays():
    """Somebody with the sender's key, or a sender whose clock and dice failed at once."""
    with world() as w:
        s = Sender(w)
        box = Box(w)
        first = json.loads(_send(s, box))
        header = msgpack.unpackb(box.letters()[0][2], strict_map_key=False)
        body = b"other bytes"
        header[14], header[15] = hashlib.sha256(body).digest(), len(body)
        answer = s.submit(w.client(), [(msgpack.packb(header), body)])
        check(answer[2] == 0 and answer[4][0][1] == NONCE_CONFLICT and answer[4][0][2] == "nonce", answer)
        check(len(box.letters()) == 1)
        check("OK" in s.judge(s.receipt(first)))


def a_manifest_with_errors_sends_nothing():
    with world() as w:
        s = Sender(w)
        box = Box(w)
        path = manifest(w.folder, "run", [box], 5)
        path.write_text(path.read_text().replace("run-3.xml", "nowhere.xml"))
        s.post("run", path, code=1)
        check(not s.results() and not box.letters())


def a_full_disk_is_said_and_what_did_not_come_into_the_spool_does_not_count_as_waiting():
    with world() as w:
        s = Sender(w)
        box = Box(w)
        path = manifest(w.folder, "run", [box], 3)
        _send(s, box)                   # knows the address now
        kept = w.folder / "kept"
        shutil.move(s.folder, kept)
        s.folder.mkdir(mode=0o700)
        if os.geteuid() or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2M,mode=700", "none", s.folder]).returncode:
            skip(False, "no right to mount a small disk")
        try:
            shutil.copytree(kept, s.folder, dirs_exist_ok=True)
            s.post("status")
            with open(s.folder / "junk", "wb", buffering=0) as junk:
                try:
                    while True:
                        junk.write(bytes(4096))
                except OSError:
                    pass
            said = json.loads(_send(s, box, "--key", "k", code=3))
            check(said["name"] == "SPOOL_FULL", said)
            out = s.post("run", path, "--json", "--results", w.folder / "results", code=3)
            results = [json.loads(line) for line in out.splitlines()]
            check(results[0]["name"] == "SPOOL_FULL" and len(results) == 4, results)
            check(all(r["state"] == "unsent" and r["name"] == "SPOOL_FULL" for r in results[1:]), results)
            check((w.folder / "results").read_text().count(",unsent,612,") == 3)
            check("0 waiting" in s.post("status") and len(box.letters()) == 1)
            check("3 not in the spool" in s.post("run", path, code=3))
            (s.folder / "junk").unlink()
            check("3 filed, 0 refused, 0 waiting\n" in s.post("run", path))
            check(json.loads(_send(s, box, "--key", "k"))["state"] == "filed" and len(box.letters()) == 5)
        finally:
            subprocess.run(["umount", "-l", s.folder], check=False)


def a_running_broker_is_told_apart_from_one_with_another_log():
    """The trust file names another log: what the broker calls filed is not believed."""
    with world() as w:
        s = Sender(w)
        box = Box(w)
        path = s.folder / "trust"
        right = path.read_text()
        with world() as other:
            strange = [x for x in other.run("--print-trust")[1].splitlines() if x.startswith("log ")][0]
        path.write_text("\n".join(strange if x.startswith("log ") else x for x in right.splitlines()) + "\n")
        _send(s, box, code=1)
        check("1 waiting" in s.post("status"), "it must go on waiting")
        path.write_text(right)
        s.post("run")
        check(s.results()[0]["duplicate"] and len(box.letters()) == 1)


if __name__ == "__main__":
    sys.exit(play(globals()))
