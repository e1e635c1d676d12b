/* key.c - fumibako key: the keys of an address, for the stock tool age
 *
 * What is printed opens everything that was ever sealed to the address, so it is written from
 * secret memory straight to standard output. */
#include "client/client.h"

#include "base/secret.h"
#include "crypt/bech32.h"

#include <errno.h>
#include <unistd.h>

/* Around stdio, whose buffer would keep a copy. */
static int write_out(struct cli *c, const char *text, size_t len)
{
        while (len) {
                ssize_t n = write(STDOUT_FILENO, text, len);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return cli_fail(c, "standard output: %s", strerror(errno));
                text += n;
                len -= (size_t)n;
        }
        return 0;
}

static int put_key(struct cli *c, fumi_box *b, const struct box_address *a, uint32_t epoch)
{
        SECRET_OWNED struct seal_sec *sec = secret_new(sizeof(*sec));
        SECRET_OWNED char *text = secret_new(BECH32_AGE_SECRET + 1);
        BUF_OWNED line = { 0 };
        struct seal_pub pub;
        int r;

        if (!sec || !text)
                return cli_fail(c, "no memory");
        identity_address_seal(b->identity, a->number, epoch, &pub, sec);
        bech32_put_identity(text, sec);
        if (cli_json(c))
                buf_printf(&line, "%s{\"epoch\":%lu,\"key\":\"", epoch > 1 ? "," : "",
                           (unsigned long)epoch);
        else
                buf_printf(&line, "# %s, epoch %lu\n", a->name.s, (unsigned long)epoch);
        r = write_out(c, buf_cstr(&line), line.len);
        if (!r)
                r = write_out(c, text, strlen(text));
        return r ? r : cli_json(c) ? write_out(c, "\"}", 2) : write_out(c, "\n", 1);
}

int client_key_export(struct cli *c)
{
        static const char begin[] = "{\"code\":0,\"keys\":[", end[] = "]}\n";
        struct box_address a;
        MAILBOX_OWNED *b = NULL;
        int r = mailbox_open(c, &b);

        if (!r)
                r = mailbox_address(c, b, c->argument[0], &a);
        if (r)
                return r;
        fprintf(stderr, "fumibako key export: %s\n",
                show_pick("whoever has these keys can read every letter to this address",
                          "この鍵を持つ者は、この宛先のすべての文書を読めます"));
        if (cli_json(c))
                r = write_out(c, begin, sizeof(begin) - 1);
        for (uint32_t epoch = 1; epoch <= a.epoch && !r; epoch++)
                r = put_key(c, b, &a, epoch);
        if (!r && cli_json(c))
                r = write_out(c, end, sizeof(end) - 1);
        return r;
}

int client_key_recipient(struct cli *c)
{
        SECRET_OWNED struct seal_sec *sec = secret_new(sizeof(*sec));
        struct box_address a;
        struct seal_pub pub;
        MAILBOX_OWNED *b = NULL;
        BUF_OWNED key = { 0 };
        BUF_OWNED out = { 0 };
        int r = sec ? mailbox_open(c, &b) : cli_fail(c, "no memory");

        if (!r)
                r = mailbox_address(c, b, c->argument[0], &a);
        if (r)
                return r;
        identity_address_seal(b->identity, a.number, a.epoch, &pub, sec);
        bech32_put_recipient(&key, &pub);
        if (cli_json(c)) {
                buf_puts(&out, "{\"code\":0");
                show_json(&out, "recipient", buf_slice(&key));
                buf_printf(&out, ",\"epoch\":%lu}\n", (unsigned long)a.epoch);
        } else {
                buf_printf(&out, "%s\n", buf_cstr(&key));
        }
        return show_out(c, &out);
}
