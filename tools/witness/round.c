/* round.c - one round of a witness: look, check, remember, sign, hand in
 *
 *      ask        what others have cosigned since, oldest first, and then the newest. So witnesses
 *                 that come at different times meet on the same checkpoints.
 *      check      signed by the log; grown out of what was cosigned last, by the broker's own tiles
 *      remember   the checkpoint with our cosignature, durable
 *      hand in    that very line. Killed before, the next round does it again.
 *
 * What does not go together is written to a file before anything is said about it. */
#include "witness/witness.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"
#include "evidence/cosign.h"
#include "evidence/fork.h"
#include "schemas/messages.h"
#include "schemas/outcomes.h"

#include <errno.h>
#include <stdio.h>

/* A witness that was away long does not sign its way through everything that it missed. */
enum { FOLLOW_MOST = 64, ASK_MS = 20000 };

/* ---- asking ---- */

static int ask(struct witness *w, uint64_t verb, const void *what, struct buf *bytes, void *answer)
{
        int r = session_ask(w->session, verb, what, bytes, answer, ASK_MS, NULL);

        if (r == OUTCOME_NO_ANSWER && session_refused(w->session))
                return witness_say(w, r, "%s does not hold the key of the trust file",
                                   w->trust.endpoint);
        if (r == OUTCOME_NO_ANSWER)
                return witness_say(w, r, "%s does not answer", w->trust.endpoint);
        return r ? witness_say(w, r, "%s", w->trust.endpoint) : 0;
}

int round_newest(struct witness *w, struct buf *note)
{
        const struct ask_info what = { 0 };
        struct answer_info answer;
        BUF_OWNED bytes = { 0 };
        int r = ask(w, VERB_INFO, &what, &bytes, &answer);

        if (!r)
                buf_put(note, answer.checkpoint);
        return r ? r : buf_fault(note);
}

/* What another witness cosigned behind our last; empty when there is none. */
static int ask_followed(struct witness *w, struct buf *note)
{
        const struct ask_checkpoint what = { .from = w->state.c.size + 1, .cosignatures = 1 };
        struct answer_checkpoint answer;
        BUF_OWNED bytes = { 0 };
        int r = ask(w, VERB_CHECKPOINT, &what, &bytes, &answer);

        if (!r && answer.has_checkpoint)
                buf_put(note, answer.checkpoint);
        return r ? r : buf_fault(note);
}

/* ---- evidence ---- */

static bool is_of_log(void *ctx, const struct note_line *line)
{
        const struct witness *w = ctx;

        for (size_t i = 0; i < w->trust.logs; i++)
                if (slice_is(line->name, w->trust.log[i].name) &&
                    line->id == note_key_id(&w->trust.log[i], NOTE_ED25519))
                        return true;
        return false;
}

/* A checkpoint with the log's lines only: it is the log that is to be convicted. */
static void put_of_log(struct buf *out, struct witness *w, struct slice note)
{
        struct note n;

        if (note_read(&n, note) == 0)
                cosign_strip(out, &n, is_of_log, w);
}

static int write_evidence(struct round *told, struct witness *w, const struct fork *f, bool proved,
                          const struct checkpoint *c)
{
        BUF_OWNED text = { 0 };
        char name[128];
        int r;

        snprintf(name, sizeof(name), "%s-%llu-%llu-%02x%02x%02x%02x", proved ? "fork" : "doubt",
                 (unsigned long long)w->state.c.size, (unsigned long long)c->size, c->root.b[0],
                 c->root.b[1], c->root.b[2], c->root.b[3]);
        witness_path(w, told->evidence, name);
        fork_write(&text, f);
        r = buf_fault(&text);
        return r ? r : file_replace(told->evidence, buf_slice(&text), 0644);
}

/* Both checkpoints, and what proves that they contradict each other. @r says what to the caller:
 * only a proof that holds is called a fork. @f has the nodes, if there are any. */
static int keep_evidence(struct round *told, struct witness *w, struct slice note, struct fork *f,
                         int r, const struct checkpoint *c)
{
        struct checkpoint one, other;
        BUF_OWNED ours = { 0 };
        BUF_OWNED theirs = { 0 };
        int s;

        put_of_log(&ours, w, buf_slice(&w->state.note));
        put_of_log(&theirs, w, note);
        f->one = buf_slice(&ours);
        f->other = buf_slice(&theirs);
        if (fork_judge(f, w->trust.log, w->trust.logs, &one, &other) == 0)
                r = OUTCOME_LOG_FORKED;
        s = write_evidence(told, w, f, r == OUTCOME_LOG_FORKED, c);
        if (s)
                return witness_say(w, s, "%s: %s", told->evidence, strerror(-s));
        return witness_say(w, r, "%s: size %llu after %llu; kept in %s", w->state.origin,
                           (unsigned long long)c->size, (unsigned long long)w->state.c.size,
                           told->evidence);
}

/* ---- checking ---- */

static int open_checkpoint(struct checkpoint *c, struct witness *w, struct slice note)
{
        for (size_t i = 0; i < w->trust.logs; i++)
                if (strcmp(w->trust.log[i].name, w->state.origin) == 0 &&
                    checkpoint_open(c, note, &w->trust.log[i]) == 0)
                        return 0;
        return witness_say(w, OUTCOME_NOT_TRUSTED, "the checkpoint is not signed by the log %s",
                           w->state.origin);
}

/* Grown out of the last one, as the broker's tiles prove? */
static int check_growth(struct round *told, struct witness *w, struct slice note,
                        const struct checkpoint *c)
{
        struct fork f = { .nodes = 0 };
        const struct checkpoint *old = &w->state.c;
        struct tile_source tiles = session_tiles(w->session, c->size);
        struct tree_source src = tile_tree_source(&tiles);
        struct hash proof[TREE_DEPTH_MOST];
        size_t len;

        if (tree_consistency(proof, &len, old->size, c->size, &src) != 0)
                return keep_evidence(told, w, note, &f, OUTCOME_LOG_UNPROVEN, c);
        if (tree_verify_consistency(old->size, &old->root, c->size, &c->root, proof, len))
                return 0;
        if (fork_nodes(&f, old->size, c->size, &src) != 0)
                f.nodes = 0;
        return keep_evidence(told, w, note, &f, OUTCOME_LOG_UNPROVEN, c);
}

static int check(struct round *told, struct witness *w, struct slice note,
                 const struct checkpoint *c)
{
        struct fork f = { .nodes = 0 };
        const struct checkpoint *old = &w->state.c;
        struct hash empty;

        tree_empty(&empty);
        if (c->size == 0 && !hash_eq(&c->root, &empty))
                return witness_say(w, OUTCOME_LOG_UNPROVEN,
                                   "%s: an empty log with a root that no empty tree has",
                                   w->state.origin);
        if (!w->state.note.len || (c->size == old->size && hash_eq(&c->root, &old->root)))
                return 0;
        if (c->size < old->size)
                return keep_evidence(told, w, note, &f, OUTCOME_LOG_WENT_BACK, c);
        if (c->size == old->size)
                return keep_evidence(told, w, note, &f, OUTCOME_LOG_FORKED, c);
        return old->size ? check_growth(told, w, note, c) : 0;
}

/* ---- remembering and signing ---- */

static bool is_own(void *ctx, const struct note_line *line)
{
        const struct witness *w = ctx;

        return cosign_is_of(line, &w->self);
}

/* The state is on disk when it says 0, and only then in @w. */
static int remember(struct witness *w, struct slice note)
{
        struct state next = { .origin = "" };
        char path[PATH_MAX];
        struct note n;
        int r = checkpoint_read(&next.c, &n, note);

        if (r)
                return -EBADMSG; /* it was read before */
        memcpy(next.origin, w->state.origin, sizeof(next.origin));
        cosign_strip(&next.note, &n, is_of_log, w);
        cosign_make(&next.note, n.text, w->self.name, (uint64_t)(clock_now() / 1000), w->sec);
        witness_path(w, path, "state");
        r = buf_fault(&next.note);
        if (!r)
                r = state_write(path, &next);
        if (r) {
                state_free(&next);
                return witness_say(w, r, "%s: %s", path, strerror(-r));
        }
        state_free(&w->state);
        w->state = next;
        w->handed = false;
        return 0;
}

/* Our line out of the state, so that only what is remembered leaves. */
static int hand_in(struct witness *w)
{
        struct ask_cosign what = { .size = w->state.c.size };
        struct answer_cosign answer;
        BUF_OWNED stripped = { 0 };
        BUF_OWNED bytes = { 0 };
        struct note n;
        int r;

        if (note_read(&n, buf_slice(&w->state.note)))
                return -EBADMSG;
        cosign_strip(&stripped, &n, is_own, w);
        if (buf_fault(&stripped))
                return buf_fault(&stripped);
        what.lines = slice_from(buf_slice(&stripped), n.text.len + 1);
        r = ask(w, VERB_COSIGN, &what, &bytes, &answer);
        w->handed = r == 0;
        return r;
}

/* ---- a round ---- */

static int take(struct round *told, struct witness *w, struct slice note)
{
        struct checkpoint c;
        int r = open_checkpoint(&c, w, note);

        if (!r)
                r = check(told, w, note, &c);
        if (r || c.size == 0 || (w->state.note.len && c.size == w->state.c.size))
                return r; /* nothing that was not cosigned */
        r = remember(w, note);
        if (!r)
                r = hand_in(w);
        told->cosigned += r == 0;
        return r;
}

static int follow(struct round *told, struct witness *w)
{
        int r = 0;

        for (unsigned i = 0; i < FOLLOW_MOST && !r; i++) {
                BUF_OWNED note = { 0 };

                r = ask_followed(w, &note);
                if (r || !note.len)
                        return r;
                r = take(told, w, buf_slice(&note));
        }
        return r;
}

/* A broker that does not have what we cosigned last will be asked about it: its newest checkpoint
 * is held against ours. */
static int hand_in_again(struct witness *w)
{
        int r = w->handed || !w->state.note.len ? 0 : hand_in(w);

        return r == OUTCOME_NO_SUCH_CHECKPOINT || r == OUTCOME_BAD_SIGNATURE ? 0 : r;
}

int round_go(struct round *told, struct witness *w)
{
        BUF_OWNED note = { 0 };
        int r;

        *told = (struct round){ 0 };
        *w->why = 0;
        r = hand_in_again(w);
        if (!r)
                r = follow(told, w);
        if (!r)
                r = round_newest(w, &note);
        return r ? r : take(told, w, buf_slice(&note));
}
