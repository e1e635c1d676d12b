"""schemac_c - the C side of the schemas: structs, field tables, codes, and a fuzzing dictionary"""
import re

U64_MOST = 2**64 - 1
HEAD = "/* {name} - written by schemas/schemac.py from {source}; change that instead */\n"
TYPES = {
    "u64": "uint64_t {name}", "bool": "bool {name}",
    "str": "struct slice {name}", "text": "struct slice {name}", "bin": "struct slice {name}",
    "fixed": "uint8_t {name}[{size}]", "hash": "struct hash {name}", "hashes": "struct slice {name}",
    "numbers": "struct field_numbers {name}", "record": "struct slice {name}", "list": "struct field_list {name}",
}


def quote(s):
    """A C string. A question mark is escaped because C11 still has trigraphs."""
    for plain in '\\"?':
        s = s.replace(plain, "\\" + plain)
    return f'"{s}"'


def upper(name):
    """SubmissionAcceptance or NO_SUCH_LETTER as the tail of a constant."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).upper()


def limits_of(field):
    """Least and most, in the unit that the engine checks for the type: value, bytes or items."""
    kind = field["type"]
    if kind == "fixed":
        return field["size"], field["size"]
    if kind == "hash":
        return 32, 32
    return field.get("min", 0), field.get("max", U64_MOST if kind == "u64" else 0)


def declare(table):
    lines = [f"/* {table.doc} */"] if table.doc else []
    lines.append(f"struct {table.name} {{")
    for f in table.fields:
        lines.append(f"        {TYPES[f['type']].format(**f)};" + (f" /* {f['doc']} */" if f.get("doc") else ""))
        if f.get("optional"):
            lines.append(f"        bool has_{f['name']};")
    if not table.fields:
        lines.append("        uint8_t nothing;        /* C knows no empty struct */")
    lines += ["};", f"extern const struct field_table {table.name}_table;", ""]
    return lines


def define(table):
    lines = []
    if table.fields:
        lines.append(f"static const struct field_entry {table.name}_fields[] = {{")
    for f in table.fields:
        least, most = limits_of(f)
        has = f"offsetof(struct {table.name}, has_{f['name']})" if f.get("optional") else "0"
        of = f"&{f['of']}_table" if "of" in f else "NULL"
        lines.append(f"        {{ {f['key']}, FIELD_{f['type'].upper()}, offsetof(struct {table.name}, {f['name']}), "
                     f"{has}, {least}, UINT64_C({most}), {of}, {quote(f['name'])} }},")
    if table.fields:
        lines += ["};"]
    fields = f"{table.name}_fields" if table.fields else "NULL"
    lines += [f"const struct field_table {table.name}_table = {{ {quote(table.name)}, {fields}, "
              f"{len(table.fields)}, sizeof(struct {table.name}) }};", ""]
    return lines


def iterate(prefix, tables):
    """All tables in a row, for tests, fuzzers and tools that show any record."""
    return [f"const struct field_table *const {prefix}_tables[] = {{",
            *(f"        &{t.name}_table," for t in tables), "};"]


def messages_h(s, tables):
    lines = ['#pragma once', '', '#include "wire/frame.h"', '', "enum messages_limit {",
             f"        MESSAGES_VERSION = {s.version},"]
    lines += [f"        MESSAGES_{name.upper()} = {value}," for name, value in s.limits.items()]
    lines += ["};", "", "enum verb {"]
    lines += [f"        VERB_{name.upper()} = {verb}," for verb, name, _, _ in s.requests]
    lines += ["};", ""]
    for table in tables:
        lines += declare(table)
    lines += [f"enum {{ MESSAGES_VERBS = {len(s.requests)}, MESSAGES_TABLES = {len(tables)} }};",
              "extern const struct frame_verb messages_verbs[];",
              "extern const struct field_table *const messages_tables[];"]
    return lines


def messages_c(s, tables):
    lines = ['#include "schemas/messages.h"', '#include "wire/field_table.h"', ""]
    for table in tables:
        lines += define(table)
    lines.append("const struct frame_verb messages_verbs[] = {")
    for _, name, ask, answer in s.requests:
        lines.append(f"        {{ VERB_{name.upper()}, {quote(name)}, &{ask.name}_table, &{answer.name}_table, "
                     f"sizeof(struct {ask.name}), sizeof(struct {answer.name}) }},")
    return lines + ["};", ""] + iterate("messages", tables)


def rows_h(tables):
    lines = ['#pragma once', '', '#include "schemas/messages.h"', '']
    for table in tables:
        lines += declare(table)
    return lines + [f"enum {{ ROWS_TABLES = {len(tables)} }};",
                    "extern const struct field_table *const rows_tables[];"]


def rows_c(tables):
    lines = ['#include "schemas/rows.h"', '#include "wire/field_table.h"', ""]
    for table in tables:
        lines += define(table)
    return lines + iterate("rows", tables)


def codes_h(struct, prefix, first, members, rows):
    lines = ["#pragma once", "", "#include <stdbool.h>", "#include <stddef.h>", "#include <stdint.h>", "",
             f"enum {struct}_code {{", *first]
    lines += [f"        {struct.upper()}_{upper(row['name'])} = {row['code']}," for row in rows]
    lines += ["};", "", f"struct {prefix} {{", *(f"        {m}" for m in members), "};", ""]
    return lines


def find_c(struct, table, count, function):
    return ["", f"const struct {struct} *{function}(uint64_t code)", "{",
            f"        for (size_t i = 0; i < {count}; i++)",
            f"                if ({table}[i].code == code)", f"                        return &{table}[i];",
            "        return NULL;", "}"]


def events_h(rows):
    lines = codes_h("event", "events_kind", [],
                    ["uint64_t code;", "const char *name;", "const char *etsi;  /* code in EN 319 522-1; NULL for our own */",
                     "const char *doc;"], rows)
    return lines + [f"enum {{ EVENTS_COUNT = {len(rows)} }};", "extern const struct events_kind events[];", "",
                    "/* NULL for a code nobody knows. */", "const struct events_kind *events_find(uint64_t code);",
                    "const char *events_name(uint64_t code);", "const char *events_etsi(uint64_t code);"]


def events_c(rows):
    lines = ['#include "schemas/events.h"', "", "const struct events_kind events[] = {"]
    for row in rows:
        etsi = quote(row["etsi"]) if "etsi" in row else "NULL"
        lines.append(f"        {{ {row['code']}, {quote(row['name'])}, {etsi}, {quote(row.get('doc', ''))} }},")
    lines += ["};"] + find_c("events_kind", "events", "EVENTS_COUNT", "events_find")
    for member in ("name", "etsi"):
        lines += ["", f"const char *events_{member}(uint64_t code)", "{",
                  "        const struct events_kind *e = events_find(code);", "",
                  f"        return e ? e->{member} : NULL;", "}"]
    return lines


def outcomes_h(rows):
    lines = codes_h("outcome", "outcome", ["        OUTCOME_DONE = 0,"],
                    ["uint64_t code;", "const char *name;", "bool retry;     /* the same bytes may be sent again */",
                     "const char *en;", "const char *ja;", "const char *next_en;    /* what to do now */",
                     "const char *next_ja;"], rows)
    return lines + [f"enum {{ OUTCOMES_COUNT = {len(rows) + 1} }};    /* with DONE */",
                    "extern const struct outcome outcomes[];", "", "/* NULL for a code nobody knows. */",
                    "const struct outcome *outcomes_find(uint64_t code);"]


def outcomes_c(rows):
    done = {"code": 0, "name": "DONE", "retry": False, "en": "Done.", "ja": "完了しました。", "next_en": "", "next_ja": ""}
    lines = ['#include "schemas/outcomes.h"', "", "const struct outcome outcomes[] = {"]
    for row in [done] + rows:
        words = ", ".join(quote(row[w]) for w in ("en", "ja", "next_en", "next_ja"))
        lines.append(f"        {{ {row['code']}, {quote(row['name'])}, {str(row['retry']).lower()}, {words} }},")
    return lines + ["};"] + find_c("outcome", "outcomes", "OUTCOMES_COUNT", "outcomes_find")


def metrics_h(rows):
    lines = ["#pragma once", "", "#include <stdbool.h>", "", "enum metric {"]
    lines += [f"        METRIC_{row['name'].upper()}, /* {row['doc']} */" for row in rows]
    return lines + ["        METRIC_COUNT,", "};", "", "struct metric_about {", "        const char *name;",
                    "        bool gauge;     /* as it is now; otherwise it only grows */",
                    "        const char *doc;", "};", "extern const struct metric_about metrics_about[METRIC_COUNT];"]


def metrics_c(rows):
    lines = ['#include "schemas/metrics.h"', "", "const struct metric_about metrics_about[METRIC_COUNT] = {"]
    lines += [f"        {{ {quote(row['name'])}, {str(row['kind'] == 'gauge').lower()}, {quote(row['doc'])} }}," for row in rows]
    return lines + ["};"]


def write(s, out):
    messages = [t for t in s.messages if not t.streamed]
    rows = [t for t in s.rows if not t.streamed]
    for name, source, lines in (
            ("messages.h", "messages.toml", messages_h(s, messages)), ("messages.c", "messages.toml", messages_c(s, messages)),
            ("rows.h", "rows.toml", rows_h(rows)), ("rows.c", "rows.toml", rows_c(rows)),
            ("events.h", "events.toml", events_h(s.events)), ("events.c", "events.toml", events_c(s.events)),
            ("outcomes.h", "outcome.toml", outcomes_h(s.outcomes)), ("outcomes.c", "outcome.toml", outcomes_c(s.outcomes)),
            ("metrics.h", "metrics.toml", metrics_h(s.metrics)), ("metrics.c", "metrics.toml", metrics_c(s.metrics))):
        content = HEAD.format(name=name, source=source) + "\n".join(lines) + "\n"
        (out / name).write_text(content, encoding="utf-8")


def packed(v):
    """A number as msgpack spells it."""
    if v < 128:
        return bytes([v])
    head, size = next((h, n) for h, n in ((0xcc, 1), (0xcd, 2), (0xce, 4), (0xcf, 8)) if v < 256**n)
    return bytes([head]) + v.to_bytes(size, "big")


def dictionary(s):
    words = {packed(verb) for verb, *_ in s.requests} | {packed(v) for v in s.limits.values()}
    for table in s.messages + s.rows:
        words.add(bytes([0x80 | len(table.fields)]) if len(table.fields) < 16 else b"\xde\0" + bytes([len(table.fields)]))
        for field in table.fields:
            least, most = limits_of(field)
            words.add(packed(most))
            if field["type"] in ("fixed", "hash"):
                words.add(bytes([field["key"], 0xc4, most]) if most < 256 else packed(most))
    return "".join('"' + "".join(f"\\x{b:02x}" for b in w) + '"\n' for w in sorted(words))
