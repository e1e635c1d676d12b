/* cli.c - from argv to the function that was meant
 *
 * A command's name may have several words ("address new"); the longest match wins. */
#include "cli/cli.h"

#include "base/text.h"
#include "schemas/outcomes.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>

static size_t options_of(const struct cli_option *o)
{
        size_t n = 0;

        while (o && o[n].name)
                n++;
        return n;
}

static void help_options(const struct cli_option *o)
{
        for (; o && o->name; o++) {
                int width = printf("  --%s%s%s", o->name, o->value ? " " : "",
                                   o->value ? o->value : "");

                printf("%*s%s\n", width < 28 ? 28 - width : 2, "", o->help);
        }
}

static void help_command(const struct cli_program *p, const struct cli_command *m)
{
        printf("usage: %s%s%s [options]%s%s\n", p->name, m->name ? " " : "", m->name ? m->name : "",
               *m->arguments ? " " : "", m->arguments);
        printf("\n%s\n", m->name ? m->summary : p->about);
        if (m->help)
                printf("\n%s\n", m->help);
        printf("\noptions:\n");
        help_options(m->option);
        help_options(p->option);
        printf("  %-26s%s\n", "--help", "show this help");
}

static void help_program(const struct cli_program *p)
{
        printf("usage: %s COMMAND [options] [arguments]\n\n%s\n\ncommands:\n", p->name, p->about);
        for (const struct cli_command *m = p->command; m->run; m++)
                printf("  %-26s%s\n", m->name, m->summary);
        printf("\n'%s COMMAND --help' tells more. Options of every command:\n", p->name);
        help_options(p->option);
        printf("  %-26s%s\n  %-26s%s\n", "--help", "show this help", "--version",
               "show the version");
}

/* Is @word the first of a command's several? */
static bool in_group(const struct cli_command *m, const char *word)
{
        size_t len = strlen(word);

        return strncmp(m->name, word, len) == 0 && m->name[len] == ' ';
}

static bool is_group(const struct cli_program *p, const char *word)
{
        for (const struct cli_command *m = p->command; m->run; m++)
                if (in_group(m, word))
                        return true;
        return false;
}

static void help_group(const struct cli_program *p, const char *group, FILE *to)
{
        fprintf(to, "usage: %s %s COMMAND [options] [arguments]\n\ncommands:\n", p->name, group);
        for (const struct cli_command *m = p->command; m->run; m++)
                if (in_group(m, group))
                        fprintf(to, "  %-26s%s\n", m->name, m->summary);
        fprintf(to, "\n'%s %s COMMAND --help' tells more.\n", p->name, group);
}

/* How many of @argv's words name @m: all that its name has, or 0. */
static int words_match(const struct cli_command *m, int argc, char **argv)
{
        const char *name = m->name;

        for (int i = 0; i < argc; i++) {
                size_t len = strcspn(name, " ");

                if (strlen(argv[i]) != len || strncmp(argv[i], name, len) != 0)
                        return 0;
                if (name[len] == 0)
                        return i + 1;
                name += len + 1;
        }
        return 0;
}

static const struct cli_command *find_command(const struct cli_program *p, int argc, char **argv,
                                              int *used)
{
        const struct cli_command *best = NULL;

        *used = 0;
        for (const struct cli_command *m = p->command; m->run; m++) {
                int n = words_match(m, argc, argv);

                if (n > *used) {
                        best = m;
                        *used = n;
                }
        }
        return best;
}

static bool asks_for_help(const char *word)
{
        return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
}

/* No command, so no options: --json is taken at its word. */
static void unknown_json(const struct cli_program *p, int argc, char **argv, const char *given)
{
        const struct cli_option *o = p->option;
        char text[256];

        while (o && o->name && strcmp(o->name, "json") != 0)
                o++;
        if (!o || !o->name)
                return;
        snprintf(text, sizeof(text), "no command '%s'", given);
        for (int i = 0; i < argc && strcmp(argv[i], "--") != 0; i++)
                if (strcmp(argv[i], "--json") == 0) {
                        cli_fail_json(text);
                        return;
                }
}

/* The first word of a pair with no second one that fits. */
static int unknown_in_group(const struct cli_program *p, int argc, char **argv)
{
        if (argc > 1 && argv[1][0] != '-')
                fprintf(stderr, "%s: no command '%s %s'\n", p->name, argv[0], argv[1]);
        if (argc > 1 && asks_for_help(argv[1])) {
                help_group(p, argv[0], stdout);
                return CLI_DONE;
        }
        help_group(p, argv[0], stderr);
        return CLI_USAGE;
}

static int unknown_command(const struct cli_program *p, int argc, char **argv)
{
        const char *words[64], *near;
        char given[128];
        size_t n = 0;

        snprintf(given, sizeof(given), "%s", argv[0]);
        if (argc > 1 && argv[1][0] != '-')
                snprintf(given, sizeof(given), "%s %s", argv[0], argv[1]);
        for (const struct cli_command *m = p->command; m->run && n < 64; m++)
                words[n++] = m->name;
        near = cli_nearest(given, words, n);
        if (argc < 2 || !asks_for_help(argv[1]))
                unknown_json(p, argc, argv, given);
        if (!near && is_group(p, argv[0]))
                return unknown_in_group(p, argc, argv);
        if (!near)
                near = cli_nearest(argv[0], words, n);
        for (const struct cli_command *m = p->command; m->run && !near; m++)
                if (strncmp(m->name, argv[0], strlen(argv[0])) == 0)
                        near = m->name;
        fprintf(stderr, "%s: no command '%s'", p->name, is_group(p, argv[0]) ? given : argv[0]);
        if (near)
                fprintf(stderr, "; did you mean '%s'? '%s --help' lists them.\n", near, p->name);
        else
                fprintf(stderr, "; '%s --help' lists them.\n", p->name);
        return CLI_USAGE;
}

/* The place of option @word (without dashes, up to @len) in c->value, or -1. */
static int option_place(const struct cli *c, const char *word, size_t len,
                        const struct cli_option **which)
{
        const struct cli_option *sets[2] = { c->command->option, c->program->option };

        for (int s = 0; s < 2; s++)
                for (size_t i = 0; i < options_of(sets[s]); i++)
                        if (strlen(sets[s][i].name) == len &&
                            strncmp(sets[s][i].name, word, len) == 0) {
                                *which = &sets[s][i];
                                return (int)i + s * CLI_OPTIONS_MOST;
                        }
        return -1;
}

static int unknown_option(const struct cli *c, const char *word)
{
        const struct cli_option *sets[2] = { c->command->option, c->program->option };
        const char *names[2 * CLI_OPTIONS_MOST], *near;
        size_t n = 0;

        for (int s = 0; s < 2; s++)
                for (size_t i = 0; i < options_of(sets[s]); i++)
                        names[n++] = sets[s][i].name;
        near = cli_nearest(word + (strncmp(word, "--", 2) == 0 ? 2 : 0), names, n);
        if (near)
                return cli_wrong(c, "no option '%s'; did you mean '--%s'?", word, near);
        return cli_wrong(c, "no option '%s'", word);
}

/* One word that begins with a dash; may take the word after it. Exit code or -1 to go on. */
static int take_option(struct cli *c, int argc, char **argv, int *at)
{
        const char *word = argv[*at] + 2, *equals = strchr(word, '=');
        const struct cli_option *o = NULL;
        int place;

        if (asks_for_help(argv[*at])) {
                help_command(c->program, c->command);
                return CLI_DONE;
        }
        if (argv[*at][1] != '-')
                return unknown_option(c, argv[*at]);
        place = option_place(c, word, equals ? (size_t)(equals - word) : strlen(word), &o);
        if (place < 0)
                return unknown_option(c, argv[*at]);
        if (!o->value) {
                if (equals)
                        return cli_wrong(c, "--%s takes no value", o->name);
                c->value[place] = "";
        } else if (equals) {
                c->value[place] = equals + 1;
        } else if (*at + 1 < argc) {
                c->value[place] = argv[++*at];
        } else {
                return cli_wrong(c, "--%s needs a value: %s", o->name, o->value);
        }
        return -1;
}

/* Is --json among @argv? Looked for before the options are taken, so that a wrong one in front of
 * it is answered in JSON too. */
static void look_for_json(struct cli *c, int argc, char **argv)
{
        const struct cli_option *o = NULL;

        for (int i = 0; i < argc && strcmp(argv[i], "--") != 0; i++) {
                int place = strncmp(argv[i], "--", 2) == 0
                                    ? option_place(c, argv[i] + 2, strlen(argv[i] + 2), &o)
                                    : -1;

                if (place >= 0 && o->value)
                        i++;
                else if (place >= 0 && strcmp(o->name, "json") == 0)
                        c->value[place] = "";
        }
}

static int run(struct cli *c, int argc, char **argv)
{
        bool only_words = false;

        look_for_json(c, argc, argv);
        c->argument = argv; /* words are moved to the front; options fall out */
        for (int i = 0; i < argc; i++) {
                if (!only_words && strcmp(argv[i], "--") == 0) {
                        only_words = true;
                } else if (!only_words && argv[i][0] == '-' && argv[i][1]) {
                        int r = take_option(c, argc, argv, &i);

                        if (r >= 0)
                                return r;
                } else {
                        argv[c->count++] = argv[i];
                }
        }
        if (c->count < c->command->least)
                return cli_wrong(c, "missing %s", c->command->arguments);
        if (c->command->most >= 0 && c->count > c->command->most)
                return cli_wrong(c, "one word too many: '%s'", c->argument[c->command->most]);
        return c->command->run(c);
}

static int choose(const struct cli_program *p, int argc, char **argv)
{
        struct cli c = { .program = p };
        int used = 0;

        if (argc > 1 && strcmp(argv[1], "--version") == 0) {
                printf("%s (Fumibako) %s\n", p->name, FUMIBAKO_VERSION);
                return CLI_DONE;
        }
        if (!p->command[0].name) {
                c.command = &p->command[0];
                return run(&c, argc - 1, argv + 1);
        }
        if (argc > 2 && strcmp(argv[1], "help") == 0) {
                c.command = find_command(p, argc - 2, argv + 2, &used);
                if (!c.command && argc == 3 && is_group(p, argv[2])) {
                        help_group(p, argv[2], stdout);
                        return CLI_DONE;
                }
                if (!c.command)
                        return unknown_command(p, argc - 2, argv + 2);
                help_command(p, c.command);
                return CLI_DONE;
        }
        if (argc < 2 || asks_for_help(argv[1]) || strcmp(argv[1], "help") == 0) {
                help_program(p);
                return argc < 2 ? CLI_USAGE : CLI_DONE;
        }
        c.command = find_command(p, argc - 1, argv + 1, &used);
        if (!c.command)
                return unknown_command(p, argc - 1, argv + 1);
        return run(&c, argc - 1 - used, argv + 1 + used);
}

int cli_main(const struct cli_program *p, int argc, char **argv)
{
        int code = choose(p, argc, argv);

        /* Half an answer with exit code 0 would be a lie. */
        if (fflush(stdout) == 0 && !ferror(stdout))
                return code;
        fprintf(stderr, "%s: standard output: %s\n", p->name, strerror(errno ? errno : EIO));
        return code == CLI_DONE ? CLI_FAILED : code;
}

const char *cli_get(const struct cli *c, const char *option)
{
        const struct cli_option *o;
        int place = option_place(c, option, strlen(option), &o);

        return place < 0 ? NULL : c->value[place];
}

bool cli_has(const struct cli *c, const char *option)
{
        return cli_get(c, option) != NULL;
}

bool cli_json(const struct cli *c)
{
        return cli_has(c, "json");
}

uint64_t cli_number(const struct cli *c, const char *option, uint64_t least, uint64_t most,
                    uint64_t fallback)
{
        const char *text = cli_get(c, option);
        uint64_t v;

        if (!text)
                return fallback;
        if (!text_get_u64(slice_str(text), &v) || v < least || v > most) {
                cli_wrong(c, "--%s takes a whole number from %llu to %llu, not '%s'", option,
                          (unsigned long long)least, (unsigned long long)most, text);
                exit(CLI_USAGE);
        }
        return v;
}
