#!/usr/bin/python3
"""A citizen's mailbox: letters are listed, fetched, opened, exported, acknowledged and watched for."""
import base64
import hashlib
import json
import os
import pathlib
import pty
import select
import shutil
import signal
import subprocess
import sys
import time

import msgpack
import nacl.public
import nacl.signing

from holder import bech32
from household import CLIENT, PASSPHRASE, VERIFY, call, household
from world import PATIENCE, SOURCE, check, play, until

SAMPLES = SOURCE / "tools" / "sample"


def the_issuers_octets_arrive():
    with household() as h:
        ada = h.citizen()
        address = ada.address()
        sample = SAMPLES / "TEG800-202610150001.xml"
        h.post(address, sample, h.file("別紙.txt", "二".encode() * 100_000), title="生命保険料控除証明書", letter_class="certificate")
        listed = ada.json("list")["letters"]
        check(len(listed) == 1 and listed[0]["seq"] == 1 and not listed[0]["here"], listed)
        check(ada.json("get", "--all")["letters"][0]["id"] == listed[0]["id"])
        opened = ada.json("open", "1")
        check(opened["title"] == "生命保険料控除証明書" and opened["from_name"] == "エグザンプル生命保険株式会社", opened)
        check(opened["from_number"] == "houjin 9234567890123" and opened["logged"], opened)
        out = h.folder / "out"
        files = ada.json("export", "1", out)["files"]
        check([pathlib.Path(f["path"]).name for f in files] == [sample.name, "別紙.txt"], files)
        check((out / sample.name).read_bytes() == sample.read_bytes(), "other octets")
        check((out / "別紙.txt").read_bytes() == "二".encode() * 100_000, "other octets")
        check(hashlib.sha256(sample.read_bytes()).hexdigest() == opened["parts"][0]["sha256"])
        ada("ack", "1")
        listed = ada.json("list")["letters"]
        check(listed[0]["here"] and "acknowledged" in listed[0], listed)
        check(h.world.counter("letters_acked") == 1)
        letter = ada.folder / "letters" / listed[0]["id"]
        told = call(VERIFY, f"{letter}.tlog-proof", "--trust", h.trust, "--letter", f"{letter}.age")
        check(": OK" in told, told)


def a_fetched_letter_needs_no_broker():
    with household() as h:
        ada = h.citizen()
        h.post(ada.address(), h.file("a.txt", b"offline"))
        ada("get", "1")
        h.world.stop()
        check(ada.json("open", "1")["parts"][0]["name"] == "a.txt")
        ada("export", "--all", h.folder / "out")
        check((h.folder / "out" / "a.txt").read_bytes() == b"offline")


def a_list_goes_on_where_the_page_ended():
    with household() as h:
        ada = h.citizen()
        address = ada.address()
        for i in range(5):
            h.post(address, h.file("a.txt", b"%d" % i))
        page = ada.json("list", "--limit", 2)
        check([l["seq"] for l in page["letters"]] == [1, 2] and page["more"] and page["next"] == 2, page)
        check("list --after 2" in ada("list", "--limit", 2), "no hint how to go on")
        page = ada.json("list", "--after", page["next"], "--limit", 3)
        check([l["seq"] for l in page["letters"]] == [3, 4, 5] and not page["more"], page)
        check(len(ada.json("list", "--all")["letters"]) == 5)


def two_devices_read_one_mailbox():
    with household() as h:
        ada = h.citizen("desk")
        address = ada.address()
        shutil.copytree(ada.folder, h.folder / "phone")
        phone = type(ada)(h, "phone")
        phone("device", "add", "phone")
        check([(d["device"], d["this"]) for d in phone.json("device", "list")["devices"]] ==
              [("main", False), ("phone", True)])
        check("copy of the statement, epoch 2" in phone("device", "list") and "epoch 1" in ada("device", "list"))
        h.post(address, h.file("a.txt", b"one"))
        ada("get", "--all")
        check(not phone.json("list")["letters"][0]["here"], "the other device's letter")
        h.post(address, h.file("a.txt", b"two"))
        check([l["seq"] for l in phone.json("get", "--all")["letters"]] == [1, 2])
        check([l["seq"] for l in ada.json("get", "--all")["letters"]] == [2])
        # An address that one device makes, the other opens letters to.
        second = phone.address()
        check(second != address)
        h.post(second, h.file("a.txt", b"three"))
        ada("get", "--all")
        check(ada.json("open", "3")["to"] == second)
        third = ada.address()
        check(third not in (address, second), "one address for two senders")
        check([a["address"] for a in ada.json("address", "list")["addresses"]] == [address, second, third])


def a_device_that_is_not_registered_is_not_let_in():
    with household() as h:
        ada = h.citizen("desk")
        shutil.copytree(ada.folder, h.folder / "phone")
        phone = type(ada)(h, "phone")
        phone("device", "add", "phone", "--statement")
        code, out, err = phone.run("list", "--json")
        check(code == 1 and json.loads(out)["name"] == "NOT_YOURS" and "fumibako register" in err, code, out, err)
        phone("register")
        phone("list")


def watch_hears_of_letters_without_asking_again():
    with household() as h:
        ada = h.citizen()
        address = ada.address()
        watch = ada.start("watch", "--json")
        try:
            until(lambda: h.world.counter("watches") == 1, "the question waits at the broker")
            before = h.world.counter("keeper_requests")
            h.post(address, h.file("a.txt", b"one"))
            first = json.loads(watch.stdout.readline())
            check(first["seq"] == 1 and first["from"] == "org.example-life", first)
            until(lambda: h.world.counter("watches") == 1, "it waits again")
            # What the letter cost the watcher: a list, and the next question. The rest is the insurer's.
            posted = h.world.counter("keeper_requests") - before
            h.post(address, h.file("a.txt", b"two"))
            check(json.loads(watch.stdout.readline())["seq"] == 2)
            until(lambda: h.world.counter("watches") == 1, "it waits again")
            check(h.world.counter("keeper_requests") - before <= 2 * posted, "it asked more than once a letter")
            watch.send_signal(signal.SIGINT)
            out, err = watch.communicate(timeout=PATIENCE)
            check(watch.returncode == 0 and not out and not err, watch.returncode, out, err)
        finally:
            watch.kill()
        h.post(address, h.file("a.txt", b"three"))
        told = ada("watch", "--once", "--json", "--seconds", 20).splitlines()
        check([json.loads(l)["seq"] for l in told] == [3], "it goes on where it ended:", told)


def watch_once_ends_with_the_first_of_several_letters():
    with household() as h:
        ada = h.citizen()
        address = ada.address()
        for text in (b"one", b"two", b"three"):
            h.post(address, h.file("a.txt", text))
        for seq in (1, 2, 3):
            told = ada("watch", "--once", "--json", "--seconds", 20).splitlines()
            check([json.loads(l)["seq"] for l in told] == [seq], "after", seq - 1, "came", told)


def an_address_for_a_name_that_nobody_has_is_made_with_a_warning():
    with household() as h:
        ada = h.citizen()
        code, out, err = ada.run("address", "new", "--for", "org.example-live", "--quiet")
        check(code == 0 and out.startswith("fumi1") and "'org.example-live'" in err and "no sender" in err, code, out, err)
        code, out, err = ada.run("address", "new", "--for", "org.example-life", "--quiet")
        check(code == 0 and out.startswith("fumi1") and not err, code, out, err)


def what_the_disk_spoiled_is_fetched_again():
    with household() as h:
        ada = h.citizen()
        h.post(ada.address(), h.file("a.txt", b"one"))
        letter = ada.json("get", "1")["letters"][0]["id"]
        sealed = ada.folder / "letters" / f"{letter}.age"
        note = ada.folder / "letters" / f"{letter}.letter"
        right, right_note = sealed.read_bytes(), note.read_bytes()
        flipped = right[:-1] + bytes([right[-1] ^ 1])
        for spoil in (lambda: sealed.write_bytes(flipped), sealed.unlink, lambda: sealed.write_bytes(b""),
                      lambda: note.write_bytes(right_note[:-1])):
            spoil()
            check(ada.run("open", "1")[0] == 1, "opened what is spoiled")
            check(ada.json("get", "1")["letters"][0]["id"] == letter)
            check(sealed.read_bytes() == right and note.read_bytes() == right_note)
            check(ada.json("open", "1")["parts"][0]["name"] == "a.txt")
        sealed.write_bytes(flipped)
        h.world.stop()
        check(ada.run("get", "1")[0] == 3 and note.exists(), "what cannot be had again is not thrown away")


def watch_survives_the_broker():
    with household() as h:
        ada = h.citizen()
        address = ada.address()
        h.world.write_config(listen=h.world.endpoint)
        watch = ada.start("watch", "--once")
        try:
            until(lambda: h.world.counter("watches") == 1, "the question waits at the broker")
            h.world.stop()
            h.world.start()
            h.post(address, h.file("a.txt", b"one"))
            out, err = watch.communicate(timeout=120)
            check(watch.returncode == 0 and "org.example-life" in out, out, err)
        finally:
            watch.kill()


def an_address_that_never_reached_the_broker_is_no_address():
    with household() as h:
        ada = h.citizen()
        first = ada.address()
        shutil.copytree(ada.folder, h.folder / "copy")
        copy = type(ada)(h, "copy")
        second = ada.address()
        with open(copy.folder / "addresses", "a") as book:  # as a crash or a lost answer leaves it
            book.write(f"2 {second} 1 org.example-life\n")
            book.write(f"3 {bech32('fumi', bytes([1]) + os.urandom(20))} 1 org.example-life\n")
        third = copy.address()
        listed = [(a["number"], a["address"], a["state"]) for a in copy.json("address", "list")["addresses"]]
        check(listed == [(1, first, "open"), (2, second, "open"), (3, third, "open")], listed)


def an_address_goes_on_with_a_new_key_and_ends():
    with household() as h:
        ada = h.citizen()
        address = ada.address()
        old = ada("key", "recipient", address)
        h.post(address, h.file("a.txt", b"before"))
        ada("address", "renew", address)
        check(ada("key", "recipient", address) != old, "the same key")
        h.post(address, h.file("b.txt", b"after"))
        ada("get", "--all")
        check(ada.json("open", "1")["parts"][0]["name"] == "a.txt")
        check(ada.json("open", "2")["parts"][0]["name"] == "b.txt")
        check(ada.json("address", "show", address)["epoch"] == 2)
        ada("address", "close", "1")
        check(ada.json("address", "list", "--check")["addresses"][0]["state"] == "closed")
        h.post(address, h.file("c.txt", b"too late"), code=1)
        check(len(ada.json("list")["letters"]) == 2)
        code, _, err = ada.run("address", "renew", address)
        check(code == 1 and "address new" in err, err)


def the_stock_tool_opens_what_the_mailbox_holds():
    """Recovery: Debian's age, the exported keys and the identity file are all that is needed."""
    with household() as h:
        ada = h.citizen()
        address = ada.address()
        h.post(address, h.file("a.txt", b"octets"), h.file("b.bin", bytes(range(256))), title="控え")
        ada("address", "renew", address)
        id = ada.json("get", "1")["letters"][0]["id"]
        keys = h.folder / "keys.txt"
        keys.write_text(ada("key", "export", address))
        check(keys.read_text().count("AGE-SECRET-KEY-1") == 2, "one key an epoch")
        plain = subprocess.run(["age", "-d", "-i", keys, ada.folder / "letters" / f"{id}.age"], capture_output=True,
                               timeout=PATIENCE, check=True).stdout
        unpacker = msgpack.Unpacker(strict_map_key=False)
        unpacker.feed(plain)
        content = unpacker.unpack()
        check(plain[unpacker.tell():].strip(b"\0") == b"", "more than padding")
        check(content[1] == ada.json("open", "1")["note"] and "title 控え\n" in content[1])
        check(content[2] == [b"octets", bytes(range(256))])
        # The other direction: what the stock tool seals to the address, the address's keys open.
        sealed = subprocess.run(["age", "-r", ada("key", "recipient", address).strip()], input=b"hello",
                                capture_output=True, timeout=PATIENCE, check=True).stdout
        check(subprocess.run(["age", "-d", "-i", keys], input=sealed, capture_output=True, timeout=PATIENCE,
                             check=True).stdout == b"hello")
        out, code = _at_terminal(["age", "-d", ada.folder / "identity.age"], [PASSPHRASE])
        check(code == 0 and "fumibako identity v1" in out and "seed " in out, out)


def _at_terminal(argv, lines):
    """Run a program with a terminal of its own; type a line for each prompt. Everything it showed, and its exit code."""
    pid, fd = pty.fork()
    if pid == 0:
        os.execvp(str(argv[0]), [str(a) for a in argv])
    shown, lines = b"", list(lines)
    end = time.monotonic() + PATIENCE
    try:
        while time.monotonic() < end:
            if not select.select([fd], [], [], 0.1)[0]:
                continue
            try:
                piece = os.read(fd, 65536)
            except OSError:
                break
            if not piece:
                break
            shown += piece
            if lines and shown.rstrip().endswith(b":"):
                time.sleep(0.05)    # echo is switched off just after the prompt
                os.write(fd, lines.pop(0).encode() + b"\n")
                shown += b" "
    finally:
        os.close(fd)
    return shown.decode(), os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def a_pass_phrase_typed_at_a_terminal_is_not_shown():
    with household() as h:
        folder = h.folder / "typed"
        argv = [CLIENT, "init", "--trust", h.trust, "--box", folder, "--work", "10"]
        shown, code = _at_terminal(argv, ["geheim-eins", "geheim-zwei"])
        check(code == 1 and "differ" in shown and not (folder / "identity.age").exists(), shown)
        shown, code = _at_terminal(argv, ["geheim-eins", "geheim-eins"])
        check(code == 0 and (folder / "identity.age").exists(), shown)
        check("geheim" not in shown, "the pass-phrase was shown:", shown)
        shown, code = _at_terminal([CLIENT, "address", "list", "--box", folder], ["geheim-eins"])
        check(code == 0 and "geheim" not in shown, shown)


def a_wrong_pass_phrase_opens_nothing():
    with household() as h:
        ada = h.citizen()
        code, out, err = ada.run("list", passphrase="wrong")
        check(code == 1 and "WRONG_PASSPHRASE" in err and not out, code, out, err)
        code, out, err = ada.run("key", "export", "1", passphrase="wrong")
        check(code == 1 and "AGE" not in out + err, out, err)


def init_never_touches_a_mailbox_that_is_there():
    with household() as h:
        ada = h.citizen()
        before = {p: p.read_bytes() for p in ada.folder.iterdir() if p.is_file()}
        code, _, err = ada.run("init", "--trust", h.trust, "--work", 10)
        check(code == 1 and "already" in err, err)
        check(before == {p: p.read_bytes() for p in ada.folder.iterdir() if p.is_file()}, "something changed")


def a_newcomers_mistakes_are_answered():
    with household() as h:
        ada = h.citizen()
        nobody = type(ada)(h, "nobody")
        for argv, wanted in [
                (["lsit"], "did you mean 'list'"),
                (["list", "--limt", "3"], "did you mean '--limit'"),
                (["list", "--limit", "many"], "whole number"),
                (["address", "new"], "--for SENDER is missing"),
                (["address", "new", "--for", "Org Example"], "no sender's name"),
                (["address", "new", "--for", "org.example", "--classes", "letter"], "certificate, notice"),
                (["address", "show", "fumi1nonsense"], "neither an address"),
                (["get"], "--all"),
                (["get", "first"], "is no letter"),
                (["open"], "missing SEQ|ID"),
                (["export", "1"], "then the folder"),
                (["device", "add", "My Phone"], "a-z 0-9 -"),
        ]:
            code, out, err = ada.run(*argv)
            check(code == 2 and wanted in err and not out, argv, code, out, err)
        for argv, wanted in [
                (["list"], "fumibako init"),
                (["init", "--trust", h.folder / "nothing"], "no such file"),
                (["init", "--trust", h.world.config], "1:"),
                (["init", "--trust", h.folder], "not a file"),
        ]:
            code, out, err = nobody.run(*argv, "--json")
            check(code == 1 and wanted in err and wanted in json.loads(out)["detail"], argv, code, out, err)
            check(not (nobody.folder / "identity.age").exists())
        for argv, wanted in [(["open", "7"], "fumibako get 7"), (["get", "7"], "NO_SUCH_LETTER"),
                             (["ack", "7"], "fumibako get 7"), (["address", "show", "9"], "address list")]:
            code, out, err = ada.run(*argv)
            check(code == 1 and wanted in err and not out, argv, code, out, err)


def an_enrolment_is_looked_at_before_it_is_handed_in():
    with household() as h:
        ada, bob = h.citizen(), h.citizen("bob")
        for path, wanted in [(h.trust, "not an enrolment"), (h.folder / "bob.enrolment", "another mailbox"),
                             (h.folder / "nothing", "no such file")]:
            code, _, err = ada.run("register", "--enrolment", path)
            check(code == 1 and wanted in err and str(path) in err, path, code, err)


def a_letter_whose_time_has_not_come_is_left_for_later():
    with household() as h:
        ada = h.citizen()
        address = ada.address()
        h.post(address, h.file("a.txt", b"now"))
        h.post(address, h.file("b.txt", b"later"), more=["--not-before", "2099-01-01T00:00:00Z"])
        h.post(address, h.file("c.txt", b"now, too"))
        check([l["seq"] for l in ada.json("get", "--all")["letters"]] == [1, 3])
        check("later" in ada("get", "--all") and "2099" in ada("list"))
        code, _, err = ada.run("get", "2")
        check(code == 3 and "NOT_YET" in err, err)
        h.post(address, h.file("d.txt", b"next"))
        check([l["seq"] for l in ada.json("get", "--all")["letters"]] == [4])


def a_silent_broker_is_named():
    with household() as h:
        ada = h.citizen()
        h.world.stop()
        code, out, err = ada.run("list", "--json", timeout=120)
        check(code == 3 and json.loads(out)["name"] == "NO_ANSWER" and json.loads(out)["retry"], code, out, err)
        check("post.example" in err and "tcp://" in err, err)


def a_broker_with_another_key_is_not_called_silent():
    with household() as h:
        ada = h.citizen()
        line = [l for l in h.trust.read_text().splitlines() if l.startswith("broker ")][0]
        other = " ".join([*line.split()[:3], base64.b64encode(bytes(nacl.public.PrivateKey.generate().public_key)).decode()])
        (ada.folder / "trust").write_text(h.trust.read_text().replace(line, other))
        code, _, err = ada.run("list", timeout=120)
        check(code == 3 and "trust file" in err, code, err)


def _vkey(name):
    """A C2SP verifier key that nobody signs with."""
    key = b"\1" + bytes(nacl.signing.SigningKey.generate().verify_key)
    id = hashlib.sha256(name.encode() + b"\n" + key).digest()[:4].hex()
    return f"{name}+{id}+{base64.b64encode(key).decode()}"


def who_is_not_in_the_trust_file_is_not_believed():
    with household() as h:
        ada = h.citizen()
        address = ada.address()
        h.post(address, h.file("a.txt", b"one"))
        h.post(address, h.file("a.txt", b"two"))
        ada("get", "1")
        path, right = ada.folder / "trust", (ada.folder / "trust").read_text()

        def believe(word, name):
            lines = [f"{word} {_vkey(name)}" if l.startswith(word + " ") else l for l in right.splitlines()]
            path.write_text("\n".join(lines) + "\n")

        def refused(wanted, *argv):
            code, out, err = ada.run(*argv, "--json")
            check(code == 1 and json.loads(out.splitlines()[0])["name"] == wanted, argv, code, out, err)

        believe("log", "post.example/log/0")
        refused("RECEIPT_FORGED", "get", "2")
        refused("RECEIPT_FORGED", "open", "1")
        refused("RECEIPT_FORGED", "export", "1", h.folder / "out")
        refused("RECEIPT_FORGED", "ack", "1")
        believe("log", "other.example/log/0")
        refused("NOT_TRUSTED", "get", "2")
        refused("NOT_TRUSTED", "open", "1")
        believe("registrar", "registrar.example")
        refused("NOT_TRUSTED", "get", "2")
        believe("registrar", "other.example")
        refused("NOT_TRUSTED", "get", "2")
        refused("NOT_TRUSTED", "open", "1")
        believe("attest", "post.example")
        refused("RECEIPT_FORGED", "address", "new", "--for", "org.example-life")
        path.write_text(right)
        check(not (ada.folder / "letters" / "2").is_symlink() and not (h.folder / "out").exists() or
              not list((h.folder / "out").iterdir()), "something was kept")
        ada("get", "2")
        ada("open", "1")


def a_proof_that_was_changed_is_refused():
    with household() as h:
        ada = h.citizen()
        address = ada.address()
        h.post(address, h.file("a.txt", b"one"))
        h.post(address, h.file("a.txt", b"two"))
        one, two = [ada.folder / "letters" / (l["id"] + ".tlog-proof") for l in ada.json("get", "--all")["letters"]]
        right = one.read_text()
        for wrong in (two.read_text(), right.replace("index ", "index 1"), right[:-8] + "AAAAAA=\n", "nonsense\n"):
            one.write_text(wrong)
            code, out, _ = ada.run("open", "1", "--json")
            check(code == 1 and json.loads(out)["name"] == "RECEIPT_FORGED", wrong, out)
        one.unlink()
        check(not ada.json("open", "1")["logged"], "it is called proved without a proof")


def strangers_titles_do_not_reach_the_terminal():
    with household() as h:
        ada = h.citizen()
        h.post(ada.address(), h.file("invoice\u202efdp.txt", b"x"), title="Title \u202eturned\u2066 \u200bhidden")
        ada("get", "1")
        shown = ada("open", "1")
        check(not any(c in shown for c in "\u202e\u2066\u200b\033\a"), repr(shown))
        check("turned" in shown and "\ufffd" in shown, repr(shown))
        out = h.folder / "out"
        shown = ada("export", "1", out)
        check("\u202e" not in shown and [p.name for p in out.iterdir()] == ["invoice_fdp.txt"], shown)


def a_large_letter_is_resumed():
    with household() as h:
        ada = h.citizen()
        body = os.urandom(5 << 20)
        h.post(ada.address(), h.file("big.bin", body))
        id = ada.json("list")["letters"][0]["id"]
        ada("get", "1")
        letters = ada.folder / "letters"
        whole = (letters / f"{id}.age").read_bytes()
        for left in (whole[:3 << 20], b"\0" * (3 << 20), whole + b"x"):    # broken off, rotten, too long
            for path in letters.iterdir():
                path.unlink()
            (letters / f"{id}.part").write_bytes(left)
            before = h.world.counter("front_bytes_out")
            ada("get", "1")
            check((letters / f"{id}.age").read_bytes() == whole and not (letters / f"{id}.part").exists())
            if left == whole[:3 << 20]:
                check(h.world.counter("front_bytes_out") - before < 4 << 20, "it fetched what was there")
        ada("export", "1", h.folder / "out")
        check((h.folder / "out" / "big.bin").read_bytes() == body)


def two_processes_may_use_one_folder():
    with household() as h:
        ada = h.citizen()
        address = ada.address()
        for i in range(3):
            h.post(address, h.file("a.bin", os.urandom(2 << 20)))
        running = [ada.start("get", "--all") for _ in range(3)]
        running += [ada.start("address", "new", "--for", "org.example-life", "--quiet") for _ in range(3)]
        ended = [(p.communicate(timeout=120), p.returncode) for p in running]
        check(all(code == 0 for _, code in ended), ended)
        check(len({out for (out, _), _ in ended[3:]}) == 3, "one address twice:", ended[3:])
        check(len(ada.json("address", "list")["addresses"]) == 4)
        for seq in ("1", "2", "3"):
            ada("open", seq)
        check(not list((ada.folder / "letters").glob("*.part")), "pieces are left")


if __name__ == "__main__":
    sys.exit(play(globals()))
