/* main.c - fumibako-witness: cosign a broker's checkpoints, so that it cannot show two histories */
#include "witness/witness.h"

#include "base/log.h"
#include "base/secret.h"

#include <sys/prctl.h>
#include <sys/stat.h>

static const struct cli_option init_options[] = {
        { "name", "NAME", "the witness's name, for example witness.example" },
        { "trust", "FILE", "the trust file of the broker, copied into the folder" },
        { NULL },
};
static const struct cli_option cosign_options[] = {
        { "trust", "FILE", "another trust file than the folder's, for the same log" },
        { NULL },
};
static const struct cli_option watch_options[] = {
        { "trust", "FILE", "another trust file than the folder's, for the same log" },
        { "every", "SECONDS",
          "a round at least so often, besides one at each change (default: 10)" },
        { NULL },
};

static const struct cli_command commands[] = {
        { "init", "FOLDER", "make a witness: key, trust file, an empty memory",
          "The vkey is printed: the broker's operator names it in the configuration, and those "
          "who\n"
          "want this witness in their trust files. Nothing that is there is overwritten.",
          1, 1, init_options, witness_init },
        { "cosign", "FOLDER", "look at the log once, and cosign what is new",
          "Refused is a log that went back or contradicts what was cosigned; the two checkpoints "
          "are\n"
          "then in FOLDER/fork-..., which 'fumibako-verify --fork' judges.",
          1, 1, cosign_options, witness_cosign },
        { "watch", "FOLDER", "do so again and again, until it is ended",
          "It may be killed at any moment.", 1, 1, watch_options, watch_run },
        { "status", "FOLDER", "show key, log, and what was cosigned last", NULL, 1, 1, NULL,
          witness_status },
        { .run = NULL },
};

static const struct cli_option common[] = {
        { "json", NULL, "answer in JSON, one object a line" },
        { NULL },
};

int main(int argc, char **argv)
{
        static const struct cli_program program = {
                .name = "fumibako-witness",
                .about = "Cosign the checkpoints of a broker's log: an independent memory of what "
                         "it "
                         "has shown.",
                .command = commands,
                .option = common,
        };

        umask(077);
        prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
        if (secret_init() < 0)
                return CLI_FAILED;
        log_open("witness", LOG_QUIET, LOG_TEXT);
        return cli_main(&program, argc, argv);
}
