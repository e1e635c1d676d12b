/* recovery.c - fumibako key recovery new: the mailbox's secret as words for paper (E8)
 *
 * A sheet is composed in secret memory and written from there, around stdio, to the terminal or to
 * files of mode 0600. What libqrencode keeps in between lies in its own memory until the process
 * ends, which is right after. */
#include "client/client.h"

#include "base/file.h"
#include "base/secret.h"
#include "base/text.h"
#include "crypt/slip39_words.h"
#include "letter/recovery.h"

#include <assert.h>
#include <errno.h>
#include <unistd.h>

enum { SHEET_ROOM = 65536, COLUMNS = 4 };

struct sheets {
        struct cli *c;
        const fumi_box *b;
        unsigned threshold, count;
        struct slip39_share *share; /* secret memory */
        char *spelt;                /* secret memory */
        struct buf page;            /* over secret memory that never grows */
        uint8_t *room;
        char fingerprint[RECOVERY_FINGERPRINT + 1];
        bool paper; /* ink on white, not light on a screen */
};

/* ---- K/N ---- */

static bool get_count(struct slice s, unsigned *out)
{
        uint64_t v;

        if (!text_get_u64(s, &v) || v < 1 || v > SHAMIR_SHARES_MOST)
                return false;
        *out = (unsigned)v;
        return true;
}

static int get_shares(struct cli *c, struct sheets *s)
{
        const char *text = cli_has(c, "shares") ? cli_get(c, "shares") : "1/1";
        struct slice rest = slice_str(text), k;

        if (!slice_split(&rest, '/', &k) || !get_count(k, &s->threshold) ||
            !get_count(rest, &s->count) || s->threshold > s->count)
                return cli_wrong(
                        c,
                        "--shares %s: K/N is wanted, as 2/3: K of N shares are needed, N at "
                        "most %d",
                        text, SHAMIR_SHARES_MOST);
        if (s->threshold == 1 && s->count > 1)
                return cli_wrong(c,
                                 "--shares %s: where one share is enough all would be the same; "
                                 "take 1/1 and copy the sheet, or 2/%u",
                                 text, s->count);
        return 0;
}

/* ---- a sheet ---- */

static void put_title(struct sheets *s, unsigned number)
{
        bool ja = cli_japanese();

        if (s->count == 1)
                buf_puts(&s->page, ja ? "文箱 復旧シート\n\n" : "FUMIBAKO RECOVERY SHEET\n\n");
        else
                buf_printf(&s->page,
                           ja ? "文箱 復旧シート  分割片 %u / %u\n\n"
                              : "FUMIBAKO RECOVERY SHARE %u OF %u\n\n",
                           number, s->count);
}

static void put_purpose(struct sheets *s)
{
        bool ja = cli_japanese();

        if (s->threshold == 1)
                buf_puts(&s->page,
                         ja ? "この紙の言葉は私書箱の鍵そのものです。持つ者は、届いた文書もこれから"
                              "届く"
                              "文書もすべて読めます。\n遺言書のように保管し、パソコンや電話に写しを"
                              "置かないでください。\n\n"
                            : "These words are the key of a mailbox. Whoever has them has the "
                              "mailbox: "
                              "every letter in\nit, and every letter to come. Keep this sheet as "
                              "you "
                              "would keep a will, and no copy of it\nin a computer or a "
                              "telephone.\n\n");
        else
                buf_printf(&s->page,
                           ja ? "どれか %u 片 (全部で %u "
                                "片) があれば、端末をすべて失っても私書箱を取り戻せます。"
                                "足りない数では何も開けません。\n他の片とは別の場所に保管し、"
                                "本人に直接会って渡すほかは、誰にも渡さないでください。\n\n"
                              : "Any %u of the %u shares give back a mailbox whose devices are all "
                                "lost; "
                                "fewer open nothing.\nKeep this one safe and apart from the "
                                "others, and "
                                "give it to nobody but the holder, in\nperson.\n\n",
                           s->threshold, s->count);
}

static void put_facts(struct sheets *s, const struct slip39_share *share)
{
        char day[CLOCK_RFC3339];
        bool ja = cli_japanese();

        clock_rfc3339(day, clock_now());
        buf_printf(&s->page, "%s %s\n",
                   ja ? "私書箱の指紋:" : "mailbox (fingerprint): ", s->fingerprint);
        buf_printf(&s->page, "%s %s\n",
                   ja ? "取扱局:      " : "broker:                ", s->b->trust.broker);
        buf_printf(&s->page, "%s %.10s, %s %u\n\n",
                   ja ? "作成日:      " : "made:                  ", day, ja ? "組" : "set",
                   share->id);
}

/* Read across; a reader of the whole page finds the words by their numbers. */
static void put_words(struct sheets *s, const char *spelt)
{
        struct slice rest = slice_str(spelt), word;
        unsigned n = 0;
        bool more = true;

        while (more) {
                more = slice_split(&rest, ' ', &word);
                if (!more)
                        word = rest;
                n++;
                buf_printf(&s->page, "%4u %-*.*s%s", n, SLIP39_WORDS_LONGEST + 4, (int)word.len,
                           (const char *)word.at, n % COLUMNS == 0 || !more ? "\n" : "");
        }
}

static void put_use(struct sheets *s)
{
        buf_puts(&s->page,
                 cli_japanese()
                         ? "\n使い方: 新しい端末で\n    fumibako recover --trust 信頼ファイル "
                           "--shares-from "
                           "-\nを実行し、言葉を打ち込みます。信頼ファイルは取扱局の運営者"
                           "が配布しています。\nQR コードには同じ言葉が入っています。\n"
                         : "\nTo use it, on a new device:\n    fumibako recover --trust FILE "
                           "--shares-from -\nand type the words. The trust file is from the "
                           "broker's "
                           "operator. The QR code has the same words.\n");
}

static void compose(struct sheets *s, unsigned i)
{
        recovery_spell(s->spelt, &s->share[i]);
        buf_clear(&s->page);
        put_title(s, i + 1);
        put_purpose(s);
        put_facts(s, &s->share[i]);
        put_words(s, s->spelt);
        put_use(s);
        buf_puts(&s->page, "\n");
        if (s->paper)
                qr_put_paper(&s->page, s->spelt);
        else
                qr_put(&s->page, s->spelt);
        assert(s->page.at == s->room);
}

static void compose_json(struct sheets *s)
{
        buf_puts(&s->page, "{\"code\":0");
        show_json(&s->page, "mailbox", slice_str(s->b->mailbox.s));
        show_json(&s->page, "fingerprint", slice_str(s->fingerprint));
        buf_printf(&s->page, ",\"needed\":%u,\"shares\":[", s->threshold);
        for (unsigned i = 0; i < s->count; i++) {
                recovery_spell(s->spelt, &s->share[i]);
                buf_printf(&s->page, "%s\"%s\"", i ? "," : "", s->spelt);
        }
        buf_puts(&s->page, "]}\n");
        assert(s->page.at == s->room);
}

/* ---- where to ---- */

static int write_out(struct cli *c, struct slice s)
{
        while (s.len) {
                ssize_t n = write(STDOUT_FILENO, s.at, s.len);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return cli_fail(c, "standard output: %s", strerror(errno));
                s = slice_from(s, (size_t)n);
        }
        return 0;
}

static int write_file(struct sheets *s, unsigned i, const char *folder, char path[static PATH_MAX])
{
        int n = snprintf(path, PATH_MAX, "%s/recovery-%s-set%u-%u-of-%u.txt", folder,
                         s->fingerprint, s->share[i].id, i + 1, s->count);
        int r = n < PATH_MAX ? file_create(path, buf_slice(&s->page), 0600) : -ENAMETOOLONG;

        if (r == FILE_EXISTS)
                return cli_fail(s->c, "%s: %s", path,
                                show_pick("there is such a file already", "既にあります"));
        return r ? cli_fail(s->c, "%s: %s", path, strerror(-r)) : 0;
}

static int to_files(struct sheets *s, const char *folder)
{
        char path[PATH_MAX];
        BUF_OWNED said = { 0 };
        int r = file_make_folder(folder, 0700);

        if (r)
                return cli_fail(s->c, "%s: %s", folder, strerror(-r));
        if (cli_json(s->c))
                buf_puts(&said, "{\"code\":0,\"files\":[");
        for (unsigned i = 0; i < s->count && !r; i++) {
                compose(s, i);
                r = write_file(s, i, folder, path);
                if (r)
                        break;
                if (cli_json(s->c)) {
                        buf_puts(&said, i ? "," : "");
                        text_put_json(&said, slice_str(path));
                } else {
                        buf_printf(&said, "%s\n", path);
                }
        }
        if (cli_json(s->c))
                buf_puts(&said, "]}\n");
        return r ? r : show_out(s->c, &said);
}

static int to_terminal(struct sheets *s)
{
        int r = 0;

        if (cli_json(s->c)) {
                compose_json(s);
                return write_out(s->c, buf_slice(&s->page));
        }
        for (unsigned i = 0; i < s->count && !r; i++) {
                compose(s, i);
                if (i + 1 < s->count)
                        buf_putc(&s->page, '\f'); /* one page each */
                r = write_out(s->c, buf_slice(&s->page));
        }
        return r;
}

static int make(struct sheets *s)
{
        int r = recovery_split(s->share, s->threshold, s->count, s->b->identity);

        if (r)
                return cli_fail(s->c, "%s", strerror(-r));
        recovery_fingerprint(s->fingerprint, &s->b->mailbox);
        s->paper = cli_has(s->c, "out") || isatty(STDOUT_FILENO) != 1;
        r = cli_has(s->c, "out") ? to_files(s, cli_get(s->c, "out")) : to_terminal(s);
        if (!r)
                fprintf(stderr, "fumibako key recovery new: %s\n",
                        show_pick("sheets made before this stay good, and cannot be called back",
                                  "以前に作ったシートも有効なままです。取り消すことはできません"));
        return r;
}

int client_key_recovery_new(struct cli *c)
{
        SECRET_OWNED uint8_t *room = secret_new(SHEET_ROOM);
        SECRET_OWNED char *spelt = secret_new(RECOVERY_SPELT);
        SECRET_OWNED struct slip39_share *share = secret_new(SHAMIR_SHARES_MOST * sizeof(*share));
        struct sheets s = { .c = c, .share = share, .spelt = spelt, .room = room };
        MAILBOX_OWNED *b = NULL;
        int r = get_shares(c, &s);

        if (!r && (!room || !spelt || !share))
                r = cli_fail(c, "no memory");
        if (!r)
                r = mailbox_open(c, &b);
        if (r)
                return r;
        s.b = b;
        s.page = (struct buf){ .at = room, .cap = SHEET_ROOM };
        return make(&s);
}
