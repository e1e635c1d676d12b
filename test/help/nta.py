#!/usr/bin/env python3
"""nta - made-up certificates of the NTA's forms, as a sender's system would hand them over

    nta.py csv FORM --records N [--seed S] [--rows K] [--out FILE]     a CSV in CP932
    nta.py keys DIR                                                    an authority, signers, CRLs (authority.py)

A record is a dict of column number (1 is the form's id) to text; a column that is not there is empty. The same seed
gives the same records. Companies, persons, addresses and numbers are invented; every 法人番号 has a right check digit.
The people hold what real files hold: ㈱, ①, 髙 and 﨑, full-width digits, empty columns, several contracts of one
person under a grouping code.
"""
import argparse
import pathlib
import random
import sys

COLUMNS = {"TEG800": 69, "TEG810": 29, "TEG822": 14, "TEG830": 25, "TEG840": 226, "TEG850": 54}
GROUPED = {"TEG800", "TEG810", "TEG822", "TEG830"}  # column 2 is a grouping code
ROWS = {"TEG800": 100, "TEG810": 100, "TEG822": 100, "TEG830": 10 + 50 * 20}  # of one certificate, at most
YEAR, ERA_YEAR = 2026, 8

FAMILIES = ("佐藤 鈴木 高橋 田中 伊藤 渡辺 山本 中村 小林 加藤 吉田 山田 佐々木 山口 松本 井上 木村 林 斎藤 清水 髙橋 山﨑 "
            "阿部 森 池田 橋本 石川 山下 小川 渡邊 齋藤 長谷川 五十嵐 勅使河原").split()
GIVEN = ("陽翔 蓮 湊 樹 大翔 悠真 朝陽 花子 凛 紬 陽菜 葵 結菜 美咲 さくら 由美子 一郎 健太 直樹 誠 洋子 幸子 清 茂 和子 "
         "ヒロシ マリア 眞一 惠子 龍之介").split()
PLACES = ("東京都千代田区霞が関 東京都小金井市本町 神奈川県横浜市中区日本大通 大阪府大阪市北区中之島 北海道札幌市中央区北一条西 "
          "愛知県名古屋市中区三の丸 福岡県福岡市中央区天神 宮城県仙台市青葉区国分町 沖縄県那覇市泉崎 京都府京都市上京区薮之内町").split()
TOWNS = "北海道紋別市 山形県天童市 宮崎県都城市 長野県飯田市 高知県四万十町 佐賀県有田町 静岡県焼津市 新潟県燕市 鳥取県境港市 岡山県備前市".split()
FULL_WIDTH = str.maketrans("0123456789-", "０１２３４５６７８９－")


def hojinbango(twelve):
    """The number with its check digit before it (N1.4)."""
    total = sum(int(digit) * (1 if n % 2 else 2) for n, digit in enumerate(reversed(twelve), 1))
    return f"{9 - total % 9}{twelve}"


def full_width(text):
    return text.translate(FULL_WIDTH)


class Source:
    """What chance gives to one file."""

    def __init__(self, form, seed):
        self.chance = random.Random(f"{form} {seed}")
        self.serial = 0

    def person(self):
        return f"{self.chance.choice(FAMILIES)}　{self.chance.choice(GIVEN)}"

    def address(self):
        block = f"{self.chance.randint(1, 9)}丁目{self.chance.randint(1, 40)}番{self.chance.randint(1, 30)}号"
        flat = f"　文箱ハイツ{self.chance.randint(101, 915)}号室" if self.chance.random() < 0.4 else ""
        return self.chance.choice(PLACES) + full_width(block + flat)

    def number(self, pattern):
        """@pattern with its %d filled by a number that no other record of this file has."""
        self.serial += 1
        return pattern % (self.chance.randint(10, 99) * 1000000 + self.serial)

    def day(self, first, last):
        return self.chance.randint(first, last), self.chance.randint(1, 12), self.chance.randint(1, 28)

    def maybe(self, record, columns, likely):
        """Put these columns in, or leave them all empty."""
        if self.chance.random() < likely:
            record.update(columns)


def columns(first, *texts):
    return {first + n: str(text) for n, text in enumerate(texts)}


# ---- one maker for each form: what stands outside the rows, and a row ----

def life_head(s):
    return {7: s.person(), 49: "エグザンプル生命保険㈱", 50: hojinbango("010001000123"), 63: str(YEAR), 64: "10", 65: "9"}


def life_row(s, head):
    system = s.chance.choice("11123")
    insured = head[7] if s.chance.random() < 0.7 else s.person()
    record = {3: "生命保険料控除証明書（一般用）", 4: full_width(s.number("第%d号")), 8: insured, 9: s.person(), 51: str(YEAR), 66: system,
              52: s.chance.choice(["月払", "半年払", "年払", "一時払"]), **columns(59, YEAR, 1, YEAR, 9)}
    monthly = s.chance.randint(10, 300) * 100
    dividend = s.chance.choice([0, 0, s.chance.randint(1, 900) * 10])
    kind = s.chance.choice(["一般", "介護医療", "年金"] if system == "1" else ["一般", "年金"])
    # Columns of the certified amount and of the one expected by December.
    certified = {"1": {"年金": 25, "一般": 28, "介護医療": 31}, "2": {"年金": 19, "一般": 22}}
    expected = {"1": {"年金": 40, "一般": 43, "介護医療": 46}, "2": {"年金": 34, "一般": 37}}
    for one in "12" if system == "3" else system:
        record.update(columns(certified[one][kind], monthly * 9, dividend, monthly * 9 - dividend))
        record.update(columns(expected[one][kind], monthly * 12, dividend, monthly * 12 - dividend))
    if kind == "年金":
        record.update({5: "個人年金保険①", 13: "10年確定年金", 14: "010", 18: "030", **columns(10, *s.day(1950, 1999)),
                       **columns(15, *s.day(2030, 2050))})
    else:
        record.update({5: "終身保険" if kind == "一般" else "医療保険（終身型）", 6: s.chance.choice(["010", "030", "999"])})
    s.maybe(record, columns(53, *(s.day(2012, 2025) if system == "1" else s.day(1985, 2011))), 0.9)  # the new system began in 2012
    s.maybe(record, {67: "申告額は、差引保険料等合計額です。"}, 0.3)
    s.maybe(record, {68: s.number("D-%d"), 69: str(s.chance.randint(1, 99999))}, 0.2)
    return record


def quake_head(s):
    return {5: s.person(), 22: "文箱損害保険株式会社", 23: hojinbango("010001000456"), **columns(19, YEAR, 10, 13)}


def quake_row(s, head):
    kind = s.chance.choice("11123")
    start = s.day(2006, 2025)
    record = {3: s.number("FB%d"), 6: kind, 7: s.chance.choice("1234"), 8: head[5], 12: "005", 17: "005", 18: str(YEAR),
              24: s.chance.choice("12345"), **columns(9, *start), **columns(14, *start)}
    if kind in "13":
        premium = s.chance.randint(30, 600) * 100
        record.update(columns(25, premium, premium))
    if kind in "23":
        premium = s.chance.randint(20, 200) * 100
        record.update({27: str(premium), 28: str(premium), 13: "1"})
    s.maybe(record, {4: "%02d" % s.chance.randint(1, 20)}, 0.5)
    s.maybe(record, {29: "耐火構造・割引適用あり（建築年割引）"}, 0.3)
    return record


def gift_head(s):
    return {4: s.person()}


def gift_row(s, head):
    kind = s.chance.choice(["1", "2", "3", "4", "5", "6", "7", "8", "12"])
    record = {3: s.number("R%d"), 5: kind, 7: str(s.chance.randint(1, 500) * 1000), 8: "認定特定非営利活動法人　文箱の森",
              9: s.address(), **columns(10, *s.day(YEAR, YEAR)), 13: "寄附金として"}
    if kind == "8":
        record[6] = "所得税法第78条第３項"
    s.maybe(record, {14: s.number("N-%d")}, 0.2)
    return record


def portal_head(s):
    return {3: s.person(), 4: s.address(), 5: s.number("U%d"), 6: "ふるさと文箱㈱", 7: hojinbango("010001000789"),
            **columns(8, 5, ERA_YEAR + 1, 1, 15), **columns(12, 5, ERA_YEAR), 14: "2"}


def portal_row(s, head):
    town = s.chance.choice(TOWNS)
    record = {17: s.number("F-%d"), **columns(18, *s.day(YEAR, YEAR)), 21: town, 23: str(s.chance.randint(5, 100) * 1000)}
    s.maybe(record, {22: hojinbango("000020" + "%06d" % s.chance.randint(11002, 473821))}, 0.7)
    s.maybe(record, {24: "返礼品あり"}, 0.3)
    return record


def portal_sum(rows):
    total = str(sum(int(r[23]) for r in rows))
    for r in rows:
        r[16] = total


def pension_head(s):
    return {}


def pension_row(s, head):
    monthly, paid = 17920, 9
    record = {2: "1", 3: "1", **columns(4, 5, ERA_YEAR), 7: s.person(), 8: s.address(), **columns(220, 5, ERA_YEAR, 10, 30),
              224: "日本年金文箱機構", 226: s.number("NP%012d")}
    record[6] = full_width(f"{s.chance.randint(1000, 9999)}-{s.serial:06d}")
    if s.chance.random() < 0.15:  # two years paid ahead, claimed year by year
        record.update({3: "2", **columns(34, 5, ERA_YEAR, *"   111111111"), **columns(48, 5, ERA_YEAR + 1, *"1" * 12)})
        record.update(columns(16, monthly * 9, "", monthly * 9, 5, ERA_YEAR, monthly * 9))
        record.update(columns(22, monthly * 12, "", monthly * 12, 5, ERA_YEAR + 1, monthly * 12))
        return {column: text for column, text in record.items() if text.strip()}  # the months before, and sums that are not there
    record.update({**columns(9, 1, 1, 9, 30), **columns(13, monthly * paid, monthly * 3, monthly * 12),
                   **columns(34, 5, ERA_YEAR, *"111111111222")})
    if s.chance.random() < 0.2:
        record.update({2: "2", 224: "文箱国民年金基金", 225: "全国国民年金基金"})
    s.maybe(record, {216: "証明期間の外に納められた保険料があります。"}, 0.1)
    s.maybe(record, {217: "1", 218: "特定事由申出による特例保険料", 219: str(monthly)}, 0.05)
    return record


def mutual_head(s):
    return {}


def mutual_row(s, head):
    monthly = s.chance.randint(5, 23) * 1000
    record = {**columns(2, 5, ERA_YEAR), 4: s.chance.choice("12"), 5: s.person(), 6: s.address(), **columns(8, 5, ERA_YEAR),
              **columns(10, 9, monthly * 9, 10, 12, monthly * 3, monthly * 12), **columns(49, 5, ERA_YEAR, 10, 30)}
    if record[4] == "1":
        era, year = s.chance.choice([(3, s.chance.randint(50, 63)), (4, s.chance.randint(2, 30)), (5, s.chance.randint(2, 7))])
        record.update({7: s.number("%d"), 53: "独立行政法人文箱機構", 54: s.number("SK%d"), 16: "0",
                       **columns(17, era, year, s.chance.randint(1, 12), s.chance.randint(1, 28), monthly, "口座振替", "毎月")})
        return record
    record.update({7: s.number("%d"), 53: "文箱年金連合会", 54: s.number("ID%d")})
    for month in range(12):
        record[24 + 2 * month] = str(monthly)
    s.maybe(record, {47: "拠出予定"}, 0.5)
    s.maybe(record, {48: "１月分は前年１２月に拠出"}, 0.2)
    return record


MAKERS = {"TEG800": (life_head, life_row), "TEG810": (quake_head, quake_row), "TEG822": (gift_head, gift_row),
          "TEG830": (portal_head, portal_row), "TEG840": (pension_head, pension_row), "TEG850": (mutual_head, mutual_row)}


# ---- records, and the file ----

def rows_of(s, form, rows):
    """How many rows the next person has: @rows, or as it happens in life."""
    if form not in GROUPED:
        return 1
    if rows:
        return rows
    return s.chance.randint(2, 12 if form == "TEG830" else 4) if s.chance.random() < 0.2 else 1


def records(form, n, seed=1, rows=None):
    """@n valid records. @rows: of each person (1: nobody has a grouping code); None: some have several."""
    s = Source(form, seed)
    make_head, make_row = MAKERS[form]
    made, groups = [], 0
    while len(made) < n:
        head = make_head(s)
        group = [{**head, **make_row(s, head)} for _ in range(min(rows_of(s, form, rows), n - len(made)))]
        if form == "TEG830":
            portal_sum(group)
        if len(group) > 1:
            groups += 1
            code = "%04d" % groups
            for r in group:
                r[2] = code
        made += [{1: form, **r} for r in group]
    return made


def line(record):
    """One line of CSV without its end; a text with a comma or a quote in it is quoted as in RFC 4180."""
    def field(text):
        return '"' + text.replace('"', '""') + '"' if set(text) & set(',"\r\n') else text
    return ",".join(field(record.get(column, "")) for column in range(1, COLUMNS[record[1]] + 1))


def csv(list_of_records, end="\r\n"):
    return "".join(line(r) + end for r in list_of_records).encode("cp932")


def write_csv(path, list_of_records, end="\r\n"):
    pathlib.Path(path).write_bytes(csv(list_of_records, end))


def main():
    arguments = argparse.ArgumentParser(description="made-up certificates of the NTA's forms")
    what = arguments.add_subparsers(dest="what", required=True)
    a = what.add_parser("csv", help="a sender's CSV")
    a.add_argument("form", choices=sorted(COLUMNS))
    a.add_argument("--records", type=int, default=10)
    a.add_argument("--seed", default="1")
    a.add_argument("--rows", type=int, help="records of each person; some have several when this is left out")
    a.add_argument("--out", help="file; standard output when left out")
    k = what.add_parser("keys", help="an authority, signers and revocation lists")
    k.add_argument("folder")
    given = arguments.parse_args()
    if given.what == "keys":
        import authority
        authority.make(given.folder)
        return
    made = csv(records(given.form, given.records, given.seed, given.rows))
    if given.out:
        pathlib.Path(given.out).write_bytes(made)
    else:
        sys.stdout.buffer.write(made)


if __name__ == "__main__":
    main()
