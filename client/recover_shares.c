/* recover_shares.c - shares from files and from a person who types, and what is wrong with them
 *
 * Everything that is wrong is said at once, word by word: whoever stands before a drawer of old
 * papers should not have to run the command once a word. */
#include "client/recover.h"

#include "base/file.h"
#include "base/secret.h"
#include "crypt/slip39_words.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

enum { NEAR = 3 };

struct source {
        struct cli *c;
        struct shares *shares;
        const char *name;
        unsigned number; /* of the share in it, from 1 */
        bool bad;        /* something was complained of */
};

static void complain(struct source *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void complain(struct source *s, const char *fmt, ...)
{
        va_list ap;

        s->bad = true;
        fprintf(stderr, "%s: ", s->name);
        if (s->number)
                fprintf(stderr, cli_japanese() ? "%u 片目: " : "share %u: ", s->number);
        va_start(ap, fmt);
        vfprintf(stderr, fmt, ap);
        va_end(ap);
        fputc('\n', stderr);
}

/* ---- what is wrong with words ---- */

static void complain_unknown(struct source *s, size_t place, const char *typed)
{
        uint16_t near[NEAR];
        size_t count = slip39_words_near(slice_str(typed), near, NEAR);
        BUF_OWNED text = { 0 };

        show_string(&text, typed);
        buf_puts(&text, show_pick("' is not in the list", "」は一覧にありません"));
        for (size_t i = 0; i < count; i++)
                buf_printf(&text, "%s%s",
                           i == 0 ? show_pick("; did you mean ", "。似た言葉: ")
                                  : show_pick(" or ", "、"),
                           slip39_words_at(near[i]));
        complain(s, cli_japanese() ? "%zu 番目の言葉「%s" : "word %zu '%s", place + 1,
                 buf_cstr(&text));
}

static void complain_missing(struct source *s, const struct recovery_text *t)
{
        BUF_OWNED text = { 0 };
        unsigned missing = 0;

        for (size_t i = 0; i < RECOVERY_WORDS; i++)
                if (t->word[i].number == RECOVERY_WORD_MISSING)
                        buf_printf(&text, "%s%zu", missing++ ? ", " : "", i + 1);
        if (missing)
                complain(s,
                         cli_japanese() ? "%u 語 (%d 語のうち) がありません: %s"
                                        : "%u of %d words missing: %s",
                         missing, RECOVERY_WORDS, buf_cstr(&text));
}

static void complain_words(struct source *s, const struct recovery_text *t)
{
        for (size_t i = 0; i < RECOVERY_WORDS; i++) {
                if (t->word[i].twice)
                        complain(s,
                                 cli_japanese() ? "%zu 番目の言葉が二通りあります"
                                                : "word %zu is there twice, and differs",
                                 i + 1);
                else if (t->word[i].number == RECOVERY_WORD_UNKNOWN)
                        complain_unknown(s, i, t->word[i].typed);
        }
        complain_missing(s, t);
        if (t->too_many)
                complain(s,
                         cli_japanese() ? "%zu 語多すぎます (%d 語です)"
                                        : "%zu words too many: a share has %d",
                         t->too_many, RECOVERY_WORDS);
}

static void complain_checksum(struct source *s, const struct recovery_text *t)
{
        int place = recovery_suspect(t);

        if (place >= 0)
                complain(s,
                         cli_japanese() ? "%d 番目の言葉が紙と違います。見直してください"
                                        : "word %d is another one on the paper; look at it again",
                         place + 1);
        else
                complain(s, "%s",
                         show_pick(
                                 "two or more words are not as on the paper, or stand in another "
                                 "order; compare them all",
                                 "複数の言葉が紙と違うか、順番が違います。すべて見直してください"));
}

/* ---- one share ---- */

static void add(struct source *s, const struct slip39_share *share)
{
        struct shares *all = s->shares;

        for (size_t i = 0; i < all->count; i++) {
                const struct slip39_share *other = &all->share[i];

                if (!slip39_same_set(share, other)) {
                        complain(s,
                                 cli_japanese()
                                         ? "最初の片とは別の組です (組 %u、最初は組 %u)"
                                         : "this is of another set (%u) than the first share (%u)",
                                 share->id, other->id);
                        return;
                }
                if (share->member == other->member) {
                        fprintf(stderr,
                                cli_japanese() ? "%s: %u 片目は既に読み込んだものと同じです\n"
                                               : "%s: share %u is there already\n",
                                s->name, s->number);
                        return;
                }
        }
        if (all->count < SHAMIR_SHARES_MOST)
                all->share[all->count++] = *share;
}

static int take(struct source *s, const struct recovery_text *text)
{
        SECRET_OWNED struct slip39_share *share = secret_new(sizeof(*share));
        int r = share ? recovery_read(share, text) : -ENOMEM;

        if (r == RECOVERY_WRONG_WORDS)
                complain_words(s, text);
        else if (r == RECOVERY_CHECKSUM)
                complain_checksum(s, text);
        else if (r == RECOVERY_FOREIGN)
                complain(s, "%s",
                         show_pick("a good share, but not of a mailbox of Fumibako",
                                   "正しい分割片ですが、文箱の私書箱のものではありません"));
        else if (r == 0)
                add(s, share);
        return r < 0 ? cli_fail(s->c, "%s", strerror(-r)) : 0;
}

static int take_all(struct source *s, struct slice whole)
{
        SECRET_OWNED struct recovery_text *text = secret_new(sizeof(*text));
        struct recovery_source source = recovery_of(whole);
        int r = 0;

        if (!text)
                return cli_fail(s->c, "no memory");
        while (!r && recovery_next(text, &source)) {
                s->number++;
                r = take(s, text);
        }
        if (!r && s->number == 0)
                complain(s, "%s", show_pick("there are no words in it", "言葉がありません"));
        return r;
}

/* ---- sources ---- */

static int from_file(struct source *s)
{
        uint8_t *text;
        size_t len;
        int r = file_read_secret(&text, &len, s->name, RECOVERY_TEXT_MOST);

        if (r == FILE_ABSENT)
                return cli_fail(s->c, "%s: there is no such file", s->name);
        if (r)
                return cli_fail(s->c, "%s: %s", s->name,
                                r == FILE_TOO_LARGE ? "too large for shares" : strerror(-r));
        r = take_all(s, slice_of(text, len));
        secret_free(text);
        return r;
}

/* Up to the end, or with @line up to an empty line. -1 when reading breaks or it is too much. */
static ssize_t read_in(uint8_t *to, size_t room, bool line)
{
        size_t len = 0;

        for (;;) {
                ssize_t n = len < room ? read(STDIN_FILENO, to + len, line ? 1 : room - len) : -1;

                if (n < 0 && errno == EINTR && len < room)
                        continue;
                if (n < 0)
                        return -1;
                len += (size_t)n;
                if (n == 0 || (line && to[len - 1] == '\n' && (len == 1 || to[len - 2] == '\n')))
                        return (ssize_t)len;
        }
}

/* One share after the other until there are enough; one that was mistyped is asked for again. */
static int from_person(struct source *s, uint8_t *room)
{
        struct shares *all = s->shares;
        int r = 0;

        while (!r && (all->count == 0 || all->count < all->share[0].threshold)) {
                ssize_t len;

                fprintf(stderr,
                        cli_japanese() ? "%zu 片目の言葉を打ち込み、最後に空行を入れてください:\n"
                                       : "The words of share %zu, then an empty line:\n",
                        all->count + 1);
                len = read_in(room, RECOVERY_TEXT_MOST, true);
                if (len <= 0 || (len == 1 && room[0] == '\n'))
                        break;
                s->number = 0;
                s->bad = false;
                r = take_all(s, slice_of(room, (size_t)len));
        }
        return r;
}

static int from_input(struct source *s)
{
        SECRET_OWNED uint8_t *room = secret_new(RECOVERY_TEXT_MOST);
        ssize_t len;

        s->name = show_pick("typed", "入力");
        if (!room)
                return cli_fail(s->c, "no memory");
        if (isatty(STDIN_FILENO) == 1)
                return from_person(s, room);
        len = read_in(room, RECOVERY_TEXT_MOST, false);
        if (len < 0)
                return cli_fail(s->c, "standard input cannot be read, or is too long for shares");
        return take_all(s, slice_of(room, (size_t)len));
}

int shares_read(struct cli *c, struct shares *out, const char *name)
{
        struct source s = { .c = c, .shares = out, .name = name };
        int r = strcmp(name, "-") == 0 ? from_input(&s) : from_file(&s);

        out->bad = out->bad || s.bad;
        return r;
}
