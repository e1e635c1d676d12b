"""schemac refuses a schema with a slip in it, says where, and writes nothing

Each story changes one thing in the real schemas."""
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

SOURCE = pathlib.Path(sys.argv.pop(1))

FIELD = 'key = 4, name = "sender", type = "str", max = 128'


class Schemac(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.at = pathlib.Path(self.folder.name)
        for path in (SOURCE / "schemas").glob("*.toml"):
            shutil.copy(path, self.at)
        (self.at / "out").mkdir()

    def change(self, file, old, new):
        path = self.at / file
        content = path.read_text(encoding="utf-8")
        self.assertIn(old, content)
        path.write_text(content.replace(old, new, 1), encoding="utf-8")

    def run_schemac(self, *args):
        return subprocess.run([sys.executable, "-B", SOURCE / "schemas" / "schemac.py", "--schemas", self.at, *args],
                              capture_output=True, text=True, encoding="utf-8", check=False)

    def refused(self, *parts):
        done = self.run_schemac("--out", self.at / "out")
        self.assertEqual(done.returncode, 1)
        for part in parts:
            self.assertIn(part, done.stderr)
        self.assertNotIn("Traceback", done.stderr)
        self.assertEqual(list((self.at / "out").iterdir()), [])

    def submit(self, new, *parts):
        """Put @new in the place of the first field of submit."""
        self.change("messages.toml", FIELD, new)
        self.refused("messages.toml: request.submit", *parts)

    def test_the_schemas_as_they_are_give_every_file(self):
        self.assertEqual(self.run_schemac("--out", self.at / "out").returncode, 0)
        self.assertEqual({p.name for p in (self.at / "out").iterdir()},
                         {f"{n}.{e}" for n in ("messages", "metrics", "rows", "events", "outcomes") for e in "ch"})

    def test_a_record_that_is_only_streamed_has_no_struct(self):
        self.run_schemac("--out", self.at / "out")
        header = (self.at / "out" / "messages.h").read_text(encoding="utf-8")
        self.assertIn("struct header {", header)
        self.assertNotIn("struct content {", header)
        self.assertIn("Record: content", self.run_schemac("--doc").stdout)

    def test_a_duplicate_key_is_refused(self):
        self.submit(FIELD.replace("key = 4", "key = 5"), "field 'signature'", "duplicate key 5")

    def test_keys_that_fall_are_refused(self):
        self.submit(FIELD.replace("key = 4", "key = 9"), "field 'signature'", "not rising")

    def test_a_duplicate_name_is_refused(self):
        self.submit(FIELD.replace("sender", "letters"), "field 'letters'", "duplicate name")

    def test_a_key_of_the_frame_is_refused(self):
        self.submit(FIELD.replace("key = 4", "key = 3"), "field 'sender'", "below 4")

    def test_an_unknown_type_is_refused(self):
        self.submit(FIELD.replace('"str"', '"string"'), "field 'sender'", "'string'")

    def test_a_text_without_a_limit_is_refused(self):
        self.submit('key = 4, name = "sender", type = "str"', "field 'sender'", "lacks 'max'")

    def test_a_slip_in_an_attribute_is_refused(self):
        self.submit(FIELD + ", optinal = true", "field 'sender'", "'optinal'")

    def test_bounds_the_wrong_way_round_are_refused(self):
        self.submit(FIELD + ", min = 129", "field 'sender'", "above")

    def test_a_name_that_is_no_c_name_is_refused(self):
        self.submit(FIELD.replace("sender", "the sender"), "'the sender'")

    def test_a_late_key_must_be_optional(self):
        last = '{ key = 7, name = "limit", type = "u64", max = 1048576'
        self.change("messages.toml", last, last.replace("key = 7", "key = 32"))
        self.refused("messages.toml: request.fetch", "field 'limit'", "must be optional")

    def test_a_list_of_nothing_known_is_refused(self):
        self.change("messages.toml", 'of = "letter_in"', 'of = "letter_out"')
        self.refused("messages.toml: request.submit", "field 'letters'", "'letter_out'")

    def test_a_list_of_what_is_only_streamed_is_refused(self):
        self.change("messages.toml", 'of = "letter_in"', 'of = "content"')
        self.refused("messages.toml: request.submit", "'content'")

    def test_a_record_within_itself_is_refused(self):           # P3.7
        self.change("messages.toml", '{ key = 2, name = "leaf", type = "u64", max = 9007199254740991, optional = true }',
                    '{ key = 2, name = "leaf", type = "record", of = "acked" }')
        self.refused("record.acked", "ring")

    def test_a_duplicate_verb_is_refused(self):
        self.change("messages.toml", "verb = 2", "verb = 1")
        self.refused("messages.toml: request.submit", "duplicate verb 1", "request.info")

    def test_a_record_of_two_files_is_refused(self):
        self.change("rows.toml", "[record.accept]", "[record.header]")
        self.change("rows.toml", 'of = "accept"', 'of = "header"')
        self.refused("rows.toml: record.header", "duplicate name header")

    def test_a_duplicate_outcome_is_refused(self):
        self.change("outcome.toml", "code = 101", "code = 100")
        self.refused("outcome.toml: outcome.UNKNOWN_VERB", "duplicate code 100")

    def test_an_outcome_must_say_what_to_do(self):
        self.change("outcome.toml", "next_ja =", "next_jp =")
        self.refused("outcome.toml: outcome.MALFORMED", "next_ja")

    def test_code_0_is_taken(self):
        self.change("outcome.toml", "code = 100", "code = 0")
        self.refused("outcome.toml: outcome.MALFORMED", "code 0")

    def test_a_duplicate_event_is_refused(self):
        self.change("events.toml", "code = 2", "code = 1")
        self.refused("events.toml: event.SubmissionRejection", "duplicate code 1")

    def test_a_section_nobody_reads_is_refused(self):
        self.change("rows.toml", "[row.log]", "[rows.log]")
        self.refused("rows.toml", "'rows'")

    def test_what_is_no_toml_is_refused(self):
        self.change("events.toml", "code = 1\n", "code =\n")
        self.refused("events.toml")

    def test_a_document_that_quotes_other_tables_is_refused(self):
        document = self.at / "document.md"
        document.write_text("Before.\n<!-- begin events -->\n<!-- end events -->\nAfter.\n", encoding="utf-8")
        self.assertEqual(self.run_schemac("--check-doc", document).returncode, 1)
        self.assertEqual(self.run_schemac("--write-doc", document).returncode, 0)
        self.assertEqual(self.run_schemac("--check-doc", document).returncode, 0)
        content = document.read_text(encoding="utf-8")
        self.assertTrue(content.startswith("Before.\n<!-- begin events -->\n"))
        self.assertTrue(content.endswith("<!-- end events -->\nAfter.\n"))
        self.assertIn("| 4 | ContentHandover | E.1 |", content)
        self.change("events.toml", "code = 4", "code = 5")
        self.assertEqual(self.run_schemac("--check-doc", document).returncode, 1)

    def test_a_document_without_a_table_is_refused(self):
        document = self.at / "document.md"
        document.write_text("Nothing here.\n", encoding="utf-8")
        self.assertEqual(self.run_schemac("--check-doc", document).returncode, 1)

    def test_the_dictionary_has_the_form_that_libfuzzer_reads(self):
        done = self.run_schemac("--dict")
        self.assertEqual(done.returncode, 0)
        for line in done.stdout.splitlines():
            self.assertRegex(line, r'^"(\\x[0-9a-f]{2})+"$')


if __name__ == "__main__":
    unittest.main()
