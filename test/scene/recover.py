#!/usr/bin/python3
"""Every device is lost, and what is left is paper: shares of the seed give the mailbox back, too few do not."""
import base64
import json
import pathlib
import pty
import os
import re
import shutil
import stat
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "peer"))

from canary import _files, _memory                                              # noqa: E402
from fumipeer import keys, shares                                               # noqa: E402
from household import CLIENT, PASSPHRASE, Citizen, household                    # noqa: E402
from world import SANITIZED, check, play                                                   # noqa: E402

OTHER = "another pass phrase entirely"


def _sheets(citizen, k, n, folder):
    """Printed to files; their paths."""
    files = citizen.json("key", "recovery", "new", "--shares", f"{k}/{n}", "--out", folder)["files"]
    check(len(files) == n, files)
    for f in files:
        check(stat.S_IMODE(os.stat(f).st_mode) == 0o600, "others can read", f)
    return [pathlib.Path(f) for f in files]


def _new(h, name):
    c = Citizen(h, name)
    c.passphrase = OTHER
    return c


def _recover(h, name, *argv, code=0, **more):
    c = _new(h, name)
    got, out, err = c.run("recover", "--trust", h.trust, "--work", 10, *argv, **more)
    check(got == code, argv, "gave", got, out, err)
    return c, out, err


def _mail(citizen, folder):
    """Everything a citizen has, fetched and opened: sealed bytes by id, parts by letter."""
    citizen("get", "--all")
    listed = citizen.json("list", "--all")["letters"]
    sealed = {one["id"]: (citizen.folder / "letters" / f"{one['id']}.age").read_bytes() for one in listed}
    citizen("export", "--all", folder)
    parts = {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    return sealed, parts


def _opens(citizen, seq, keys_file):
    """With the stock tool."""
    name = citizen.json("list", "--all")["letters"][seq - 1]["id"]
    return subprocess.run(["age", "-d", "-i", keys_file, citizen.folder / "letters" / f"{name}.age"],
                          capture_output=True).returncode == 0


def _full_mailbox(h):
    """Three addresses, twelve letters over two epochs."""
    ada = h.citizen("ada")
    addresses = [ada.address() for _ in range(3)]
    for epoch in (1, 2):
        for i, address in enumerate(addresses):
            for n in (1, 2):
                h.post(address, h.file(f"e{epoch}-a{i}-{n}.bin", os.urandom(1000 * n + 7)), title=f"{epoch} {i} {n}")
        if epoch == 1:
            for address in addresses:
                ada("address", "renew", address)
            ada("get", "--all")
            ada("ack", "1", "2")
    ada("address", "close", addresses[2])
    return ada, addresses


def _needles(what, secret):
    """Spellings of either half of a secret: raw, hexadecimal, base64."""
    for piece in (secret[:16], secret[16:]):
        yield what, piece
        yield what, piece.hex().encode()
        yield what, piece.hex().upper().encode()
        for shift in range(3):
            coded = base64.b64encode(bytes(shift) + piece)
            yield what, coded[-(-8 * shift // 6):(8 * (shift + 16)) // 6 - 1]


def _search(places, needles):
    return sorted({f"{what} in {place}" for place, data in places.items() for what, piece in needles if piece in data})


def two_of_three_shares_restore_all_mail_and_one_does_not():
    """The drill (E8.1, E8.4, E8.5): family, town office, a drawer of her own. The device is gone."""
    with household() as h:
        ada, addresses = _full_mailbox(h)
        family, office, own = _sheets(ada, 2, 3, h.folder / "paper")
        sealed, parts = _mail(ada, h.folder / "before")
        check(len(sealed) == 12 and len(parts) == 12, len(sealed), len(parts))
        name = ada.json("device", "list")
        check([d["device"] for d in name["devices"]] == ["main"], name)
        exported = h.file("exported", ada("key", "export", addresses[0]).encode())
        thief = _new(h, "thief")
        thief.passphrase = PASSPHRASE                  # the worst one: he has the folder and knows the pass-phrase
        shutil.move(ada.folder, thief.folder)

        lonely, _, err = _recover(h, "lonely", "--shares-from", office, code=1)
        check("1 of 2 shares" in err and not (lonely.folder / "identity.age").exists(), err)

        new, out, _ = _recover(h, "new", "--shares-from", family, office)
        check("Addresses: 3, of which 2 have a new key. Letters with the broker: 12." in out, out)
        check("fumibako device remove main" in out, out)
        again, after = _mail(new, h.folder / "after")
        check(again == sealed, "the sealed letters differ")
        check(after == parts, "parts differ")
        book = new.json("address", "list", "--check")["addresses"]
        check([(a["address"], a["epoch"]) for a in book] == list(zip(addresses, (3, 3, 3))), book)

        h.post(addresses[0], h.file("later.bin", b"later"))     # whose sender still has the old statement
        new("get", "--all")
        check(new.json("open", "13")["parts"][0]["name"] == "later.bin")
        check(_opens(new, 1, exported) and _opens(new, 7, exported), "keys of both epochs open their letters")
        check(not _opens(new, 13, exported), "keys exported before open what was sealed after")

        check(len(thief.json("list", "--all")["letters"]) == 13, "the lost device can list as yet")
        new("device", "remove", "main")
        code, _, err = thief.run("list", "--all", "--json")
        check(code == 1 and "the device 'main' is none of this mailbox's" in err, code, err)
        check(len(new.json("list", "--all")["letters"]) == 13)
        check("no device of this mailbox" in new.run("device", "remove", "main")[2])

        for i, pair in enumerate(((family, own), (office, own))):
            other, out, _ = _recover(h, f"other{i}", "--shares-from", *pair, "--json")
            check(_mail(other, h.folder / f"after{i}")[0].items() >= sealed.items(), "not all mail")


def whoever_has_the_store_and_too_few_shares_has_nothing():
    """The seed, what is shared of it, and the words are in no file, log or memory of the broker."""
    with household(log="debug") as h:
        ada, _ = _full_mailbox(h)
        sheets = _sheets(ada, 3, 5, h.folder / "paper")
        new, _, err = _recover(h, "new", "--shares-from", *sheets[:3], "--lost", "main,mian", code=1)
        check("--lost mian: no device" in err and "--lost main" not in err, err)
        check([d["device"] for d in new.json("device", "list")["devices"] if not d["this"]] == [], "main is still there")
        new("get", "--all")
        w, all_shares = h.world, [shares.Share(shares.words_of(s.read_text())) for s in sheets]
        seed = shares.seed(all_shares[:3])
        check(shares.seed(all_shares[2:]) == seed, "another three give another seed")
        needles = {*_needles("seed", seed), *_needles("encrypted seed", shares.encrypted(all_shares[:3]))}
        for i, s in enumerate(all_shares):
            needles |= set(_needles(f"share {i + 1}", s.value))
            words = shares.words_of(sheets[i].read_text())
            needles |= {(f"words of share {i + 1}", " ".join(words[j:j + 2]).encode()) for j in range(0, 32, 2)}
        places = _files(w.folder / "store", "store") | _files(w.folder / "run", "run") | {"log": w.log().encode()}
        if os.geteuid() == 0 and not SANITIZED:         # whose shadow memory is terabytes
            for room in ("front", "keeper"):
                places |= {what: data.replace(bytes(4096), b"\0") for what, data in _memory(w.pid(room), room).items()}
        # What of the folder lies open on the device, too: only identity.age has the seed, and that is sealed.
        places |= _files(new.folder, "new device")
        check(not (found := _search(places, needles)), "\n".join(found[:20]))
        check(_search({"here": b"x" + base64.b64encode(b"ab" + seed)}, needles), "the search finds nothing at all")
        mailbox = keys.name_of("fumibox", keys.public(keys.derive(seed, "mailbox sign")))
        check([p for p in places if p.startswith("store") and mailbox.encode() in places[p]], "another mailbox's seed")
        for two in ((0, 1), (3, 4)):
            try:
                shares.encrypted([all_shares[i] for i in two])
                check(False, "two of three shares gave something")
            except ValueError:
                pass


def what_was_mistyped_is_said_word_by_word():
    """E8.2"""
    with household() as h:
        ada = h.citizen("ada")
        sheet, = _sheets(ada, 1, 1, h.folder / "paper")
        words = shares.words_of(sheet.read_text())
        listed = sheet.parent / "typed"

        def typed(text, *wanted, code=1):
            listed.write_text(text)
            c, _, err = _recover(h, "new", "--shares-from", listed, code=code)
            for w in wanted:
                check(w in err, "not said:", w, "but", err)
            check((c.folder / "identity.age").exists() == (code == 0), "made, or not made")

        slip = [w for w in words]
        slip[6] = slip[6][0] + slip[6][2] + slip[6][1] + slip[6][3:]
        if slip[6] != words[6]:
            typed(" ".join(slip), f"word 7 '{slip[6]}' is not in the list", words[6], "nothing was made")
        other = [w for w in words]
        other[19] = shares.WORDS[(shares.WORDS.index(words[19]) + 1) % 1024]
        typed(" ".join(other), "word 20 is another one on the paper")
        other[2], other[3] = shares.WORDS[1], shares.WORDS[2]
        typed(" ".join(other), "two or more words")
        typed(" ".join(words[:30]), "3 of 33 words missing: 31, 32, 33")
        numbered = "\n".join(f"{i}. {w}" for i, w in enumerate(words, 1) if i not in (5, 17))
        typed("Recovery\n" + numbered, "2 of 33 words missing: 5, 17")
        typed(" ".join(words + ["acid", "acne"]), "2 words too many")
        typed("\n\n", "there are no words in it")
        first, second = _sheets(ada, 2, 2, h.folder / "set1")
        third = _sheets(ada, 2, 2, h.folder / "set2")[1]
        c, _, err = _recover(h, "new", "--shares-from", first, third, code=1)
        check("of another set" in err and "1 of 2 shares" in err, err)
        _, _, err = _recover(h, "new", "--shares-from", first, first, code=1)
        check("is there already" in err and "1 of 2 shares" in err, err)
        typed(" ".join(w[:4].upper() for w in words), code=0)       # four letters say which word it is


def shares_are_typed_at_a_terminal():
    """A slip is asked for again; the words of the second share end it."""
    with household() as h:
        ada = h.citizen("ada")
        h.post(ada.address(), h.file("a.txt", b"typed back"))
        sheets = _sheets(ada, 2, 3, h.folder / "paper")
        one, two = (shares.words_of(s.read_text()) for s in sheets[1:])
        new = _new(h, "new")
        ours, theirs = pty.openpty()
        read, write = os.pipe()
        os.write(write, (OTHER + "\n").encode())
        os.close(write)
        call = (CLIENT, "recover", "--trust", h.trust, "--shares-from", "-", "--work", 10, "--json", "--box", new.folder,
                "--passphrase-fd", read)
        p = subprocess.Popen([str(a) for a in call], pass_fds=[read], stdin=theirs, stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, text=True)
        os.close(theirs)
        os.close(read)
        for text in (["academia", *one[1:]], one, two):
            os.write(ours, ("\n".join(" ".join(text[i:i + 11]) for i in (0, 11, 22)) + "\n\n").encode())
        out, err = p.communicate(timeout=60)
        os.close(ours)
        check(p.returncode == 0 and '"addresses":1' in out, p.returncode, out, err)
        check("word 1 'academia' is not in the list; did you mean academic" in err, err)
        check(err.count("The words of share 1") == 2 and err.count("The words of share 2") == 1, err)
        new("get", "--all")
        check(new.json("open", "1")["parts"][0]["name"] == "a.txt")


def a_sheet_says_what_it_is_for():
    """E8.3"""
    with household() as h:
        ada = h.citizen("ada")
        mailbox = re.search(r"^mailbox (\S+)$", (ada.folder / "mailbox").read_text(), re.M)[1]
        fingerprint = f"{mailbox[-8:-4]}-{mailbox[-4:]}"
        pages = ada("key", "recovery", "new", "--shares", "2/3").split("\f")
        check(len(pages) == 3, len(pages))
        for i, page in enumerate(pages, 1):
            for piece in (f"SHARE {i} OF 3", "Any 2 of the 3", fingerprint, "post.example"):
                check(piece in page, piece, "is not on", page)
            check(mailbox not in page, "the whole name")
            check("\u2588" in page, "no QR code")
            shares.Share(shares.words_of(page))
        ja = ada("key", "recovery", "new", env={**os.environ, "LC_ALL": "ja_JP.UTF-8"})
        check("復旧シート" in ja and fingerprint in ja, ja)
        told = ada.json("key", "recovery", "new", "--shares", "3/4")
        check(told["needed"] == 3 and len(told["shares"]) == 4 and told["fingerprint"] == fingerprint, "JSON")
        for bad in ("3/2", "0/1", "1/17", "2", "1/2", "2/x"):
            ada("key", "recovery", "new", "--shares", bad, code=2)


def keys_come_back_without_the_broker_and_the_rest_later():
    with household() as h:
        ada = h.citizen("ada")
        address = ada.address()
        h.post(address, h.file("a.txt", b"later"))
        sheet, = _sheets(ada, 1, 1, h.folder / "paper")
        shutil.rmtree(ada.folder)
        h.world.stop()
        new, _, err = _recover(h, "new", "--shares-from", sheet, code=3)
        check("the keys are back" in err and (new.folder / "identity.age").exists(), err)
        _recover(h, "new", "--shares-from", sheet, code=1)             # there is a mailbox already
        h.world.start()
        h.write_trust()
        (new.folder / "trust").write_text(h.trust.read_text())
        new("register")
        check([a["address"] for a in new.json("address", "list", "--check")["addresses"]] == [address])
        new("get", "--all")
        check(new.json("open", "1")["parts"][0]["name"] == "a.txt")


def names_that_are_no_devices_are_all_told_and_fail():
    """The others are shut out all the same, and what came of it is one object."""
    with household() as h:
        ada = h.citizen("ada")
        sheet, = _sheets(ada, 1, 1, h.folder / "paper")
        new, out, err = _recover(h, "new", "--shares-from", sheet, "--lost", "mian,main,phnoe,main", "--json", code=1)
        told = json.loads(out)
        check(told["code"] != 0 and told["unknown"] == ["mian", "phnoe"] and told["others"] == [], told)
        check("--lost mian: " in err and "--lost phnoe: " in err and "--lost main: " not in err, err)
        check(ada.run("list")[0] == 1, "main is let in")
        new("list")


def a_folder_with_other_files_in_it_stays_as_it_was():
    with household() as h:
        ada = h.citizen("ada")
        sheet, = _sheets(ada, 1, 1, h.folder / "paper")
        for i, name in enumerate(("thesis.txt", "letters/thesis.txt", "trust.txt", "device.0123456789abcde.tmp")):
            place = h.folder / f"full{i}"
            (place / name).parent.mkdir(parents=True)
            (place / name).write_text("mine")
            _, _, err = _recover(h, place.name, "--shares-from", sheet, code=1)
            check("something else is here" in err, err)
            check([p for p in place.rglob("*") if p.is_file()] == [place / name], "something was made in it")
            check((place / name).read_text() == "mine")
        (h.folder / "file").write_text("mine")
        _recover(h, "file", "--shares-from", sheet, code=1)
        check((h.folder / "file").read_text() == "mine")
        for folder in ("empty", "half/letters", "half/statements"):
            (h.folder / folder).mkdir(parents=True)
        for name in ("lock", "trust", "device", "device.0123456789abcdef.tmp"):
            (h.folder / "half" / name).write_text("")
        for name in ("empty", "half"):                  # it was interrupted before there was an identity
            _recover(h, name, "--shares-from", sheet)[0]("list")


def a_recovery_that_is_done_again_tells_what_the_first_one_left():
    with household() as h:
        ada = h.citizen("ada")
        sheet, = _sheets(ada, 1, 1, h.folder / "paper")

        def devices():
            new("register")
            return [d["device"] for d in new.json("device", "list")["devices"]]
        new, _, _ = _recover(h, "new", "--shares-from", sheet)
        first = devices()
        _, _, err = _recover(h, "new", "--shares-from", sheet, code=1)  # as after kill -9: it is registered already
        check("go on here with 'fumibako register'" in err, err)
        check(devices() == first and len(first) == 2, "one more device", first)
        _, out, _ = _recover(h, "fresh", "--shares-from", sheet, "--json")
        check(sorted(json.loads(out)["others"]) == sorted(first), out)


def removing_a_device_registers_none():
    """What is in force is asked for, not brought about: the asker's own statement waits for 'register'."""
    with household() as h:
        ada = h.citizen("ada")
        for name in ("tablet", "phone"):
            shutil.copytree(ada.folder, h.folder / name)
        phone, tablet = Citizen(h, "phone"), Citizen(h, "tablet")
        phone("device", "add", "phone")
        ada("register")
        tablet("device", "add", "tablet", "--statement")
        for name in ("nobody", "main"):
            code, _, err = tablet.run("device", "remove", name)
            check(code == 1 and "'tablet'" in err and "NOT_YOURS" in err, code, err)
        for c in (ada, phone):
            c("list")
            c("register")
            check([d["device"] for d in c.json("device", "list")["devices"]] == ["main", "phone"])
        check(tablet.run("list")[0] == 1, "tablet is let in")
        phone("device", "remove", "main")
        main = (ada.folder / "mailbox").read_text()
        for name in ("nobody", "phone"):
            check("register it on purpose" in ada.run("device", "remove", name)[2])
        check(ada.run("list")[0] == 1 and (ada.folder / "mailbox").read_text() == main)
        ada("register")                                 # the seed is the right (T6.1)
        ada("list")


def devices_that_do_not_know_of_each_other_both_stay():
    """Each builds on what the broker says is in force, and not on a copy of yesterday."""
    with household() as h:
        ada = h.citizen("ada")
        for name in ("tablet", "phone"):
            shutil.copytree(ada.folder, h.folder / name)
            Citizen(h, name)("device", "add", name)
        phone, tablet = Citizen(h, "phone"), Citizen(h, "tablet")
        check([d["device"] for d in phone.json("device", "list")["devices"]] == ["main", "tablet", "phone"])
        for c in (ada, tablet, phone):
            c("list")
        check("very device" in phone.run("device", "remove", "phone")[2])
        tablet("device", "remove", "main")              # by a device that has not heard of the phone
        check(ada.run("list")[0] == 1, "main is still let in")
        for name in ("phone", "nobody"):                # who was shut out shuts nobody out, and does not come back by it
            code, _, err = ada.run("device", "remove", name)
            check(code == 1 and "shut out 'main', this one" in err, code, err)
        check(ada.run("list")[0] == 1, "main came back")
        for c in (tablet, phone):
            c("list")


if __name__ == "__main__":
    sys.exit(play(dict(globals())))
