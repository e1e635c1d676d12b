/* main.c - fumibako-verify: judge receipts offline, with a trust file and nothing else (E6.3, E6.6)
 *
 * No network, no store, no key. Three verdicts, told by word and exit code: OK 0, FAIL 1,
 * INCOMPLETE 3. Of several receipts the worst verdict is the exit code: FAIL before INCOMPLETE
 * before OK. */
#include "verify/verify.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/secret.h"
#include "base/text.h"
#include "crypt/hash.h"
#include "letter/name.h"
#include "letter/receipt.h"
#include "letter/submit.h"
#include "schemas/events.h"

static const char *const verdict_word[] = { "OK", "FAIL", NULL, "INCOMPLETE" };

/* In the reader's language; the verdict's word is the same in all. */
static const char *pick(const char *english, const char *japanese)
{
        return cli_japanese() ? japanese : english;
}

static const char *gloss(enum receipt_verdict v)
{
        static const char *const japanese[] = { " (有効)", " (無効)", "", " (判定できません)" };

        return pick("", japanese[v]);
}

static const char *default_trust(struct cli *c)
{
        return cli_has(c, "trust") ? cli_get(c, "trust") : "trust";
}

static void put_events(struct buf *out, const struct event *e, const char *between)
{
        struct field_numbers n = e->events;
        uint64_t code;

        for (bool first = true; field_numbers_next(&n, &code); first = false) {
                const char *name = events_name(code);

                buf_printf(out, "%s%s", first ? "" : between, name ? name : "?");
        }
}

static void put_hash(struct buf *out, const struct hash *h)
{
        text_put_hex(out, slice_hash(h));
}

static void text_event(struct buf *out, const struct receipt_finding *f)
{
        const struct event *e = &f->event;
        char time[CLOCK_RFC3339_MS];

        clock_rfc3339_ms(time, (instant)e->time);
        buf_puts(out, pick("  event      ", "  出来事     "));
        put_events(out, e, ", ");
        buf_printf(out, "\n%s%s\n%s%.*s\n", pick("  time       ", "  日時       "), time,
                   pick("  broker     ", "  局         "), (int)e->broker.len,
                   (const char *)e->broker.at);
        if (e->has_from && e->has_to)
                buf_printf(out, "%s%.*s\n%s%.*s\n", pick("  from       ", "  差出人     "),
                           (int)e->from.len, (const char *)e->from.at,
                           pick("  to         ", "  宛先       "), (int)e->to.len,
                           (const char *)e->to.at);
        if (e->has_subject)
                buf_printf(out, "%s%.*s\n", pick("  about      ", "  対象       "),
                           (int)e->subject.len, (const char *)e->subject.at);
        if (e->has_letter) {
                buf_puts(out, pick("  letter     ", "  文書       "));
                put_hash(out, &e->letter);
                buf_putc(out, '\n');
        }
        if (e->has_digest) {
                buf_puts(out, pick("  sealed     SHA-256 ", "  封緘       SHA-256 "));
                put_hash(out, &e->digest);
                buf_printf(out, cli_japanese() ? "、%llu バイト\n" : ", %llu bytes\n",
                           (unsigned long long)e->size);
        }
        buf_printf(out,
                   cli_japanese() ? "  台帳       %s、%llu 番 (全 %llu)\n"
                                  : "  log        %s, leaf %llu of %llu\n",
                   f->checkpoint.origin, (unsigned long long)f->leaf,
                   (unsigned long long)f->checkpoint.size);
}

static void json_event(struct buf *out, const struct receipt_finding *f)
{
        const struct event *e = &f->event;

        buf_puts(out, ",\"events\":[\"");
        put_events(out, e, "\",\"");
        buf_printf(out, "\"],\"time\":%llu,\"broker\":", (unsigned long long)e->time);
        text_put_json(out, e->broker);
        if (e->has_from && e->has_to) {
                buf_puts(out, ",\"from\":");
                text_put_json(out, e->from);
                buf_puts(out, ",\"to\":");
                text_put_json(out, e->to);
        }
        if (e->has_letter) {
                buf_puts(out, ",\"letter\":\"");
                put_hash(out, &e->letter);
                buf_putc(out, '"');
        }
        if (e->has_digest) {
                buf_puts(out, ",\"digest\":\"");
                put_hash(out, &e->digest);
                buf_printf(out, "\",\"size\":%llu", (unsigned long long)e->size);
        }
        buf_puts(out, ",\"log\":");
        text_put_json(out, slice_str(f->checkpoint.origin));
        buf_printf(out, ",\"leaf\":%llu,\"tree\":%llu", (unsigned long long)f->leaf,
                   (unsigned long long)f->checkpoint.size);
}

static void put_witnesses(struct buf *out, const struct receipt_finding *f, const struct policy *p,
                          bool json)
{
        bool first = true;

        for (size_t i = 0; i < p->witnesses; i++) {
                if (!(f->cosigned >> i & 1))
                        continue;
                buf_puts(out, first ? "" : json ? "," : ", ");
                if (json)
                        text_put_json(out, slice_str(p->witness[i].name));
                else
                        buf_puts(out, p->witness[i].name);
                first = false;
        }
}

static void text_witnesses(struct buf *out, const struct receipt_finding *f, const struct policy *p)
{
        if (!f->cosigned)
                return;
        buf_puts(out, pick("  witnesses  ", "  証人       "));
        put_witnesses(out, f, p, false);
        buf_putc(out, '\n');
}

static void json_witnesses(struct buf *out, const struct receipt_finding *f, const struct policy *p)
{
        if (!f->logged)
                return;
        buf_puts(out, ",\"witnesses\":[");
        put_witnesses(out, f, p, true);
        buf_putc(out, ']');
}

static void say(struct cli *c, const char *path, const struct receipt_finding *f,
                const struct policy *policy)
{
        BUF_OWNED out = { 0 };

        if (cli_json(c)) {
                buf_puts(&out, "{\"receipt\":");
                text_put_json(&out, slice_str(path));
                buf_printf(&out, ",\"verdict\":\"%s\",\"reason\":", verdict_word[f->verdict]);
                text_put_json(&out, slice_str(f->reason));
                if (f->has_event)
                        json_event(&out, f);
                json_witnesses(&out, f, policy);
                buf_puts(&out, "}\n");
        } else {
                buf_printf(&out, "%s: %s%s%s%s\n", path, verdict_word[f->verdict],
                           gloss(f->verdict), *f->reason ? ": " : "", f->reason);
                if (f->has_event && f->verdict == RECEIPT_OK) {
                        text_event(&out, f);
                        text_witnesses(&out, f, policy);
                }
        }
        fputs(buf_cstr(&out), stdout);
}

/* The verdict with its one sentence: @before, the thing, @after. */
static void find(struct receipt_finding *f, enum receipt_verdict v, const char *before,
                 const char *thing, const char *after)
{
        f->verdict = v;
        snprintf(f->reason, sizeof(f->reason), "%s%.180s%s", before, thing, after);
}

/* Does the receipt speak of this very letter? @path is a sealed .age file. */
static void compare_letter(struct receipt_finding *f, const char *path)
{
        BUF_OWNED sealed = { 0 };
        struct hash digest;
        int r = file_read(&sealed, path, MESSAGES_BODY_MOST);

        if (r) {
                find(f, RECEIPT_INCOMPLETE, "the letter ", path,
                     r == FILE_ABSENT ? " is missing" : " cannot be read");
                return;
        }
        hash_sha256(&digest, buf_slice(&sealed));
        if (!f->event.has_digest)
                find(f, RECEIPT_INCOMPLETE, "this event names no sealed bytes to compare with ",
                     path, "");
        else if (!hash_eq(&digest, &f->event.digest))
                find(f, RECEIPT_FAIL, "", path, " is not the letter that this receipt is for");
}

static enum receipt_verdict judge(struct cli *c, const char *path, const struct trust *trust,
                                  const char *no_trust, struct receipt_memory *memory)
{
        struct receipt_finding f = { .verdict = RECEIPT_OK };
        enum receipt_verdict verdict;
        BUF_OWNED receipt = { 0 };
        int r = file_read(&receipt, path, PROOF_MOST);

        if (r == FILE_ABSENT)
                find(&f, RECEIPT_INCOMPLETE, "there is no file ", path, "");
        else if (r)
                find(&f, RECEIPT_FAIL, "", path, " is no receipt: unreadable or too large");
        else if (no_trust)
                find(&f, RECEIPT_INCOMPLETE, "no usable trust file: ", no_trust, "");
        else if (receipt_judge_next(&f, buf_slice(&receipt), trust, memory) < 0)
                find(&f, RECEIPT_INCOMPLETE, "no memory to judge ", path, "");
        else if (f.verdict == RECEIPT_OK && cli_has(c, "letter"))
                compare_letter(&f, cli_get(c, "letter"));
        say(c, path, &f, &trust->policy);
        verdict = f.verdict;
        receipt_finding_free(&f);
        return verdict;
}

static int verify(struct cli *c)
{
        struct receipt_memory memory = { .held = false };
        enum receipt_verdict worst = RECEIPT_OK;
        const char *no_trust = NULL;
        struct trust trust = { .logs = 0 };
        struct trust_why why;
        int r = trust_read(&trust, default_trust(c), &why);

        if (r)
                no_trust = r == TRUST_BAD ? why.text : default_trust(c);
        if (cli_has(c, "fork"))
                return fork_verify(c, &trust, no_trust);
        if (cli_has(c, "letter") && c->count > 1)
                return cli_wrong(c, "--letter goes with one receipt");
        for (int i = 0; i < c->count; i++) {
                enum receipt_verdict v = judge(c, c->argument[i], &trust, no_trust, &memory);

                if (v == RECEIPT_FAIL || worst == RECEIPT_OK)
                        worst = v;
        }
        return (int)worst;
}

int main(int argc, char **argv)
{
        static const struct cli_option options[] = {
                { "trust", "FILE", "whom you believe (default: the file 'trust' in this folder)" },
                { "letter", "FILE", "the sealed letter (.age): check that the receipt is for it" },
                { "fork", NULL,
                  "has the log told two histories? One file of fumibako-witness, or two receipts "
                  "or "
                  "checkpoints" },
                { "json", NULL, "one JSON object a receipt" },
                { NULL },
        };
        static const struct cli_command commands[] = {
                { NULL, "RECEIPT...", "",
                  "Verdicts and exit codes: OK 0; FAIL 1, something is wrong; INCOMPLETE 3, "
                  "nothing wrong was\nfound but the input that is named is missing; 2, called "
                  "wrongly.\nWith --fork: 0, two histories are proved; 1, they are not; 3, "
                  "something is missing.",
                  1, -1, options, verify },
                { .run = NULL },
        };
        static const struct cli_program program = {
                .name = "fumibako-verify",
                .about = "Judge receipts offline: was this event in the broker's log when the "
                         "checkpoint was signed?",
                .command = commands,
        };

        if (secret_init() < 0)
                return CLI_USAGE;
        log_open("verify", LOG_QUIET, LOG_TEXT);
        return cli_main(&program, argc, argv);
}
