"""Certificates that mean harm, or only went wrong on the way: what `fumibako tax check` says of each

    attacks.py SOURCE FUMIBAKO

xmlsec1 signs and, where it applies, gives its own verdict: several of these it takes, and they show another value than was
signed (N3.1, N3.2). Nothing that fails a signature hides the certificate (N3.5).
"""
import base64
import json
import pathlib
import re
import resource
import subprocess
import sys
import tempfile
import unittest

SOURCE, FUMIBAKO = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
sys.path.insert(0, str(SOURCE / "test" / "help"))
import authority  # noqa: E402

KYOTSU = "http://xml.e-tax.nta.go.jp/XSD/kyotsu"
ID = "TEG80020261124120000000001"
C14N = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
DSIG, MORE, ENC = "http://www.w3.org/2000/09/xmldsig#", "http://www.w3.org/2001/04/xmldsig-more#", "http://www.w3.org/2001/04/xmlenc#"
HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
BODY = f"""<TEG800 xmlns="{KYOTSU}" xmlns:gen="http://xml.e-tax.nta.go.jp/XSD/general" VR="1.1" id="{ID}" page="1" \
sakuseiDay="2026-11-24" sakuseiNM="エグザンプル生命保険株式会社" softNM="attacks">
  <WCA00000>エグザンプル生命保険株式会社</WCA00000>
  <WCB00000><gen:hojinbango>{authority.NUMBER}</gen:hojinbango></WCB00000>
  <WCC00000><gen:yyyy>2026</gen:yyyy><gen:mm>11</gen:mm><gen:dd>24</gen:dd></WCC00000>
  <WCD00000>文箱　花子</WCD00000>
  <WCE00000>
    <WCE00010><gen:yyyy>2026</gen:yyyy></WCE00010>
    <WCE00020>生命保険料控除証明書</WCE00020>
    <WCE00030><kubun_CD>1</kubun_CD></WCE00030>
    <WCE00040>１２－３４５</WCE00040>
    <WCE00190><WCE00310><WCE00320><WCE00330>240000</WCE00330></WCE00320></WCE00310></WCE00190>
  </WCE00000>
SIGNATURE</TEG800>
"""
X509 = "<d:X509Data><d:X509Certificate/></d:X509Data>"


def transform(algorithm, inside=""):
    return f'<d:Transform Algorithm="{algorithm}">{inside}</d:Transform>' if inside else f'<d:Transform Algorithm="{algorithm}"/>'


ENVELOPED = transform(DSIG + "enveloped-signature")


def reference(uri=f"#{ID}", transforms=ENVELOPED + transform(C14N), digest=ENC + "sha256"):
    address = "" if uri is None else f' URI="{uri}"'
    return (f"<d:Reference{address}><d:Transforms>{transforms}</d:Transforms>"
            f'<d:DigestMethod Algorithm="{digest}"/><d:DigestValue/></d:Reference>')


def template(references=reference(), key=X509, method=MORE + "rsa-sha256", c14n=C14N, more=""):
    key = f"<d:KeyInfo>{key}</d:KeyInfo>" if key else ""
    return (f'<d:Signature xmlns:d="{DSIG}" Id="_s"><d:SignedInfo><d:CanonicalizationMethod Algorithm="{c14n}"/>'
            f'<d:SignatureMethod Algorithm="{method}"/>{references}</d:SignedInfo>'
            f"<d:SignatureValue/>{key}{more}</d:Signature>")


class Stage(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        cls.at = pathlib.Path(cls.folder.name)
        cls.keys = authority.make(cls.at / "keys")
        cls.plain = cls.sign()

    @classmethod
    def xmlsec1(cls, *arguments):
        return subprocess.run(["xmlsec1", *map(str, arguments)], capture_output=True, check=False)

    @classmethod
    def sign(cls, body=BODY, signature=None, who="signer", certificates=None, key=None):
        """@body with SIGNATURE in it, signed by xmlsec1."""
        file, out = cls.at / "template.xml", cls.at / "signed.xml"
        file.write_text(HEAD + body.replace("SIGNATURE", signature or template()), encoding="utf-8")
        if not key:
            pems = [cls.keys / f"{c}.pem" for c in certificates or [who]]
            key = ["--privkey-pem", ",".join(map(str, [cls.keys / f"{who}.key", *pems]))]
        done = cls.xmlsec1("--sign", *key, "--id-attr:id", "TEG800", "--output", out, file)
        assert done.returncode == 0, done.stderr.decode()
        return out.read_text(encoding="utf-8")

    def xmlsec1_takes(self, content):
        """Its own verdict, of a key that is simply believed."""
        file = self.at / "verify.xml"
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        return self.xmlsec1("--verify", "--insecure", "--id-attr:id", "TEG800", file).returncode == 0

    def judge(self, content, *options):
        file = self.at / "judged.xml"
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        done = subprocess.run([FUMIBAKO, "tax", "check", "--json", *options, file], capture_output=True, text=True, check=False)
        self.assertEqual(done.stderr, "")
        answer = json.loads(done.stdout)
        self.assertEqual(done.returncode, 1 if answer["code"] else 0, answer)
        only = answer["certificates"][0]
        only["names"] = [f["name"] for f in only["findings"]]
        if only["integrity"] == "intact":
            self.assertTrue(self.xmlsec1_takes(content), "we say intact, xmlsec1 does not")
        return only

    def refused(self, content, name, *, xmlsec1=None):
        """@xmlsec1: what it says of the same file, so that we know what an attack is worth."""
        only = self.judge(content)
        self.assertEqual(only["names"], [name])
        self.assertTrue(only["refused"])
        self.assertEqual((only["form"], only["valid"], only["integrity"]), ("", False, "not judged"))
        if xmlsec1 is not None:
            self.assertEqual(self.xmlsec1_takes(content), xmlsec1)

    def intact(self, content, *options, names=()):
        only = self.judge(content, *options)
        self.assertEqual((only["refused"], only["valid"], only["integrity"]), (0, True, "intact"), only)
        self.assertEqual(only["names"], list(names))
        return only

    def broken(self, content, name="SIGNATURE_BROKEN", valid=True):
        only = self.judge(content)
        self.assertIn(name, only["names"])
        self.assertEqual((only["refused"], only["integrity"], only["form"], only["valid"]), (0, "broken", "TEG800", valid), only)
        self.assertEqual(only["issuer"], "エグザンプル生命保険株式会社")      # N3.5
        return only


class Reading(Stage):
    def test_what_is_signed_as_it_should_be_is_intact(self):
        only = self.intact(self.plain)
        self.assertEqual((only["trust"], only["revocation"], only["sender"]), ("no anchors", "not checked", "not asked"))
        self.assertEqual((only["issuer_number"], only["signer_number"]), (authority.NUMBER, authority.NUMBER))
        self.assertEqual(only["signer_name"], authority.COMPANY)

    def test_what_stands_around_the_root_does_not_matter_and_is_not_followed(self):
        for before in ('<?xml-stylesheet type="text/xsl" href="http://localhost:1/x.xsl"?>', "<!-- a comment -->", "<?any thing?>\n\n", ""):
            self.intact(self.plain.replace("<TEG800", before + "<TEG800", 1))
            self.intact(self.plain + before)

    def test_comments_instructions_and_cdata_inside_are_refused(self):      # N3.1
        for hidden in ("24<!--x-->0000", "24<?x?>0000", "24<![CDATA[0000]]>", "<![CDATA[240000]]>"):
            self.refused(self.plain.replace("240000", hidden), "XML_HIDDEN", xmlsec1="?" not in hidden)
        self.refused(self.plain.replace("<WCD00000>", "<!-- --><WCD00000>"), "XML_HIDDEN", xmlsec1=True)
        self.refused(self.plain.replace("</TEG800>", "<!-- --></TEG800>"), "XML_HIDDEN")
        self.refused(re.sub("<d:KeyInfo>", "<!-- --><d:KeyInfo>", self.plain), "XML_HIDDEN")

    def test_no_doctype_and_no_entity(self):
        laughs = '<!ENTITY a "ha">' + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(12))
        for doctype in ("<!DOCTYPE TEG800>", '<!DOCTYPE TEG800 [<!ENTITY x "240000">]>', f"<!DOCTYPE TEG800 [{laughs}]>",
                        '<!DOCTYPE TEG800 SYSTEM "file:///etc/passwd">', '<!DOCTYPE TEG800 [<!ENTITY x SYSTEM "http://localhost:1/">]>',
                        '<!DOCTYPE TEG800 [<!ENTITY % p SYSTEM "http://localhost:1/p"> %p;]>',
                        '<!DOCTYPE TEG800 [<!ATTLIST WCE00330 id ID #FIXED "x">]>'):
            content = self.plain.replace("<TEG800", doctype + "<TEG800", 1)
            self.refused(content, "XML_DOCTYPE")
            self.refused(content.replace("240000", "&x;").replace("文箱　花子", "&m;"), "XML_DOCTYPE")
        self.refused(self.plain.replace("240000", "&x;"), "XML_NOT_READABLE")
        self.refused(self.plain.replace("<WCD", "<!ENTITY x 'y'><WCD", 1), "XML_NOT_READABLE")

    def test_bombs_are_refused_in_little_memory(self):
        wide = "".join(f' a{n}="x"' for n in range(200000))
        for bomb in ("<x>" * 1000000, "<x>" * 40 + "</x>" * 40, "<x/>" * 1000000, f"<x{wide}/>", f'<x a="{"y" * 70000}"/>',
                     "<x" + "".join(f' xmlns:p{n}="u{n}"' for n in range(30)) + "/>", "<x " + "a" * 100000 + "='1'/>",
                     "".join(f"<x xmlns:p{n}='u{n}'>" for n in range(20)) + "<y/>" * 1000 + "</x>" * 20,
                     ("<x" + "".join(f' a{n}=""' for n in range(30)) + "/>") * 5000,
                     "x" * (16 << 20)):
            self.refused(self.plain.replace("<WCD00000>", bomb + "<WCD00000>", 1), "XML_TOO_LARGE")
        for bomb in (f'<{"n" * 60000}/>' * 250, "名" * 4000000):   # libxml2's own limits
            self.assertTrue(self.judge(self.plain.replace("<WCD00000>", bomb + "<WCD00000>", 1))["refused"])
        self.refused("<!---->" * 60000 + self.plain.split("\n", 1)[1], "XML_TOO_LARGE")
        self.assertLess(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, 256 << 10)

    def test_a_file_as_large_as_certificates_get_is_read(self):
        detail = re.search("  <WCE00000>.*</WCE00000>\n", BODY, re.S)[0]
        self.intact(self.sign(BODY.replace(detail, detail * 100)))
        only = self.judge(self.sign(BODY.replace(detail, detail * 101)))
        self.assertEqual((only["names"], only["integrity"]), (["FORM_TOO_MANY"], "intact"))
        self.assertEqual(only["findings"][0]["where"], "WCE00000[101]")

    def test_only_utf_8(self):
        self.intact("\ufeff" + self.plain)
        self.intact(self.plain.replace("UTF-8", "utf-8", 1))
        self.intact(self.plain.replace(' encoding="UTF-8"', "", 1))
        self.intact(self.plain.split("\n", 1)[1])
        for encoding in ("utf-16", "utf-16-le", "utf-32"):
            self.refused(self.plain.encode(encoding), "XML_ENCODING")
        self.refused(self.plain.replace("UTF-8", "UTF-16", 1).encode("utf-16"), "XML_ENCODING", xmlsec1=True)
        for name in ("Shift_JIS", "UTF-16", "ISO-8859-1", "UTF-7", "EBCDIC-CP-US", ""):
            self.refused(self.plain.replace("UTF-8", name, 1), "XML_ENCODING")
        self.refused(self.plain.replace("UTF-8", "Shift_JIS", 1).encode("cp932", "replace"), "XML_ENCODING")
        for odd in (b"\xff", b"\xc0\xbc", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\0"):
            self.refused(self.plain.encode().replace(b"240000", b"24" + odd), "XML_ENCODING")
        self.refused(self.plain.replace('version="1.0"', 'version="1.1"', 1), "XML_NOT_READABLE")

    def test_what_is_no_certificate_is_refused(self):
        for content in ("", " ", "TEG800,1,2\r\n", "<TEG800", "<TEG800/><TEG800/>", self.plain[:-3], self.plain + "x", self.plain * 2, "\0" * 10):
            only = self.judge(content)
            self.assertIn(only["names"], [["XML_NOT_READABLE"], ["XML_ENCODING"], ["XML_OTHER_FORM"]], content[:20])
        for content in ("<html/>", "<TEG800/>", f'<TEG999 xmlns="{KYOTSU}"/>', f'<teg800 xmlns="{KYOTSU}"/>',
                        f'<p:x xmlns:p="{KYOTSU}">{self.plain.split("?>", 1)[1]}</p:x>'):
            self.refused(content, "XML_OTHER_FORM")


    def test_a_period_may_be_one_month(self):                               # N3.3
        def period(first, last):
            months = "".join(f"<{e}><gen:yyyy>2026</gen:yyyy><gen:mm>{m}</gen:mm></{e}>" for e, m in (("WCE00200", first), ("WCE00210", last)))
            return self.judge(self.sign(BODY.replace("<WCE00190>", "<WCE00190>" + months)))["names"]
        self.assertEqual((period(9, 9), period(9, 10), period(10, 9)), ([], [], ["FORM_MONTHS"]))


class Changed(Stage):
    def test_a_changed_value_is_said_and_shown(self):
        self.broken(self.plain.replace("240000", "999999"))
        self.broken(self.plain.replace("花子", "太郎"))
        self.broken(self.plain.replace('softNM="attacks"', 'softNM="other"'))
        self.assertIn("FORM_VALUE", self.broken(self.plain.replace("240000", "24万"), valid=False)["names"])

    def test_reindenting_breaks_it_and_line_ends_do_not(self):
        self.broken(self.plain.replace("\n  <", "\n\t<"))
        self.broken(self.plain.replace(">\n", ">", 5))
        self.intact(self.plain.replace("\n", "\r\n"))
        self.intact(self.plain.replace("\n", "\r"))
        self.broken(self.plain.replace("\n  <WCD", "&#13;\n  <WCD"))

    def test_what_canonical_xml_calls_the_same_is_the_same(self):
        self.intact(self.plain.replace("240000", "&#x32;4&#48;000"))
        self.intact(self.plain.replace('VR="1.1"', "VR  =  '1.1'"))
        self.intact(self.plain.replace('<WCE00000>', '<WCE00000  xmlns="http://xml.e-tax.nta.go.jp/XSD/kyotsu">'))

    def test_base64_ends_its_lines_as_it_likes(self):
        def every(match):
            return match[0].replace("\n", "&#13;\n")
        self.intact(re.sub("<d:(SignatureValue|X509Certificate)>.*?</", every, self.plain, flags=re.S))
        self.intact(re.sub("<d:(SignatureValue|X509Certificate)>.*?</", lambda m: m[0].replace("\n", ""), self.plain, flags=re.S))
        self.intact(re.sub("<d:(SignatureValue|X509Certificate)>.*?</", lambda m: m[0].replace("\n", " \t\n"), self.plain, flags=re.S))

    def test_digest_and_value_count(self):
        for name in ("DigestValue", "SignatureValue"):
            value = re.search(f"<d:{name}>(.*?)</d:{name}>", self.plain, re.S)[1]
            other = ("B" if value[0] == "A" else "A") + value[1:]
            self.broken(self.plain.replace(value, other))
            self.broken(self.plain.replace(value, ""))
            self.broken(self.plain.replace(value, "!" + value))

    def test_without_a_signature_it_is_not_valid_and_still_shown(self):
        only = self.judge(HEAD + BODY.replace("SIGNATURE", ""))
        self.assertEqual((only["names"], only["valid"], only["integrity"], only["refused"]), (["SIGNATURE_ABSENT"], False, "not judged", 0))
        self.assertEqual((only["form"], only["trust"]), ("TEG800", "no anchors"))
        only = self.judge(HEAD + BODY.replace("SIGNATURE", ""), "--anchors", self.keys / "root.pem")
        self.assertEqual((only["valid"], only["trust"]), (False, "untrusted"), "there were anchors, and nobody who leads to them")
        only = self.judge(self.plain.replace(DSIG, "urn:other"))
        self.assertEqual(sorted(only["names"]), ["FORM_UNKNOWN", "SIGNATURE_ABSENT"])


class Shape(Stage):
    """N3.2"""

    def signature(self):
        return re.search("<d:Signature .*?</d:Signature>", self.plain, re.S)[0]

    def put(self, old, new):
        self.assertIn(old, self.plain)
        return self.plain.replace(old, new, 1)

    def test_one_signature_at_the_end(self):
        one = self.signature()
        self.refused(self.plain.replace(one, one + one), "SIGNATURE_SHAPE")
        self.refused(self.plain.replace(one, "").replace("  <WCD00000>", one + "  <WCD00000>"), "SIGNATURE_SHAPE", xmlsec1=True)
        self.refused(self.plain.replace(one, one + "<WCD00000>x</WCD00000>"), "SIGNATURE_SHAPE")
        self.refused(self.plain.replace(one, one + "x"), "SIGNATURE_SHAPE")
        self.refused(self.plain.replace("文箱　花子", one), "SIGNATURE_SHAPE")
        self.refused(self.plain.replace(one, one.replace("</d:Signature>", one + "</d:Signature>")), "SIGNATURE_SHAPE")
        self.refused(self.plain.replace("文箱　花子", f'<d:Object xmlns:d="{DSIG}"/>'), "SIGNATURE_SHAPE")
        self.refused(self.plain.replace("<d:KeyInfo>", "x<d:KeyInfo>"), "SIGNATURE_KEY")

    def test_a_signed_copy_that_was_moved_aside_is_not_what_is_read(self):
        root = self.plain.split("?>\n", 1)[1].strip()
        one = self.signature()
        forged = root.replace("240000", "999999")
        for id_of_root in ("TEG80020261124120000000002", ID):
            other = forged.replace(ID, id_of_root, 1)
            for aside in (f"<d:Object>{root.replace(one, '')}</d:Object></d:Signature>", f"</d:Signature><d:Object xmlns:d=\"{DSIG}\">{root}</d:Object>"):
                self.assertTrue(self.judge(other.replace("</d:Signature>", aside))["refused"])
            for place in ("<WCD00000>", "<d:SignedInfo>", "<d:X509Data>", "</d:X509Data>"):
                self.assertTrue(self.judge(other.replace(place, root.replace(one, "") + place))["refused"], place)
        self.refused(forged.replace("<WCD00000>", root.replace(one, "") + "<WCD00000>"), "SIGNATURE_REFERENCE")
        for twice in (f'id="{ID}"', f'Id="{ID}"', f'xml:id="{ID}"', f'gen:ID="{ID}"'):
            self.refused(self.plain.replace("<WCD00000>", f"<WCD00000 {twice}>"), "SIGNATURE_REFERENCE")
        self.refused(self.plain.replace('Id="_s"', f'Id="{ID}"'), "SIGNATURE_REFERENCE")

    def test_the_reference_is_the_root_and_nothing_else(self):
        for uri in ("", None, "#", f"#xpointer(id('{ID}'))", "#xpointer(/)", f"{ID}", f"#{ID} "):
            content = self.plain.replace(f' URI="#{ID}"', "" if uri is None else f' URI="{uri}"')
            self.refused(content, "SIGNATURE_REFERENCE")
        self.refused(self.sign(signature=template(reference(""))), "SIGNATURE_REFERENCE", xmlsec1=True)
        self.refused(self.sign(signature=template(reference(f"#xpointer(id('{ID}'))"))), "SIGNATURE_REFERENCE", xmlsec1=True)
        for remote in ("http://localhost:1/x", "file:///etc/passwd", "x.xml"):
            self.refused(self.plain.replace(f"#{ID}", remote, 1), "SIGNATURE_REFERENCE")
        self.refused(self.plain.replace(f"#{ID}", "#part", 1).replace("<WCD00000>", '<WCD00000 id="part">'), "SIGNATURE_REFERENCE")
        self.refused(self.sign(signature=template(reference() + reference())), "SIGNATURE_REFERENCE", xmlsec1=True)
        self.refused(self.plain.replace(f' id="{ID}"', ""), "SIGNATURE_REFERENCE")

    def test_no_other_transforms(self):
        xpath = transform("http://www.w3.org/TR/1999/REC-xpath-19991116", "<d:XPath>not(ancestor-or-self::d:Signature)</d:XPath>")
        nothing = transform("http://www.w3.org/TR/1999/REC-xpath-19991116", "<d:XPath>false()</d:XPath>")
        xslt = transform("http://www.w3.org/TR/1999/REC-xslt-19991116", '<xsl:stylesheet version="1.0" '
                         'xmlns:xsl="http://www.w3.org/1999/XSL/Transform"><xsl:template match="/"><x/></xsl:template></xsl:stylesheet>')
        filter2 = transform("http://www.w3.org/2002/06/xmldsig-filter2", '<f:XPath xmlns:f="http://www.w3.org/2002/06/xmldsig-filter2" '
                            'Filter="subtract">//*</f:XPath>')
        for odd in (xpath + transform(C14N), ENVELOPED + nothing + transform(C14N), ENVELOPED + transform(C14N) + transform(C14N),
                    ENVELOPED + transform(C14N + "#WithComments"), ENVELOPED + transform("http://www.w3.org/2001/10/xml-exc-c14n#"),
                    ENVELOPED + transform("http://www.w3.org/2006/12/xml-c14n11"), ENVELOPED + ENVELOPED + transform(C14N)):
            self.refused(self.sign(signature=template(reference(transforms=odd))), "SIGNATURE_ALGORITHM", xmlsec1=True)
        for odd in (filter2, ENVELOPED + xslt, transform(DSIG + "base64"), transform(C14N), transform(C14N) + ENVELOPED,
                    ENVELOPED + transform(C14N, "x")):
            self.refused(self.put(ENVELOPED + transform(C14N), odd), "SIGNATURE_ALGORITHM")
        self.refused(self.put(ENVELOPED + transform(C14N), ""), "SIGNATURE_SHAPE")

    def test_c14n_is_what_happens_anyway(self):
        self.intact(self.sign(signature=template(reference(transforms=ENVELOPED))))

    def test_no_other_algorithms(self):
        for c14n in (C14N + "#WithComments", "http://www.w3.org/2001/10/xml-exc-c14n#"):
            self.refused(self.sign(signature=template(c14n=c14n)), "SIGNATURE_ALGORITHM", xmlsec1=True)
        for method in (MORE + "rsa-sha512", MORE + "rsa-sha384"):
            self.refused(self.sign(signature=template(method=method)), "SIGNATURE_ALGORITHM", xmlsec1=True)
        self.refused(self.sign(signature=template(reference(digest=ENC + "sha512"))), "SIGNATURE_ALGORITHM", xmlsec1=True)
        secret = self.at / "hmac.bin"
        secret.write_bytes(b"0123456789abcdef")
        self.refused(self.sign(signature=template(method=DSIG + "hmac-sha1", key="<d:KeyName/>"), key=["--hmackey", secret]), "SIGNATURE_ALGORITHM")
        for algorithm in (DSIG + "hmac-sha1", MORE + "hmac-sha256", MORE + "ecdsa-sha256", DSIG + "dsa-sha1", MORE + "rsa-md5", ""):
            self.refused(self.plain.replace(MORE + "rsa-sha256", algorithm), "SIGNATURE_ALGORITHM")
        method = f'<d:SignatureMethod Algorithm="{MORE}rsa-sha256"'
        self.refused(self.put(method + "/>", method + "><d:HMACOutputLength>1</d:HMACOutputLength></d:SignatureMethod>"), "SIGNATURE_ALGORITHM")

    def test_sha_1_is_read_with_a_warning(self):
        for method, digest in ((DSIG + "rsa-sha1", DSIG + "sha1"), (MORE + "rsa-sha256", DSIG + "sha1"), (DSIG + "rsa-sha1", ENC + "sha256")):
            content = self.sign(signature=template(reference(digest=digest), method=method))
            self.intact(content, names=["SIGNATURE_SHA1"])
            self.broken(content.replace("240000", "240001"))

    def test_the_key_comes_from_the_certificate(self):
        odd = ["<d:KeyName/>", "<d:KeyValue/>", "<d:KeyName>x</d:KeyName>" + X509, X509 + "<d:KeyValue/>", X509 + X509]
        for key in odd:
            self.refused(self.sign(signature=template(key=key)), "SIGNATURE_KEY")
        certificate = re.search("<d:X509Data>.*</d:X509Data>", self.plain, re.S)[0]
        for key in ("", f"<d:RetrievalMethod URI=\"http://localhost:1/key\" Type=\"{DSIG}X509Data\"/>", "<d:X509Data/>", "x",
                    f"{certificate}<d:RetrievalMethod URI='#k'/>", "<d:X509Data><d:X509SubjectName>CN=x</d:X509SubjectName></d:X509Data>",
                    "<d:PGPData/>", certificate.replace("<d:X509Data>", "<d:X509Data><d:X509CRL>AAAA</d:X509CRL>"),
                    certificate.replace("</d:X509Data>", "<x/></d:X509Data>"),
                    certificate.replace("</d:X509Data>", f"<d:X509IssuerSerial>{self.signature()}</d:X509IssuerSerial></d:X509Data>"),
                    "<d:X509Data>" + "<d:X509Certificate>AAAA</d:X509Certificate>" * 9 + "</d:X509Data>"):
            self.refused(self.plain.replace(certificate, key), "SIGNATURE_KEY")
        self.refused(re.sub("<d:KeyInfo>.*</d:KeyInfo>", "", self.plain, flags=re.S), "SIGNATURE_KEY")
        names = ("<d:X509IssuerSerial><d:X509IssuerName>CN=x</d:X509IssuerName><d:X509SerialNumber>1</d:X509SerialNumber>"
                 "</d:X509IssuerSerial><d:X509SubjectName>CN=nobody</d:X509SubjectName><d:X509SKI>AAAA</d:X509SKI>")
        self.intact(self.plain.replace("<d:X509Data>", "<d:X509Data>" + names))

    def test_nothing_else_is_in_it(self):
        for more in ("<d:Object/>", "<d:Object><d:Manifest/></d:Object>", "<x/>"):
            self.refused(self.plain.replace("</d:Signature>", more + "</d:Signature>"), "SIGNATURE_SHAPE")
        self.refused(self.plain.replace("<d:SignatureValue>", '<d:SignatureValue Encoding="x">'), "SIGNATURE_SHAPE")
        self.refused(self.plain.replace("<d:Reference ", '<d:Reference Type="x" '), "SIGNATURE_SHAPE")
        self.refused(self.plain.replace("<d:DigestValue>", "<d:DigestValue><x/>"), "SIGNATURE_SHAPE")


class Signer(Stage):
    """N3.4"""

    def trusting(self, content, *options, anchors="root.pem"):
        return self.judge(content, "--anchors", self.keys / anchors, *options)

    def test_a_chain_to_an_anchor_is_trusted(self):
        chain = self.sign(certificates=["signer", "intermediate"])
        both = re.findall("<d:X509Certificate>.*?</d:X509Certificate>", chain, re.S)
        self.assertEqual(len(both), 2)
        turned = chain.replace(both[0], "first").replace(both[1], both[0]).replace("first", both[1])
        for only in (self.trusting(chain), self.trusting(chain, anchors="anchors"), self.trusting(self.plain, anchors="intermediate.pem"),
                     self.trusting(chain, "--at", "2030-01-01"), self.trusting(turned)):
            self.assertEqual((only["code"], only["trust"], only["revocation"], only["names"]), (0, "trusted", "not checked", []))

    def test_what_does_not_lead_there_is_not(self):
        for content, name in ((self.plain, "SIGNER_UNTRUSTED"),                         # nobody sent the intermediate
                              (self.sign(who="stranger"), "SIGNER_UNTRUSTED"),
                              (self.sign(certificates=["signer", "intermediate"]).replace("240000", "240001"), None),
                              (self.sign(who="expired", certificates=["expired", "intermediate"]), "SIGNER_LAPSED"),
                              (self.sign(who="early", certificates=["early", "intermediate"]), "SIGNER_LAPSED")):
            only = self.trusting(content)
            if name:
                self.assertEqual((only["trust"], only["integrity"], only["names"]), ("untrusted", "intact", [name]))
            else:                                                                       # two facts, told apart
                self.assertEqual((only["trust"], only["integrity"]), ("trusted", "broken"))
        self.assertEqual(self.trusting(self.sign(who="stranger"), anchors="stranger.pem")["trust"], "trusted")

    def test_without_a_signer_nobody_is_trusted(self):
        none = re.sub("<d:Signature .*</d:Signature>", "", self.plain, flags=re.S)
        bad = re.sub("(<d:X509Certificate>).*?(</)", r"\g<1>AAAA\2", self.plain, flags=re.S)
        for content in (none, bad):
            self.assertEqual(self.judge(content)["trust"], "no anchors")
            only = self.trusting(content)
            self.assertEqual((only["trust"], only["signer"]), ("untrusted", ""))
            self.assertNotEqual(only["code"], 0)

    def test_the_time_of_judging_is_the_readers(self):
        expired = self.sign(who="expired", certificates=["expired", "intermediate"])
        early = self.sign(who="early", certificates=["early", "intermediate"])
        self.assertEqual(self.trusting(expired, "--at", "2024-12-31T23:59:00Z")["trust"], "trusted")
        self.assertEqual(self.trusting(expired, "--at", "2025-01-01T00:00:01Z")["trust"], "untrusted")
        self.assertEqual(self.trusting(early, "--at", "2044-01-02")["trust"], "trusted")

    def test_a_signer_is_no_authority(self):
        """signer signs a certificate for another key: its own says CA:FALSE."""
        rogue = authority.Authority(self.keys, "signer")
        rogue.issue("rogue", "/C=JP/O=rogue")
        only = self.trusting(self.sign(who="rogue", certificates=["rogue", "signer", "intermediate"]))
        self.assertEqual((only["trust"], only["integrity"]), ("untrusted", "intact"))

    def test_weak_keys_prove_nothing(self):
        self.broken(self.sign(who="weak"), "SIGNER_WEAK")
        der = base64.b64encode(authority_der(self.keys / "curve.pem")).decode()
        self.broken(re.sub("(<d:X509Certificate>).*?(</)", rf"\g<1>{der}\2", self.plain, flags=re.S), "SIGNER_WEAK")

    def test_certificates_that_are_none(self):
        for odd in ("", "AAAA", "!", "MII", "M" * 20000):
            self.broken(re.sub("(<d:X509Certificate>).*?(</)", rf"\g<1>{odd}\2", self.plain, flags=re.S), "SIGNER_UNREADABLE")
        other = base64.b64encode(authority_der(self.keys / "other.pem")).decode()
        self.broken(re.sub("(<d:X509Certificate>).*?(</)", rf"\g<1>{other}\2", self.plain, flags=re.S))
        self.broken(self.plain.replace("</d:X509Data>", f"<d:X509Certificate>{other}</d:X509Certificate></d:X509Data>"), "SIGNER_UNREADABLE")

    def test_revocation_by_the_readers_lists(self):
        good = self.sign(certificates=["signer", "intermediate"])
        revoked = self.sign(who="revoked", certificates=["revoked", "intermediate"])
        for lists in ("crls", "crl.pem"):
            only = self.trusting(good, "--crls", self.keys / lists)
            self.assertEqual((only["code"], only["trust"], only["revocation"], only["names"]), (0, "trusted", "good", []))
            only = self.trusting(revoked, "--crls", self.keys / lists)
            self.assertEqual((only["revocation"], only["integrity"], only["names"]), ("revoked", "intact", ["SIGNER_REVOKED"]))
        only = self.trusting(good, "--crls", self.keys / "crl.der")         # of the intermediate alone
        self.assertEqual((only["code"], only["revocation"], only["names"]), (0, "good", ["REVOCATION_UNKNOWN"]))
        only = self.trusting(good, "--crls", self.keys / "stale")
        self.assertNotEqual(only["code"], 0)
        self.assertEqual((only["revocation"], only["names"]), ("not checked", ["REVOCATION_UNKNOWN"]))
        only = self.trusting(self.sign(who="stranger"), "--crls", self.keys / "crls")
        self.assertEqual((only["trust"], only["revocation"]), ("untrusted", "not checked"))

    def test_a_lost_key_may_have_been_lost_before(self):
        """keyCompromise of 2026-06-01 counts as of May, too."""
        revoked = self.sign(who="revoked", certificates=["revoked", "intermediate"])
        only = self.trusting(revoked, "--crls", self.keys / "crls", "--at", "2026-05-01")
        self.assertEqual(only["revocation"], "revoked")

    def test_who_signed_and_who_is_named(self):
        """N3.6"""
        for number, sender in ((authority.NUMBER, "same"), ("8000020131016", "other")):
            only = self.judge(self.plain, "--sender-number", f"houjin:{number}")
            self.assertEqual((only["sender"], bool(only["code"])), (sender, sender == "other"))
        nobody = BODY.replace(re.search("  <WCB00000>.*\n", BODY)[0], "")
        self.assertEqual(self.judge(self.sign(nobody), "--sender-number", authority.NUMBER)["sender"], "cannot tell")
        only = self.judge(self.sign(BODY.replace(authority.NUMBER, "8000020131016")))
        self.assertEqual((only["names"], only["code"]), (["SIGNER_OTHER"], 0))


def authority_der(path):
    return base64.b64decode("".join(line for line in path.read_text().splitlines() if "-----" not in line))


class Counting(Stage):
    """N4.4: another company's signer, which its certificate names, replaces nothing."""

    def paper(self, name, day, amount, number, who):
        body = BODY.replace(authority.NUMBER, number).replace("<gen:dd>24<", f"<gen:dd>{day}<")
        body = body.replace("<WCE00330>240000</WCE00330>", f"<WCE00350>{amount}</WCE00350>")
        (self.papers / name).write_text(self.sign(body, who=who), encoding="utf-8")

    def carried(self):
        done = subprocess.run([FUMIBAKO, "tax", "list", "--json", self.papers], capture_output=True, text=True, check=False)
        listed = json.loads(done.stdout)
        return [c["state"] for c in listed["certificates"]], [f["name"] for c in listed["certificates"] for f in c["findings"]]

    def test_a_later_one_by_another_companys_signer_is_shown_and_doubted(self):
        self.papers = self.at / "papers"
        self.papers.mkdir()
        self.paper("0.xml", 1, 60000, "7000012050002", "stranger")      # whose certificate names no number
        self.paper("1.xml", 20, 2, "7000012050002", "signer")           # whose names another company's
        states, findings = self.carried()
        self.assertEqual(states[0], "counts")
        self.assertNotEqual(states[1], "counts")
        self.assertIn("TAX_DOUBTFUL", findings)
        self.paper("0.xml", 1, 60000, authority.NUMBER, "stranger")
        self.paper("1.xml", 20, 2, authority.NUMBER, "signer")          # the company's own: it is vouched for
        states, findings = self.carried()
        self.assertEqual((states[0], states[1]), ("superseded", "counts"))
        self.assertNotIn("TAX_AMBIGUOUS", findings)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
