/* cli.h - what every command of the project does alike: options, help, refusals, exit codes
 *
 * A program is a table of commands, a command a table of options and a function. Help is written by
 * hand in the tables; a word that is none of them is answered with the nearest one.
 *
 * Exit codes: 0 done, 1 refused or failed, 2 called wrongly, 3 not complete (run it again). */
#pragma once

#include "base/buf.h"

#include <stdio.h>

enum { CLI_DONE = 0, CLI_FAILED = 1, CLI_USAGE = 2, CLI_INCOMPLETE = 3, CLI_OPTIONS_MOST = 24 };

struct cli_option {
        const char *name;  /* "to", given as --to VALUE or --to=VALUE */
        const char *value; /* "ADDRESS"; NULL for a flag */
        const char *help;
};

struct cli;

struct cli_command {
        const char *name;      /* "list", "address new"; NULL for a program of one command */
        const char *arguments; /* "FILE...", "" for none */
        const char *summary;   /* one line for the list of commands */
        const char *help;      /* paragraphs under the usage line; may be NULL */
        int least, most;       /* arguments wanted; most < 0: any number */
        const struct cli_option *option; /* ends with a NULL name; NULL for none */
        int (*run)(struct cli *c);
};

struct cli_program {
        const char *name;
        const char *about;                 /* what it is, in a sentence or two */
        const struct cli_command *command; /* ends with a NULL run */
        const struct cli_option *option;   /* those of every command */
};

struct cli {
        const struct cli_program *program;
        const struct cli_command *command;
        const char *value[2 * CLI_OPTIONS_MOST]; /* the command's options, then the program's */
        int count;
        char **argument; /* the words that are no options */
};

/* Parse and run; returns the exit code. Answers --help, --version and "help COMMAND" itself. */
int cli_main(const struct cli_program *p, int argc, char **argv);

const char *cli_get(const struct cli *c,
                    const char *option); /* NULL when not given; "" for a flag */
bool cli_has(const struct cli *c, const char *option);
/* The option as a number within [least, most]; @fallback when not given. A bad one ends with
 * CLI_USAGE. */
uint64_t cli_number(const struct cli *c, const char *option, uint64_t least, uint64_t most,
                    uint64_t fallback);

/* "program: text" on standard error, at most 1023 bytes of it; with --json also an object with code
 * -1 on standard output. Returns CLI_FAILED. */
int cli_fail(const struct cli *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* That object alone. */
void cli_fail_json(const char *text);
/* The same as cli_fail for calling it wrongly, with a pointer to --help, wherever --json stands;
 * returns CLI_USAGE. */
int cli_wrong(const struct cli *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
#ifdef __clang_analyzer__
#include "base/fault.h"
#define cli_fail(...)  never_zero(cli_fail(__VA_ARGS__))
#define cli_wrong(...) never_zero(cli_wrong(__VA_ARGS__))
#endif
/* Say an outcome (schemas/outcomes.h) or a fault about @about, in the reader's language, and what
 * to do next; as JSON on standard output with --json. Returns CLI_FAILED, or CLI_INCOMPLETE when a
 * retry can help. */
int cli_refuse(const struct cli *c, int result, const char *about, const char *detail);
bool cli_japanese(void);            /* by LC_ALL, LC_MESSAGES, LANG */
bool cli_json(const struct cli *c); /* --json was given */

/* The nearest of @words to @word within two edits, or NULL. */
const char *cli_nearest(const char *word, const char *const *words, size_t count);

/* A pass-phrase into @to (secret memory, @room bytes with terminator): from --passphrase-fd N up to
 * a newline, else from the terminal without echo, twice when @confirm. Never from argv or the
 * environment. 0 or an exit code. */
int cli_passphrase(const struct cli *c, const char *prompt, bool confirm, char *to, size_t room,
                   size_t *len);

/* A progress line on a terminal, nothing in a pipe: count, rate, time remaining. */
struct cli_progress {
        const char *what;
        uint64_t total;         /* 0: not known */
        int64_t started, shown; /* monotonic microseconds */
        bool terminal;
};
void cli_progress_begin(struct cli_progress *p, const char *what, uint64_t total);
void cli_progress_show(struct cli_progress *p, uint64_t done);
void cli_progress_end(struct cli_progress *p, uint64_t done);
