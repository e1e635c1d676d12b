/* example_sender.c - post one letter with nothing but the installed library
 *
 *      cc example_sender.c $(pkg-config --cflags --libs fumibako)
 *      ./a.out PROFILE ADDRESS FILE TRUST
 *
 * Each step ends the program with the library's own sentence when it is refused. */
#include <fumibako.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void must(int r, const char *what, const char *why)
{
        const struct fumi_outcome *o = r > 0 ? fumi_outcome(r) : NULL;

        if (r == 0)
                return;
        fprintf(stderr, "%s: %s (%s)\n", what, why, o ? o->name : strerror(-r));
        exit(1);
}

static void on_result(void *ctx, const struct fumi_result *r)
{
        printf("%s: %s\n", r->to, r->state == FUMI_FILED ? "filed" : r->where);
}

/* A receipt can be judged by anyone who has the trust file. */
static void on_receipt(void *ctx, const void *bytes, size_t size)
{
        enum fumi_verdict verdict;
        char reason[256];

        must(fumi_verify(bytes, size, ctx, &verdict, reason), "verify", "cannot judge");
        printf("receipt of %zu bytes: %s\n", size, verdict == FUMI_OK ? "OK" : reason);
}

int main(int argc, char **argv)
{
        struct fumi_part part = { .media = "application/xml" };
        struct fumi_letter letter = {
                .letter_class = "certificate",
                .type = "jp.go.nta.TEG800",
                .title = "生命保険料控除証明書",
                .part = &part,
                .parts = 1,
                .key = "example 1",
        };
        char why[512] = "";
        fumi_sender *s;
        fumi_id id;

        if (argc != 5)
                return 2;
        letter.to = argv[2];
        part.file = argv[3];
        must(fumi_start(), "start", "no crypto library");
        must(fumi_sender_open(&s, argv[1], why), "open", why);
        must(fumi_compose(s, &letter, &id), "compose", fumi_sender_error(s));
        must(fumi_send(s, 30000, on_result, NULL), "send", fumi_sender_error(s));
        must(fumi_receipt(s, &id, on_receipt, argv[4]), "receipt", fumi_sender_error(s));
        fumi_sender_close(s);
        return 0;
}
