/* export.c - fumibako export: the parts of letters become files */
#include "client/client.h"

#include <signal.h>

struct exporting {
        const char *folder;
        struct cli *c;
        struct buf out;
        size_t files;
};

static void on_file(void *ctx, const char *path, const struct fumi_opened_part *p)
{
        struct exporting *x = ctx;
        const char *name = strrchr(path, '/') + 1;
        bool renamed = strcmp(name, p->name) != 0;

        if (cli_json(x->c)) {
                buf_printf(&x->out, "%s{\"size\":%llu", x->files ? "," : "",
                           (unsigned long long)p->size);
                show_json(&x->out, "path", slice_str(path));
                show_json(&x->out, "name", slice_str(p->name));
                buf_puts(&x->out, "}");
        } else {
                show_string(&x->out, path);
                if (renamed) {
                        buf_printf(&x->out, "   (%s ",
                                   show_pick("the sender calls it", "差出人による名前:"));
                        show_string(&x->out, p->name);
                        buf_putc(&x->out, ')');
                }
                buf_putc(&x->out, '\n');
        }
        x->files++;
}

/* An interruption waits for the letter in hand: it is exported whole, or nothing of it is left. */
static int export_one(struct cli *c, fumi_box *b, const struct picked *p, void *ctx)
{
        struct exporting *x = ctx;
        sigset_t stop, before;
        int r;

        sigemptyset(&stop);
        sigaddset(&stop, SIGINT);
        sigaddset(&stop, SIGTERM);
        sigaddset(&stop, SIGHUP);
        sigprocmask(SIG_BLOCK, &stop, &before);
        r = fumi_export(b, &p->id, x->folder, on_file, x);
        sigprocmask(SIG_SETMASK, &before, NULL);
        return r ? mailbox_refuse(c, b, r, p->label) : 0;
}

int client_export(struct cli *c)
{
        struct exporting x = { .c = c, .folder = c->argument[c->count - 1] };
        bool all = cli_has(c, "all");
        MAILBOX_OWNED *b = NULL;
        int r;

        if (all ? c->count != 1 : c->count < 2)
                return cli_wrong(c, "%s",
                                 all ? "with --all, name the folder and nothing else"
                                     : "name the letters, then the folder to write to");
        r = mailbox_open(c, &b);
        if (r)
                return r;
        if (cli_json(c))
                buf_puts(&x.out, "{\"code\":0,\"files\":[");
        r = pick_each(c, b, 0, c->count - 1, export_one, &x);
        if (cli_json(c) && !r)
                buf_puts(&x.out, "]}\n");
        else if (cli_json(c))
                buf_clear(&x.out);
        else if (!r && !x.files)
                buf_printf(
                        &x.out, "%s\n",
                        show_pick(
                                "no letter on this device; 'fumibako get --all' fetches them",
                                "この端末に文書がありません。'fumibako get --all' で取得できます"));
        if (show_out(c, &x.out))
                r = CLI_FAILED;
        buf_free(&x.out);
        return r;
}
