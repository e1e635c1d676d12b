/* main.c - fumibako-post: what a sender does */
#include "post/nta.h"

#include "base/log.h"

#include <stdlib.h>

#define PROFILE                                                                                    \
        {                                                                                          \
                "profile", "DIR", "the sender's folder, as 'init' made it (default: this one)"     \
        }
#define TIMEOUT                                                                                    \
        {                                                                                          \
                "timeout", "SECONDS", "give up when nothing is answered for so long (default: 60)" \
        }

static const struct cli_option init_options[] = {
        { "name", "NAME", "the sender's registered name, for example org.example-life" },
        { "trust", "FILE", "the trust file of the broker, copied into the folder" },
        { NULL },
};
static const struct cli_option send_options[] = {
        PROFILE,
        { "to", "ADDRESS", "the recipient's address, fumi1..." },
        { "type", "TYPE", "what kind of document, for example jp.go.nta.TEG800" },
        { "title", "TITLE", "what the recipient reads first" },
        { "class", "CLASS",
          "certificate (default), notice, referral, application, decision, record, message" },
        { "key", "KEY", "your own key for this letter: sent once, however often you ask" },
        { "not-before", "INSTANT", "not handed out before then, RFC 3339" },
        { "expires", "INSTANT", "not handed out after then, RFC 3339" },
        { "grade", "GRADE", "which act delivers: filed (default), handed-over, accepted" },
        { "assurance", "LEVEL", "least level at which the recipient was enrolled, 0 to 3" },
        TIMEOUT,
        { NULL },
};
static const struct cli_option run_options[] = {
        PROFILE,
        { "results", "FILE", "write what became of each line there, as CSV" },
        TIMEOUT,
        { NULL },
};
static const struct cli_option nta_convert_options[] = {
        { "out", "DIR", "the folder to make: one XML file a certificate" },
        NTA_KEY_OPTIONS,
        { "map", "FILE",
          "which number leads to which address: a manifest.csv for 'run' is made, too" },
        { "by", "COLUMN", "the column that holds the number, by name or number" },
        { "title", "TITLE", "of the manifest's letters (default: the form's name)" },
        { NULL },
};
static const struct cli_option nta_run_options[] = {
        PROFILE,
        { "map", "FILE", "which number leads to which address: CSV, number,address" },
        { "by", "COLUMN", "the column that holds the number, by name or number" },
        NTA_KEY_OPTIONS,
        { "title", "TITLE", "what the recipient reads first (default: the form's name)" },
        { "results", "FILE", "write what became of each certificate there, as CSV" },
        TIMEOUT,
        { NULL },
};
static const struct cli_option profile_options[] = {
        PROFILE,
        { NULL },
};
static const struct cli_option receipt_options[] = {
        PROFILE,
        { "out", "FILE", "write it there instead of to standard output" },
        { "wait", "SECONDS",
          "wait so long for the witnesses that the trust file asks for (default: 5)" },
        { NULL },
};
static const struct cli_option forget_options[] = {
        PROFILE,
        { "before", "INSTANT", "forget everything of letters filed before then, RFC 3339" },
        { NULL },
};

static const struct cli_command commands[] = {
        { "init", "FOLDER", "make a sender's folder: key, trust file, request to the registrar",
          "Take FOLDER/sender.request to the registrar and put the answer into FOLDER/statement.\n"
          "Nothing that is there is overwritten.",
          1, 1, init_options, post_init },
        { "send", "FILE...", "send one letter",
          "The files become the parts of the letter, under their own names. The letter is in the\n"
          "spool before it is sent; when no answer comes (exit code 3), 'fumibako-post run' "
          "without\n"
          "a manifest sends it again. 'fumibako-post --to ... FILE...' means 'send'.",
          1, 64, send_options, post_send },
        { "run", "[MANIFEST.csv]", "send every letter of a manifest, or what waits in the spool",
          "The manifest is CSV (RFC 4180) in UTF-8 with the header address,type,title,files and,\n"
          "if you like, class and key. Several files are separated by ';' and are looked for "
          "beside\n"
          "the manifest. All of it is checked before anything is sent. Run it again after "
          "whatever\n"
          "broke: only what is missing is sent, and what was refused is tried anew. With --json "
          "each line's result is a line of JSON.",
          0, 1, run_options, post_run },
        { "nta convert", "FILE.csv", "certificates for tax returns: from the CSV to signed XML",
          "FILE.csv is laid out as the tax agency has it (CP932). Everything that is wrong with "
          "it\n"
          "is said, and DIR, which must not be there or be empty, is made only when nothing is.\n"
          "One of --key with --certificate, --pkcs12 or --token says who signs. With --map,\n"
          "certificates without an address are listed (exit code 3).",
          1, 1, nta_convert_options, nta_convert },
        { "nta run", "FILE.csv",
          "certificates for tax returns: from the CSV straight into mailboxes",
          "FILE.csv is laid out as the tax agency has it (CP932). The CSV, the mapping and the key "
          "are\n"
          "checked before anything is sent. Each certificate is then made, signed and sealed in "
          "memory;\n"
          "no file is written. Run it again after whatever broke, on whatever day: only what is "
          "missing\n"
          "is made and sent. Certificates without an address are listed (exit code 3); complete "
          "the\n"
          "mapping and run it again. One of --key with --certificate, --pkcs12 or --token says who "
          "signs.",
          1, 1, nta_run_options, nta_run },
        { "status", "[ID|KEY]", "count the spool, or ask what became of one letter",
          "With an id or key the broker is asked whether the recipient's device has the letter.", 0,
          1, profile_options, post_status },
        { "results", "[ID|KEY...]", "show what became of letters", NULL, 0, -1, profile_options,
          post_results },
        { "receipt", "ID|KEY", "write a filed letter's receipt, which fumibako-verify judges",
          "The receipt is proved against the broker's log once and kept: the same bytes for ever.\n"
          "Where the trust file asks for witnesses, a checkpoint is taken that enough of them "
          "have\n"
          "cosigned; if there is none yet, the receipt is made without and improved the next time.",
          1, 1, receipt_options, post_receipt },
        { "forget", "", "drop what filed letters left in the spool",
          "Bodies go by themselves; this finds those that a crash left.\n"
          "With --before also receipts and keys of what was filed before then: a manifest that "
          "names\n"
          "such letters would send them again.",
          0, 0, forget_options, post_forget },
        { .run = NULL },
};

static const struct cli_option common[] = {
        { "json", NULL, "answer in JSON, one object a line" },
        { NULL },
};

/* 'fumibako-post --to ADDRESS ... FILE' is 'fumibako-post send --to ADDRESS ... FILE'. */
static bool means_send(int argc, char **argv)
{
        return argc > 1 && strncmp(argv[1], "--", 2) == 0 && strcmp(argv[1], "--help") != 0 &&
               strcmp(argv[1], "--version") != 0;
}

int main(int argc, char **argv)
{
        static const struct cli_program program = {
                .name = "fumibako-post",
                .about = "Send letters: certificates, notices and whatever else people keep.",
                .command = commands,
                .option = common,
        };
        char send[] = "send", **words;
        int r;

        log_open("post", LOG_QUIET, LOG_TEXT);
        if (fumi_start() < 0)
                return CLI_FAILED;
        if (!means_send(argc, argv))
                return cli_main(&program, argc, argv);
        words = calloc((size_t)argc + 2, sizeof(*words));
        if (!words)
                return CLI_FAILED;
        words[0] = argv[0];
        words[1] = send;
        memcpy(words + 2, argv + 1, ((size_t)argc - 1) * sizeof(*words));
        r = cli_main(&program, argc + 1, words);
        free(words);
        return r;
}
