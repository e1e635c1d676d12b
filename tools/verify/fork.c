/* fork.c - fumibako-verify --fork: has a log told two histories? (E6.9)
 *
 * The evidence is a file of fumibako-witness, or simply two checkpoints (receipts hold one each)
 * that two people were shown: when they are of one size, nothing else is needed. */
#include "verify/verify.h"

#include "base/file.h"
#include "base/text.h"
#include "evidence/fork.h"
#include "evidence/proof.h"

#include <inttypes.h>

enum { PROVED = 0, NOT_PROVED = 1, INCOMPLETE = 3 };

struct finding {
        int code;
        char reason[512];
        struct checkpoint one, other;
        bool has_both;
};

/* A checkpoint out of a file that is one, or is a receipt; kept in @text. */
static bool take_checkpoint(struct slice *out, struct buf *text, const char *path)
{
        struct checkpoint c;
        struct proof p;
        struct note n;

        if (file_read(text, path, PROOF_MOST) != 0)
                return false;
        *out = buf_slice(text);
        if (checkpoint_read(&c, &n, *out) == 0)
                return true;
        if (proof_read(&p, buf_slice(text)) != 0)
                return false;
        *out = p.checkpoint; /* borrows from @text */
        proof_free(&p);
        return true;
}

static void conclude(struct finding *f, const struct fork *fork, const struct trust *trust)
{
        static const struct {
                int code;
                const char *reason;
        } findings[] = {
                [0] = { PROVED, "The log signed both, and they cannot be of one history." },
                [FORK_MALFORMED] = { NOT_PROVED, "This is no evidence of a fork." },
                [FORK_UNSIGNED] = { INCOMPLETE,
                                    "The trust file has no key of a log that signed both." },
                [FORK_NONE] = { NOT_PROVED, "One history, two logs, or a false signature." },
                [FORK_UNPROVEN] = { INCOMPLETE,
                                    "What leads from the smaller tree to the larger is missing." },
        };
        int r = fork_judge(fork, trust->log, trust->logs, &f->one, &f->other);

        f->has_both = r != FORK_MALFORMED;
        f->code = findings[r].code;
        snprintf(f->reason, sizeof(f->reason), "%s", findings[r].reason);
}

static void judge_file(struct finding *f, const char *path, const struct trust *trust)
{
        BUF_OWNED text = { 0 };
        struct fork fork;

        f->code = INCOMPLETE;
        if (file_read(&text, path, FORK_MOST) != 0) {
                snprintf(f->reason, sizeof(f->reason), "%.400s cannot be read", path);
        } else if (fork_read(&fork, buf_slice(&text)) != 0) {
                f->code = NOT_PROVED;
                snprintf(f->reason, sizeof(f->reason), "%.400s is no evidence of a fork", path);
        } else {
                conclude(f, &fork, trust);
                fork_free(&fork);
        }
}

static void judge_pair(struct finding *f, char **path, const struct trust *trust)
{
        struct fork fork = { .nodes = 0 };
        BUF_OWNED one = { 0 };
        BUF_OWNED other = { 0 };

        f->code = NOT_PROVED;
        if (!take_checkpoint(&fork.one, &one, path[0]))
                snprintf(f->reason, sizeof(f->reason), "%.400s holds no checkpoint", path[0]);
        else if (!take_checkpoint(&fork.other, &other, path[1]))
                snprintf(f->reason, sizeof(f->reason), "%.400s holds no checkpoint", path[1]);
        else
                conclude(f, &fork, trust);
}

static void put_one(struct buf *out, const struct checkpoint *c, bool json)
{
        buf_printf(out, json ? "{\"log\":" : "  ");
        if (json)
                text_put_json(out, slice_str(c->origin));
        else
                buf_puts(out, c->origin);
        buf_printf(out, json ? ",\"size\":%" PRIu64 ",\"root\":\"" : ", size %" PRIu64 ", root ",
                   c->size);
        text_put_base64(out, slice_hash(&c->root));
        buf_puts(out, json ? "\"}" : "\n");
}

static void say(const struct cli *c, const struct finding *f)
{
        static const char *const word[] = {
                [PROVED] = "FORK", [NOT_PROVED] = "NOT PROVED", [INCOMPLETE] = "INCOMPLETE"
        };
        bool json = cli_json(c);
        BUF_OWNED out = { 0 };

        buf_printf(&out, json ? "{\"verdict\":\"%s\",\"reason\":" : "%s: ", word[f->code]);
        if (json)
                text_put_json(&out, slice_str(f->reason));
        else
                buf_printf(&out, "%s\n", f->reason);
        if (f->has_both) {
                buf_puts(&out, json ? ",\"checkpoints\":[" : "");
                put_one(&out, &f->one, json);
                buf_puts(&out, json ? "," : "");
                put_one(&out, &f->other, json);
                buf_puts(&out, json ? "]" : "");
        }
        buf_puts(&out, json ? "}\n" : "");
        fputs(buf_cstr(&out), stdout);
}

int fork_verify(struct cli *c, const struct trust *trust, const char *no_trust)
{
        struct finding f = { .code = INCOMPLETE };

        if (c->count > 2)
                return cli_wrong(c, "--fork takes one file of evidence, or two with a checkpoint");
        if (no_trust)
                snprintf(f.reason, sizeof(f.reason), "no usable trust file: %.400s", no_trust);
        else if (c->count == 1)
                judge_file(&f, c->argument[0], trust);
        else
                judge_pair(&f, c->argument, trust);
        say(c, &f);
        return f.code;
}
