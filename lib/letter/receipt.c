/* receipt.c - receipts: made from tiles, judged with nothing but the trust file
 *
 *      c2sp.org/tlog-proof@v1
 *      extra <base64 of disclosure { salt, event }>    opens the commitment: the event's leaf
 *      index <leaf>
 *      <path>                                          leads from the leaf to the root
 *
 *      <checkpoint>                                    root, signed by the log, and by witnesses
 *
 * Each byte of a receipt is bound by one of these steps or has one spelling, so that none can
 * change unseen. Two things the formats would leave open are closed here: the disclosure has its
 * two fields and no others, and a line of a key that the trust file does not have is a missing
 * input, because it could say anything (E6.8). */
#include "letter/receipt.h"

#include "base/fault.h"
#include "base/text.h"
#include "crypt/hash.h"
#include "evidence/cosign.h"
#include "letter/event.h"
#include "letter/name.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

static_assert(sizeof(((struct disclosure *)0)->salt) == EVENT_SALT, "one size of salt");

__attribute__((format(printf, 3, 4))) static int
say(struct receipt_finding *f, enum receipt_verdict verdict, const char *fmt, ...)
{
        va_list ap;

        f->verdict = verdict;
        va_start(ap, fmt);
        vsnprintf(f->reason, sizeof(f->reason), fmt, ap);
        va_end(ap);
        return 0;
}

/* E2.6: an origin is the broker's name and "/log/N". The name, or nothing. */
static struct slice broker_of(const char *origin)
{
        struct slice s = slice_str(origin), mark = slice_str("/log/"), name;
        size_t digits = 0;
        uint64_t partition;

        while (digits < s.len && s.at[s.len - 1 - digits] >= '0' && s.at[s.len - 1 - digits] <= '9')
                digits++;
        if (s.len < digits + mark.len || !text_get_u64(slice_from(s, s.len - digits), &partition))
                return (struct slice){ 0 };
        name = slice_upto(s, s.len - digits - mark.len);
        if (!slice_eq(slice_upto(slice_from(s, name.len), mark.len), mark) || !name_party_ok(name))
                return (struct slice){ 0 };
        return name;
}

/* ---- the event and its place in the tree ---- */

/* The two fields in their one spelling, and nothing that nobody committed to. */
static bool read_disclosure(struct disclosure *d, struct slice extra)
{
        BUF_OWNED again = { 0 };

        if (field_read(&disclosure_table, extra, d, NULL))
                return false;
        field_write(&disclosure_table, &again, d);
        return slice_eq(extra, buf_slice(&again));
}

/* False, with the verdict in @f, when the event is not what the receipt says of it. */
static bool event_holds(struct receipt_finding *f, const struct proof *p)
{
        const struct checkpoint *c = &f->checkpoint;
        struct disclosure d;
        struct hash leaf;

        if (!read_disclosure(&d, p->extra) ||
            field_read(&event_table, d.event, &f->event, NULL) != 0) {
                say(f, RECEIPT_FAIL, "The event in the receipt is not well-formed.");
                return false;
        }
        f->has_event = true;
        if (!slice_eq(f->event.broker, broker_of(c->origin))) {
                say(f, RECEIPT_FAIL, "The event is of another broker than the log.");
                return false;
        }
        event_leaf(&leaf, d.salt, d.event);
        if (!tree_verify_path(&leaf, p->index, c->size, p->path, p->path_len, &c->root)) {
                say(f, RECEIPT_FAIL, "The event is not leaf %" PRIu64 " of the log's %" PRIu64 ".",
                    p->index, c->size);
                return false;
        }
        return true;
}

/* ---- the checkpoint ---- */

struct keys {
        const struct note_key *log;
        size_t logs;
        const struct policy *policy;
        struct receipt_memory *memory; /* NULL: none */
};

static bool is_log_line(const struct note_line *line, const struct keys *keys)
{
        for (size_t i = 0; i < keys->logs; i++)
                if (slice_is(line->name, keys->log[i].name) &&
                    line->id == note_key_id(&keys->log[i], NOTE_ED25519))
                        return true;
        return false;
}

static bool is_witness_line(const struct note_line *line, const struct keys *keys)
{
        for (size_t i = 0; i < keys->policy->witnesses; i++)
                if (cosign_is_of(line, &keys->policy->witness[i].key))
                        return true;
        return false;
}

static bool names_the_log(const struct keys *keys, const char *origin)
{
        for (size_t i = 0; i < keys->logs; i++)
                if (strcmp(keys->log[i].name, origin) == 0)
                        return true;
        return false;
}

/* Two lines of one key say nothing more than one, but would be two spellings of one receipt. */
static bool has_twins(const struct note *n)
{
        for (size_t i = 0; i < n->lines; i++)
                for (size_t j = i + 1; j < n->lines; j++)
                        if (n->line[i].id == n->line[j].id)
                                return true;
        return false;
}

/* The lines before any signature is looked at. Like its callers: false, with the verdict in @f. */
static bool lines_hold(struct receipt_finding *f, const struct note *n, const struct keys *keys)
{
        const char *origin = f->checkpoint.origin;
        bool by_log = false, known = names_the_log(keys, origin);

        if (has_twins(n)) {
                say(f, RECEIPT_FAIL, "The checkpoint carries two signature lines of one key.");
                return false;
        }
        for (size_t i = 0; i < n->lines; i++) {
                if (!slice_is(n->line[i].name, origin))
                        continue;
                by_log = true;
                if (known && !is_log_line(&n->line[i], keys)) {
                        say(f, RECEIPT_FAIL,
                            "The checkpoint is signed by another key than the trust file has for "
                            "%s.",
                            origin);
                        return false;
                }
        }
        if (!by_log)
                say(f, RECEIPT_FAIL, "The checkpoint is not signed by its log.");
        else if (!known)
                say(f, RECEIPT_INCOMPLETE, "The trust file has no key for the log %s.", origin);
        return by_log && known;
}

static bool signatures_hold(struct receipt_finding *f, const struct note *n,
                            const struct keys *keys)
{
        if (!lines_hold(f, n, keys))
                return false;
        for (size_t i = 0; i < keys->logs; i++)
                if (note_verify(n, &keys->log[i]) == NOTE_FORGED) {
                        say(f, RECEIPT_FAIL, "The signature under the checkpoint is false.");
                        return false;
                }
        if (policy_cosigned(keys->policy, n, &f->cosigned) != 0) {
                say(f, RECEIPT_FAIL, "A witness's cosignature under the checkpoint is false.");
                return false;
        }
        return true;
}

/* The same bytes under the same keys hold again. */
static bool signatures_held(struct receipt_finding *f, const struct note *n,
                            const struct keys *keys)
{
        struct receipt_memory *m = keys->memory;
        struct hash note;

        if (!m)
                return signatures_hold(f, n, keys);
        hash_sha256(&note, n->whole);
        if (m->held && hash_eq(&note, &m->checkpoint)) {
                f->cosigned = m->cosigned;
                return true;
        }
        if (!signatures_hold(f, n, keys))
                return false;
        *m = (struct receipt_memory){ note, f->cosigned, true };
        return true;
}

/* ---- witnesses ---- */

/* "w1, w2", or as many of them as have room. */
static void put_witnesses(char out[static 128], const struct policy *p, uint32_t set)
{
        size_t at = 0;

        out[0] = 0;
        for (size_t i = 0; i < p->witnesses; i++) {
                const char *name = p->witness[i].name;

                if (!(set >> i & 1))
                        continue;
                if (at + strlen(name) + 8 > 128) {
                        snprintf(out + at, 128 - at, ", ...");
                        return;
                }
                at += (size_t)snprintf(out + at, 128 - at, "%s%s", at ? ", " : "", name);
        }
}

/* E6.8: enough of them, and nobody whom the trust file does not know. False, with the verdict. */
static bool witnesses_suffice(struct receipt_finding *f, const struct note *n,
                              const struct keys *keys)
{
        char names[128];

        if (!policy_met(keys->policy, f->cosigned)) {
                put_witnesses(names, keys->policy, policy_missing(keys->policy, f->cosigned));
                say(f, RECEIPT_INCOMPLETE,
                    "Not enough witnesses have cosigned the checkpoint: missing %s.", names);
                return false;
        }
        for (size_t i = 0; i < n->lines; i++) {
                const struct note_line *l = &n->line[i];

                if (is_log_line(l, keys) || is_witness_line(l, keys))
                        continue;
                say(f, RECEIPT_INCOMPLETE,
                    "The trust file has no key for %.*s, which signed the checkpoint too.",
                    (int)(l->name.len < 160 ? l->name.len : 160), (const char *)l->name.at);
                return false;
        }
        return true;
}

/* ---- both ---- */

static int say_ok(struct receipt_finding *f, const struct proof *p, const struct keys *keys)
{
        char names[128];

        if (!f->cosigned)
                return say(f, RECEIPT_OK,
                           "The event is leaf %" PRIu64 " of %s, which signed for it.", p->index,
                           f->checkpoint.origin);
        put_witnesses(names, keys->policy, f->cosigned);
        return say(f, RECEIPT_OK, "The event is leaf %" PRIu64 " of %.60s, cosigned by %s.",
                   p->index, f->checkpoint.origin, names);
}

static int judge_parts(struct receipt_finding *f, const struct proof *p, const struct keys *keys)
{
        struct note n;
        int r = checkpoint_read(&f->checkpoint, &n, p->checkpoint);

        assert(r == 0);
        f->leaf = p->index;
        if (broker_of(f->checkpoint.origin).len == 0)
                return say(f, RECEIPT_FAIL, "The checkpoint does not name a broker's log.");
        if (p->extra.len && !event_holds(f, p))
                return 0;
        if (!signatures_held(f, &n, keys))
                return 0;
        if (!p->extra.len)
                return say(f, RECEIPT_INCOMPLETE,
                           "The event and its salt are missing: nothing opens leaf %" PRIu64 ".",
                           p->index);
        f->logged = true;
        if (!witnesses_suffice(f, &n, keys))
                return 0;
        return say_ok(f, p, keys);
}

static int judge(struct receipt_finding *out, struct slice receipt, const struct keys *keys)
{
        struct receipt_finding f = { 0 };
        struct proof p;
        int r = proof_read(&p, receipt);

        if (r < 0)
                return r;
        if (r == 0) {
                judge_parts(&f, &p, keys);
                f.store = p.store;
        } else {
                say(&f, RECEIPT_FAIL, "This is not a well-formed receipt.");
        }
        *out = f;
        return 0;
}

int receipt_judge(struct receipt_finding *out, struct slice receipt, const struct trust *trust)
{
        return receipt_judge_next(out, receipt, trust, NULL);
}

int receipt_judge_next(struct receipt_finding *out, struct slice receipt, const struct trust *trust,
                       struct receipt_memory *memory)
{
        const struct keys keys = { trust->log, trust->logs, &trust->policy, memory };

        return judge(out, receipt, &keys);
}

void receipt_finding_free(struct receipt_finding *f)
{
        buf_free(&f->store);
        *f = (struct receipt_finding){ 0 };
}

/* The path in the tree of exactly the checkpoint's size, whatever size the tiles were said to have.
 */
static int path_from_tiles(struct hash *path, size_t *len, uint64_t leaf, uint64_t size,
                           const struct tile_source *tiles)
{
        struct tile_source at = { tiles->tile, tiles->ctx, size };
        struct tree_source src = tile_tree_source(&at);

        if (leaf >= size)
                return fault(-EPROTO);
        return tree_path(path, len, leaf, size, &src);
}

/* What a stranger's tiles and checkpoint make is judged like any other receipt before it is given
 * out, so that a false one is found out today and not when it is needed. */
static int give_out(struct buf *out, const struct buf *receipt, const struct keys *keys)
{
        struct receipt_finding f;
        bool logged;
        int r;

        if (buf_fault(receipt))
                return fault(buf_fault(receipt));
        r = judge(&f, buf_slice(receipt), keys);
        if (r)
                return r;
        logged = f.logged;
        receipt_finding_free(&f);
        if (!logged)
                return fault(-EPROTO);
        buf_put(out, buf_slice(receipt));
        return buf_fault(out);
}

static bool is_ours(void *ctx, const struct note_line *line)
{
        const struct keys *keys = ctx;

        return is_log_line(line, keys) || is_witness_line(line, keys);
}

int receipt_make(struct buf *out, struct slice event, const uint8_t salt[static 16], uint64_t leaf,
                 struct slice checkpoint, const struct note_key *log, const struct policy *policy,
                 struct tile_source *tiles)
{
        struct keys keys = { log, 1, policy, NULL };
        struct disclosure d = { .event = event };
        struct hash path[TREE_DEPTH_MOST];
        BUF_OWNED receipt = { 0 };
        BUF_OWNED stripped = { 0 };
        BUF_OWNED extra = { 0 };
        struct checkpoint c;
        struct note n;
        size_t len = 0;
        int r;

        if (checkpoint_open(&c, checkpoint, log) || checkpoint_read(&c, &n, checkpoint))
                return fault(-EPROTO);
        cosign_strip(&stripped, &n, is_ours, &keys);
        r = path_from_tiles(path, &len, leaf, c.size, tiles);
        if (r)
                return r;
        memcpy(d.salt, salt, sizeof(d.salt));
        field_write(&disclosure_table, &extra, &d);
        proof_write(&receipt, buf_slice(&extra), leaf, path, len, buf_slice(&stripped));
        return give_out(out, &receipt, &keys);
}
