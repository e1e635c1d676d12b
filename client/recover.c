/* recover.c - fumibako recover: a mailbox whose devices are all lost, on a new device (E8)
 *
 * The words give the seed; the seed gives the keys; the broker gives the rest. When the broker does
 * not answer, the identity is back all the same, and the rest is done by commands that there are
 * anyway. */
#include "client/recover.h"

#include "base/secret.h"
#include "crypt/age.h"
#include "schemas/outcomes.h"

#include <stdlib.h>

enum { PASSPHRASE_ROOM = 1024, TRUST_MOST = 65536, DEVICE_LETTERS = 4 };

struct recovery {
        struct cli *c;
        char folder[PATH_MAX];
        char device[NAME_DEVICE_MOST + 1];
        struct buf trust;
        char lost_text[STATEMENT_DEVICES_MOST * (NAME_DEVICE_MOST + 1) + 1];
        const char *lost[STATEMENT_DEVICES_MOST];
        size_t lost_count;
        struct seed *seed; /* secret memory */
        fumi_box *b;
        struct box_recovered done;
};

/* ---- what is asked for ---- */

/* A name that no lost device has: with its name the new one would have its transport key as well.
 */
static void choose_device(struct recovery *v)
{
        uint8_t random[DEVICE_LETTERS];
        char *at = v->device + sprintf(v->device, "recovered-");

        keys_random(random, sizeof(random));
        for (size_t i = 0; i < sizeof(random); i++)
                *at++ = "abcdefghijklmnopqrstuvwxyz234567"[random[i] & 31];
        *at = 0;
}

static int get_device(struct recovery *v)
{
        const char *name = cli_get(v->c, "device");

        if (name && !name_device_ok(slice_str(name)))
                return cli_wrong(v->c, "'%s' is no name for a device: 1 to %d of a-z 0-9 -", name,
                                 NAME_DEVICE_MOST);
        if (name)
                snprintf(v->device, sizeof(v->device), "%s", name);
        else
                choose_device(v);
        return 0;
}

static bool named_lost(const struct recovery *v, const char *name)
{
        for (size_t i = 0; i < v->lost_count; i++)
                if (strcmp(v->lost[i], name) == 0)
                        return true;
        return false;
}

static int get_lost(struct recovery *v)
{
        const char *names = cli_get(v->c, "lost");
        char *save, *name;

        if (!names)
                return 0;
        if (strlen(names) >= sizeof(v->lost_text))
                return cli_wrong(v->c, "--lost: a mailbox has at most %d devices",
                                 STATEMENT_DEVICES_MOST);
        snprintf(v->lost_text, sizeof(v->lost_text), "%s", names);
        for (name = strtok_r(v->lost_text, ",", &save); name; name = strtok_r(NULL, ",", &save)) {
                if (!name_device_ok(slice_str(name)) || v->lost_count == STATEMENT_DEVICES_MOST)
                        return cli_wrong(v->c, "--lost: '%s' is no name of a device", name);
                if (strcmp(name, v->device) == 0)
                        return cli_wrong(v->c, "--lost: give the new device another name than '%s'",
                                         name);
                if (!named_lost(v, name)) /* twice is once */
                        v->lost[v->lost_count++] = name;
        }
        return 0;
}

static int get_trust(struct recovery *v)
{
        const char *path = cli_get(v->c, "trust");

        if (!path)
                return cli_wrong(v->c, "--trust FILE is missing: it is from the broker's operator");
        return mailbox_file(v->c, path, TRUST_MOST, &v->trust);
}

static int get_folder(struct recovery *v)
{
        int r = mailbox_folder(v->c, v->folder);

        return r ? r : recover_folder_check(v->c, v->folder);
}

/* ---- shares ---- */

static int say_false(struct cli *c, int r)
{
        if (r < 0)
                return cli_fail(c, "%s", strerror(-r));
        return cli_fail(
                c, "%s",
                show_pick("each share is good, but together they give nothing: one is of "
                          "another mailbox or set; try others",
                          "どの片も正しいのですが、組み合わせても復元できません。別の私書箱か別の"
                          "組の片が混じっています"));
}

static int join(struct recovery *v, const struct shares *s)
{
        size_t needed = s->count ? s->share[0].threshold : 1;
        int r;

        if (s->count == 0)
                return cli_fail(v->c, "%s",
                                show_pick("no share could be read; nothing was made",
                                          "読み取れた片がありません。何も作成していません"));
        if (s->count < needed)
                return cli_fail(v->c,
                                cli_japanese()
                                        ? "%zu 片しかありません (%zu "
                                          "片必要です)。何も作成していません"
                                        : "%zu of %zu shares that are needed; nothing was made",
                                s->count, needed);
        if (s->bad && s->count > needed)
                fprintf(stderr, "%s\n",
                        show_pick("the other shares are enough", "残りの片で足ります"));
        r = recovery_join(v->seed, s->share, needed);
        return r ? say_false(v->c, r) : 0;
}

static int get_seed(struct recovery *v)
{
        SECRET_OWNED struct slip39_share *share = secret_new(SHAMIR_SHARES_MOST * sizeof(*share));
        struct shares s = { .share = share };
        const char *first = cli_get(v->c, "shares-from");
        int r = 0;

        if (!share)
                return cli_fail(v->c, "no memory");
        if (!first && v->c->count == 0)
                return cli_wrong(v->c, "--shares-from FILE is missing, or - to type the words");
        if (first)
                r = shares_read(v->c, &s, first);
        for (int i = 0; i < v->c->count && !r; i++)
                r = shares_read(v->c, &s, v->c->argument[i]);
        return r ? r : join(v, &s);
}

/* ---- the folder ---- */

static int make(struct recovery *v)
{
        SECRET_OWNED char *passphrase = secret_new(PASSPHRASE_ROOM);
        struct box_new n = {
                .folder = v->folder,
                .trust = buf_slice(&v->trust),
                .trust_path = cli_get(v->c, "trust"),
                .device = v->device,
                .work = (unsigned)cli_number(v->c, "work", 10, AGE_WORK_MOST, AGE_WORK_DEFAULT),
                .seed = v->seed,
        };
        char why[BOX_WHY];
        size_t len;
        int r;

        if (!passphrase)
                return cli_fail(v->c, "no memory for the pass-phrase");
        r = cli_passphrase(
                v->c,
                show_pick("a new pass-phrase for this device", "この端末の新しいパスフレーズ"),
                true, passphrase, PASSPHRASE_ROOM, &len);
        if (r)
                return r;
        n.passphrase = slice_of(passphrase, len);
        r = box_create(&v->b, &n, why);
        return r ? cli_refuse(v->c, r, NULL, why) : 0;
}

/* ---- what came of it ---- */

/* The other devices in force: whoever lost them shuts them out. */
static void put_others(struct recovery *v, struct buf *out)
{
        struct mailbox_statement *s = calloc(1, sizeof(*s));
        BUF_OWNED note = { 0 };

        if (s && box_mailbox_read(v->b, &note, s) == 0)
                for (size_t i = 0; i < s->devices; i++)
                        if (!slice_is(s->device[i].name, v->b->device))
                                buf_printf(out, "  fumibako device remove %-16.*s %s\n",
                                           (int)s->device[i].name.len,
                                           (const char *)s->device[i].name.at,
                                           show_pick("if this device is lost",
                                                     "この端末を失ったのなら"));
        free(s);
}

static void put_json_others(struct recovery *v, struct buf *out)
{
        struct mailbox_statement *s = calloc(1, sizeof(*s));
        BUF_OWNED note = { 0 };
        const char *comma = "";

        buf_puts(out, ",\"others\":[");
        if (s && box_mailbox_read(v->b, &note, s) == 0)
                for (size_t i = 0; i < s->devices; i++) {
                        if (slice_is(s->device[i].name, v->b->device))
                                continue;
                        buf_printf(out, "%s\"%.*s\"", comma, (int)s->device[i].name.len,
                                   (const char *)s->device[i].name.at);
                        comma = ",";
                }
        buf_puts(out, "]");
        free(s);
}

static void put_json_unknown(struct recovery *v, struct buf *out)
{
        buf_puts(out, ",\"unknown\":[");
        for (size_t i = 0; i < v->done.unknowns; i++)
                buf_printf(out, "%s\"%s\"", i ? "," : "", v->done.unknown[i]);
        buf_puts(out, "]");
}

static void put_json(struct recovery *v, struct buf *out, const char *fingerprint)
{
        buf_printf(out, "{\"code\":%d", v->done.unknowns ? -1 : 0);
        show_json(out, "box", slice_str(v->b->folder));
        show_json(out, "mailbox", slice_str(v->b->mailbox.s));
        show_json(out, "fingerprint", slice_str(fingerprint));
        show_json(out, "device", slice_str(v->b->device));
        buf_printf(out, ",\"level\":%u,\"addresses\":%zu,\"renewed\":%zu,\"letters\":%llu",
                   v->done.level, v->done.addresses, v->done.renewed,
                   (unsigned long long)v->done.letters);
        put_json_others(v, out);
        put_json_unknown(v, out);
        buf_puts(out, "}\n");
}

static void put_english(struct recovery *v, struct buf *out, const char *fingerprint)
{
        buf_printf(out,
                   "mailbox  %s (fingerprint %s)\n"
                   "folder   %s\n"
                   "device   %s\n\n"
                   "Addresses: %zu, of which %zu have a new key. Letters with the broker: %llu.\n\n"
                   "What comes next:\n"
                   "  fumibako get --all                      the letters to this device\n",
                   v->b->mailbox.s, fingerprint, v->b->folder, v->b->device, v->done.addresses,
                   v->done.renewed, (unsigned long long)v->done.letters);
        put_others(v, out);
        buf_puts(out,
                 "The sheets stay good; keep them. If somebody may know the pass-phrase of a lost "
                 "device, new\nkeys do not help: make a new mailbox (fumibako init), have it "
                 "enrolled, "
                 "and close these addresses.\n");
}

static void put_japanese(struct recovery *v, struct buf *out, const char *fingerprint)
{
        buf_printf(out,
                   "私書箱   %s (指紋 %s)\n"
                   "保管場所 %s\n"
                   "端末名   %s\n\n"
                   "宛先 %zu 件を取り戻し、うち %zu 件の鍵を新しくしました。取扱局に文書が %llu "
                   "通あります。\n\n"
                   "次の手順:\n"
                   "  fumibako get --all                      文書をこの端末に受け取る\n",
                   v->b->mailbox.s, fingerprint, v->b->folder, v->b->device, v->done.addresses,
                   v->done.renewed, (unsigned long long)v->done.letters);
        put_others(v, out);
        buf_puts(out, "復旧シートはこれからも使えます。保管してください。失った端末のパスフレーズを"
                      "誰かに知"
                      "られたおそれがあれば、\n鍵の更新では防げません。新しい私書箱を作って "
                      "(fumibako init) 登録し直し、古い宛先を閉じてください。\n");
}

static int say(struct recovery *v)
{
        char fingerprint[RECOVERY_FINGERPRINT + 1];
        BUF_OWNED out = { 0 };

        recovery_fingerprint(fingerprint, &v->b->mailbox);
        if (cli_json(v->c))
                put_json(v, &out, fingerprint);
        else if (cli_japanese())
                put_japanese(v, &out, fingerprint);
        else
                put_english(v, &out, fingerprint);
        return show_out(v->c, &out);
}

/* Whoever named a lost device must not take it for shut out. */
static int say_unknown(struct recovery *v)
{
        for (size_t i = 0; i < v->done.unknowns; i++)
                fprintf(stderr, "--lost %s: %s\n", v->done.unknown[i],
                        show_pick("no device of this mailbox has this name, so none was shut out; "
                                  "'fumibako device list' shows them, 'fumibako device remove' "
                                  "shuts one out",
                                  "この名の端末はなく、締め出していません。'fumibako device list' "
                                  "で確かめ、'fumibako device remove' で締め出してください"));
        return v->done.unknowns ? CLI_FAILED : 0;
}

static int ask_broker(struct recovery *v)
{
        int r = box_recover(v->b, v->lost, v->lost_count, &v->done);

        if (r == 0) {
                r = say(v);
                return r ? r : say_unknown(v);
        }
        fprintf(stderr, "%s: %s\n", v->b->folder,
                show_pick(
                        "the keys are back here, the rest not yet; go on with 'fumibako register' "
                        "and 'fumibako address list --check'",
                        "鍵は復元できましたが、残りはまだです。'fumibako register' と 'fumibako "
                        "address "
                        "list --check' で続けてください"));
        return mailbox_refuse(v->c, v->b, r, v->b->mailbox.s);
}

int client_recover(struct cli *c)
{
        SECRET_OWNED struct seed *seed = secret_new(sizeof(*seed));
        struct recovery *v = calloc(1, sizeof(*v));
        int r = seed && v ? 0 : cli_fail(c, "no memory");

        if (!r) {
                v->c = c;
                v->seed = seed;
                r = get_device(v);
        }
        if (!r)
                r = get_lost(v);
        if (!r)
                r = get_trust(v);
        if (!r)
                r = get_folder(v);
        if (!r)
                r = get_seed(v);
        if (!r)
                r = make(v);
        if (!r)
                r = ask_broker(v);
        if (v) {
                buf_free(&v->trust);
                fumi_box_close(v->b);
        }
        free(v);
        return r;
}
