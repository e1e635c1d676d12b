/* tax_export.c - fumibako tax export: a year's certificates and their summary as a folder or a ZIP
 */
#include "client/tax.h"

#include <signal.h>

struct exporting {
        struct cli *c;
        struct buf out;
        size_t files;
};

static void on_file(void *ctx, const char *name, const struct fumi_certificate *c)
{
        struct exporting *x = ctx;

        if (cli_json(x->c)) {
                buf_printf(&x->out, "%s{\"number\":", x->files ? "," : "");
                if (c)
                        buf_printf(&x->out, "%zu", c->number);
                else
                        buf_puts(&x->out, "null");
                show_json(&x->out, "name", slice_str(name));
                buf_putc(&x->out, '}');
        }
        x->files++;
}

/* An interruption waits until everything is written, or nothing. */
static int export_year(struct exporting *x, fumi_tax *t, int year, const char *path)
{
        sigset_t stop, before;
        int r;

        sigemptyset(&stop);
        sigaddset(&stop, SIGINT);
        sigaddset(&stop, SIGTERM);
        sigaddset(&stop, SIGHUP);
        sigprocmask(SIG_BLOCK, &stop, &before);
        r = fumi_tax_export(t, year, path, on_file, x);
        sigprocmask(SIG_SETMASK, &before, NULL);
        return r ? cli_refuse(x->c, r, NULL, fumi_tax_error(t)) : 0;
}

static int say_done(struct exporting *x, struct tax_collected *from, int year, const char *path)
{
        BUF_OWNED files = x->out;
        int r;

        x->out = (struct buf){ 0 };
        if (cli_json(x->c)) {
                buf_printf(&x->out, "{\"code\":0,\"year\":%d", year);
                show_json(&x->out, "path", slice_str(path));
                buf_puts(&x->out, ",\"files\":[");
                buf_put(&x->out, buf_slice(&files));
                buf_puts(&x->out, "],\"totals\":[");
                r = tax_json_totals(&x->out, from->t, year);
                buf_puts(&x->out, "],\"refused\":[");
                buf_put(&x->out, buf_slice(&from->refused));
                buf_puts(&x->out, "]}\n");
        } else {
                show_string(&x->out, path);
                buf_printf(&x->out, "  (%zu %s)\n", x->files - 2,
                           show_pick("certificates, summary.csv, summary.json",
                                     "件の証明書、summary.csv、summary.json"));
                r = tax_print_totals(&x->out, from->t, year);
        }
        if (r)
                return cli_refuse(x->c, r, NULL, fumi_tax_error(from->t));
        return show_out(x->c, &x->out);
}

int client_tax_export(struct cli *c)
{
        struct exporting x = { .c = c };
        TAX_COLLECTED_OWNED from = { .c = c };
        const char *path = c->argument[0];
        int year = tax_year(c), r;

        if (!year)
                return cli_wrong(c, "say which year's return it is for: --year 2026");
        r = tax_collect(c, 1, &from);
        if (!r)
                r = export_year(&x, from.t, year, path);
        if (!r)
                r = say_done(&x, &from, year, path);
        buf_free(&x.out);
        return r ? r : from.refusals ? CLI_FAILED : CLI_DONE;
}
