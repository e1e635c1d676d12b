"""authority - a throw-away authority with signers of every kind, made by the openssl program

make(folder) writes into it (all keys are RSA-2048 in PEM without a password unless said otherwise):

    root.pem root.key           the anchor of those who trust
    intermediate.pem .key       under the root; issued everything below
    signer.pem .key .p12        in force; names its 法人番号 as certificates of the commercial register do (商業登記) and as
                                organizationIdentifier; .p12 holds key, certificate, intermediate
    signer-encrypted.key        the same key under PASSWORD
    signer-chain.pem            signer and intermediate in one file
    other.pem .key              in force, the same authority, another company, without a number
    expired.pem .key .p12       in force until the end of 2024
    early.pem .key              in force from 2044 on
    revoked.pem .key .p12       taken back on 2026-06-01
    stranger.pem .key           signed by itself, nobody's
    weak.pem .key               RSA-1024
    curve.pem .key              P-256
    anchors/ crls/ stale/       folders: the root; both CRLs in force; the same CRLs, long out of date
    crl.pem crl.der             both CRLs in one file; the intermediate's in DER

Everything in force is so from 2020 to 2045, so that a test need not set the clock.
"""
import pathlib
import re
import shutil
import subprocess

PASSWORD = "fumibako"
COMPANY, NUMBER = "エグザンプル生命保険株式会社", "8010001000123"
FROM, UNTIL = "20200101000000Z", "20451231235959Z"

CONFIG = """
[ca]
default_ca = this
[this]
dir = {folder}
database = $dir/index
serial = $dir/serial
crlnumber = $dir/crlnumber
new_certs_dir = $dir
default_md = sha256
policy = any
unique_subject = no
string_mask = utf8only
[any]
C = optional
O = optional
OU = optional
CN = optional
organizationIdentifier = optional
[root]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[intermediate]
basicConstraints = critical, CA:TRUE, pathlen:0
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[signer]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature, nonRepudiation
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[company]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature, nonRepudiation
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
1.2.392.100300.1.1.3 = ASN1:SEQUENCE:register
[register]
name = EXPLICIT:0,FORMAT:UTF8,UTF8String:{company}
number = EXPLICIT:1,PRINTABLESTRING:{registered}
[req]
distinguished_name = nothing
string_mask = utf8only
[nothing]
"""


def openssl(*arguments):
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)


class Authority:
    """An issuer with its own database, in a folder beside the certificates while they are made."""

    def __init__(self, out, name, company="", number=""):
        self.out, self.name, self.work = out, name, out / f".{name}"
        self.work.mkdir()
        (self.work / "index").touch()
        (self.work / "serial").write_text("01\n")
        (self.work / "crlnumber").write_text("01\n")
        self.config = self.work / "config"
        self.config.write_text(CONFIG.format(folder=self.work, company=company, registered=number[1:]))

    def issue(self, name, subject, first=FROM, last=UNTIL, section="signer", key=("RSA", "rsa_keygen_bits:2048")):
        file, request = self.out / f"{name}.key", self.work / f"{name}.csr"
        openssl("genpkey", "-algorithm", key[0], "-pkeyopt", key[1], "-out", file)
        openssl("req", "-new", "-config", self.config, "-utf8", "-key", file, "-subj", subject, "-out", request)
        itself = ["-selfsign"] if name == self.name else ["-cert", self.out / f"{self.name}.pem"]
        openssl("ca", "-batch", "-notext", "-config", self.config, *itself, "-keyfile", self.out / f"{self.name}.key", "-utf8",
                "-preserveDN", "-extensions", section, "-startdate", first, "-enddate", last, "-in", request,
                "-out", self.out / f"{name}.pem")

    def revoke(self, name):
        """As if it had been on 2026-06-01: openssl itself only knows today."""
        self.ca("-revoke", self.out / f"{name}.pem", "-crl_reason", "keyCompromise")
        index = self.work / "index"
        index.write_text(re.sub(r"\d{12}Z,keyCompromise", "260601000000Z,keyCompromise", index.read_text()))

    def crl(self, file, first="20260101000000Z", last=UNTIL):
        file.parent.mkdir(exist_ok=True)
        self.ca("-gencrl", "-crl_lastupdate", first, "-crl_nextupdate", last, "-out", file)

    def ca(self, *arguments):
        openssl("ca", "-config", self.config, "-cert", self.out / f"{self.name}.pem", "-keyfile", self.out / f"{self.name}.key",
                *arguments)


def bundle(out, name):
    openssl("pkcs12", "-export", "-inkey", out / f"{name}.key", "-in", out / f"{name}.pem", "-certfile", out / "intermediate.pem",
            "-passout", f"pass:{PASSWORD}", "-out", out / f"{name}.p12")


def signers(middle, company, number):
    middle.issue("signer", f"/C=JP/organizationIdentifier=NTRJP-{number}/O={company}/CN=控除証明書発行責任者", section="company")
    middle.issue("other", "/C=JP/O=文箱損害保険株式会社/CN=控除証明書発行責任者")
    middle.issue("expired", f"/C=JP/O={company}/CN=前の責任者", last="20241231235959Z")
    middle.issue("early", f"/C=JP/O={company}/CN=次の責任者", first="20440101000000Z")
    middle.issue("revoked", f"/C=JP/O={company}/CN=失効した責任者")
    middle.issue("weak", f"/C=JP/O={company}/CN=短い鍵", key=("RSA", "rsa_keygen_bits:1024"))
    middle.issue("curve", f"/C=JP/O={company}/CN=楕円曲線", key=("EC", "ec_paramgen_curve:P-256"))
    middle.revoke("revoked")


def lists(out, root, middle):
    for issuer in (root, middle):
        issuer.crl(out / "crls" / f"{issuer.name}.crl")
        issuer.crl(out / "stale" / f"{issuer.name}.crl", "20200101000000Z", "20200201000000Z")
    both = [(out / "crls" / f"{issuer.name}.crl").read_text() for issuer in (root, middle)]
    (out / "crl.pem").write_text("".join(both))
    openssl("crl", "-in", out / "crls" / "intermediate.crl", "-outform", "DER", "-out", out / "crl.der")


def make(folder, company=COMPANY, number=NUMBER):
    """The folder is made; it must not be there yet. About two seconds."""
    out = pathlib.Path(folder).resolve()
    out.mkdir(parents=True)
    root = Authority(out, "root")
    root.issue("root", "/C=JP/O=文箱認証局/CN=Fumibako test root", section="root")
    root.issue("intermediate", "/C=JP/O=文箱認証局/CN=Fumibako test intermediate", section="intermediate")
    middle = Authority(out, "intermediate", company, number)
    signers(middle, company, number)
    stranger = Authority(out, "stranger")
    stranger.issue("stranger", f"/C=JP/O={company}/CN=見知らぬ人")
    for name in ("signer", "expired", "revoked"):
        bundle(out, name)
    openssl("pkey", "-in", out / "signer.key", "-aes256", "-passout", f"pass:{PASSWORD}", "-out", out / "signer-encrypted.key")
    (out / "signer-chain.pem").write_text((out / "signer.pem").read_text() + (out / "intermediate.pem").read_text())
    lists(out, root, middle)
    (out / "anchors").mkdir()
    shutil.copy(out / "root.pem", out / "anchors")
    for issuer in (root, middle, stranger):
        shutil.rmtree(issuer.work)
    return out
