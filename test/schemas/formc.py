"""formc refuses a table of a form with a slip in it, names file and element or column, and writes nothing

Each story changes one thing in the real tables."""
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

SOURCE = pathlib.Path(sys.argv.pop(1))

POLICY = '{ id = "WCE00040", name = "証券番号", type = "str", max = 30 }'
COLUMN = '{ at = 4, name = "証券番号", to = "WCE00040", is = "text", max = 30, must = true }'
MONTHS = '{ at = 34, name = "納付状況の内訳", times = 13, in = "WOO00000", column = ['


class Formc(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.at = pathlib.Path(self.folder.name) / "nta"
        shutil.copytree(SOURCE / "schemas" / "nta", self.at)
        self.out = self.at / "forms.c"

    def change(self, file, old, new):
        path = self.at / file
        content = path.read_text(encoding="utf-8")
        self.assertIn(old, content)
        path.write_text(content.replace(old, new, 1), encoding="utf-8")

    def run_formc(self):
        return subprocess.run([sys.executable, "-B", self.at / "formc.py", "--schemas", self.at, "--out", self.out],
                              capture_output=True, text=True, encoding="utf-8", check=False)

    def refused(self, *parts):
        done = self.run_formc()
        self.assertEqual(done.returncode, 1, done.stderr)
        for part in parts:
            self.assertIn(part, done.stderr)
        self.assertNotIn("Traceback", done.stderr)
        self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
        self.assertFalse(self.out.exists())

    def element(self, new, *parts):
        """Put @new in the place of the policy's number."""
        self.change("TEG800.toml", POLICY, new)
        self.refused("TEG800.toml", *parts)

    def column(self, new, *parts):
        self.change("TEG800.toml", COLUMN, new)
        self.refused("TEG800.toml", *parts)

    def test_the_tables_as_they_are_give_every_form(self):
        self.assertEqual(self.run_formc().returncode, 0)
        written = self.out.read_text(encoding="utf-8")
        for path in self.at.glob("TEG*.toml"):
            self.assertIn(f"&{path.stem.lower()}, ", written)

    def test_a_form_that_is_taken_away_is_not_there(self):
        (self.at / "TEG810.toml").unlink()
        self.assertEqual(self.run_formc().returncode, 0)
        self.assertNotIn("teg810", self.out.read_text(encoding="utf-8"))

    # ---- the file ----

    def test_what_is_no_toml_is_refused_with_its_file(self):
        self.change("TEG810.toml", "[form]", "[form")
        self.refused("TEG810.toml")

    def test_a_file_of_another_name_is_refused(self):
        (self.at / "TEG850.toml").rename(self.at / "TEG851.toml")
        self.refused("TEG851.toml", "TEG850")

    def test_a_file_without_facts_is_refused(self):
        self.change("TEG822.toml", "[facts]", "[fact]")
        self.refused("TEG822.toml", "'fact'")

    def test_a_form_without_versions_is_refused(self):
        self.change("TEG822.toml", 'versions = ["1.0"]', 'version = ["1.0"]')
        self.refused("TEG822.toml: form", "'versions'")

    # ---- elements ----

    def test_an_element_without_id_is_refused(self):
        self.element(POLICY.replace("id = ", "di = "), "without id", "'id'")

    def test_an_unknown_type_is_refused(self):
        self.element(POLICY.replace('"str"', '"string"'), "WCE00040", "'string'")

    def test_a_slip_in_an_attribute_is_refused(self):
        self.element(POLICY.replace("max", "maks"), "WCE00040", "'maks'")

    def test_an_element_with_both_or_neither_of_type_and_inside_is_refused(self):
        self.element(POLICY.replace(', type = "str", max = 30', ""), "WCE00040", "'type' or 'has'")

    def test_an_element_that_is_there_twice_is_refused(self):
        self.element(POLICY + ", " + POLICY, "WCE00040", "twice")

    def test_a_length_of_an_amount_is_refused(self):
        self.element(POLICY.replace('"str"', '"kingaku"'), "WCE00040", "kingaku")

    def test_a_number_without_digits_is_refused(self):
        self.element(POLICY.replace('"str", max = 30', '"number"'), "WCE00040", "digits")

    def test_codes_of_a_text_are_refused(self):
        self.element(POLICY.replace(" }", ', codes = [["1", "a"]] }'), "WCE00040", "codes")

    def test_times_that_are_none_are_refused(self):
        self.element(POLICY.replace(" }", ', times = "many" }'), "WCE00040", "'many'")

    def test_times_the_wrong_way_round_are_refused(self):
        self.element(POLICY.replace(" }", ', times = "2..1" }'), "WCE00040", "2..1")

    def test_a_code_that_is_there_twice_is_refused(self):
        self.change("TEG800.toml", '["2", "旧生命保険料控除制度"]', '["1", "旧生命保険料控除制度"]')
        self.refused("TEG800.toml", "WCE00030", "1")

    # ---- columns ----

    def test_a_column_out_of_order_is_refused(self):
        self.column(COLUMN.replace("at = 4", "at = 5"), "column 5", "column 4")

    def test_a_column_for_no_element_is_refused(self):
        self.column(COLUMN.replace("WCE00040", "WCE99999"), "column 4", "WCE99999")

    def test_a_column_for_a_part_that_is_none_is_refused(self):
        self.column(COLUMN.replace("WCE00040", "WCE00040.yyyy"), "column 4", "yyyy")
        self.change("TEG800.toml", '"WCE00040.yyyy"', '"WCE00060"')
        self.refused("column 4", "WCE00060")

    def test_a_column_of_no_kind_is_refused(self):
        self.column(COLUMN.replace('is = "text"', 'is = "txt"'), "column 4", "txt")

    def test_a_text_without_length_is_refused(self):
        self.column(COLUMN.replace("max = 30, ", ""), "column 4", "'max'")

    def test_a_slip_in_a_column_is_refused(self):
        self.column(COLUMN.replace("must", "most"), "column 4", "'most'")

    def test_a_text_longer_than_its_element_is_refused(self):
        self.column(COLUMN.replace("max = 30", "max = 31"), "column 4", "31", "30")

    def test_a_condition_on_no_column_is_refused(self):
        self.change("TEG800.toml", "must = [{ column = 60 }]", "must = [{ column = 70 }]")
        self.refused("TEG800.toml: column 59", "70")

    def test_a_condition_with_a_slip_is_refused(self):
        self.change("TEG810.toml", 'must = [{ column = 6, is = ["1", "3"] }]', 'must = [{ column = 6, are = ["1", "3"] }]')
        self.refused("TEG810.toml: column 26", "'are'")

    def test_a_condition_on_what_a_column_cannot_be_is_refused(self):
        self.change("TEG810.toml", 'is = ["1", "3"] }]', 'is = ["1", "4"] }]')
        self.refused("TEG810.toml: column 26", "'4'", "column 6")

    def test_a_text_by_a_code_that_is_none_is_refused(self):
        self.change("TEG810.toml", '["3", "上記保険料は', '["4", "上記保険料は')
        self.refused("TEG810.toml: column 6", "'4'")

    def test_a_gift_too_long_for_its_element_is_refused(self):
        self.change("TEG830.toml", '["1", "所得税法第78条', '["1", "' + "あ" * 80 + "所得税法第78条")
        self.refused("TEG830.toml: column 14", "WMG00000")

    def test_a_name_of_a_code_too_long_for_the_schema_is_refused(self):
        self.change("TEG800.toml", '["2", "旧生命保険料控除制度"]', f'["2", "{"旧" * 31}"]')
        self.refused("TEG800.toml: WCE00030", "30")

    def test_a_gift_to_nobody_is_refused(self):
        self.change("TEG810.toml", '{ to = "WDE00215", text', '{ to = "WDE00216", text')
        self.refused("TEG810.toml: column 6", "WDE00216")

    def test_a_repeated_column_in_no_element_is_refused(self):
        self.change("TEG840.toml", MONTHS, MONTHS.replace("WOO00000", "WOX00000"))
        self.refused("TEG840.toml: column 34", "WOX00000")

    def test_more_repeated_columns_than_columns_are_refused(self):
        self.change("TEG840.toml", MONTHS, MONTHS.replace("13", "14"))
        self.refused("TEG840.toml: column 216", "column 230")

    def test_a_day_of_no_column_is_refused(self):
        self.change("TEG800.toml", "date = [[10, 11, 12]", "date = [[10, 11, 70]")
        self.refused("TEG800.toml: csv", "70")

    def test_a_grouping_column_that_is_none_is_refused(self):
        self.change("TEG800.toml", "grouping = 2", "grouping = 70")
        self.refused("TEG800.toml: csv", "70")

    def test_rows_of_no_element_are_refused(self):
        self.change("TEG800.toml", 'rows = ["WCE00000"]', 'rows = ["WCX00000"]')
        self.refused("TEG800.toml", "WCX00000")

    # ---- facts, and what the forms share ----

    def test_a_fact_about_no_element_is_refused(self):
        self.change("TEG800.toml", 'person = "WCD00000"', 'person = "WCD00001"')
        self.refused("TEG800.toml: facts", "WCD00001")

    def test_an_unknown_category_is_refused(self):
        self.change("TEG800.toml", '"life-care"', '"life-cure"')
        self.refused("TEG800.toml: facts", "life-cure")

    def test_an_entry_without_year_is_refused(self):
        self.change("TEG800.toml", 'year = "WCE00010"', 'yaer = "WCE00010"')
        self.refused("TEG800.toml: facts", "'year'")

    def test_a_sum_of_no_element_is_refused(self):
        self.change("TEG800.toml", 'declared = ["WCE00350"]', 'declared = ["WCE00351"]')
        self.refused("TEG800.toml: facts", "WCE00351")

    def test_a_sum_of_too_many_is_refused(self):
        self.change("TEG840.toml", 'projected = ["WOK00000", "WOL00000"]', 'projected = ["WOK00000", "WOL00000", "WOM00000"]')
        self.refused("TEG840.toml: facts", "WOM00000")

    def test_a_certificate_of_nobody_is_refused(self):
        self.change("TEG800.toml", 'issuer = "WCA00000"\n', "")
        self.refused("TEG800.toml: facts", "issuer")

    def test_an_era_without_a_first_day_is_refused(self):
        self.change("common.toml", "first = 2019-05-01", "frist = 2019-05-01")
        self.refused("common.toml: era 5", "'first'")

    def test_a_category_without_english_is_refused(self):
        self.change("common.toml", 'en = "earthquake insurance"\n', "")
        self.refused("common.toml: category earthquake", "'en'")


if __name__ == "__main__":
    unittest.main()
