/* main.c - fumibako: a person's mailbox, one command a file */
#include "client/client.h"

#include "base/log.h"
#include "base/secret.h"

static const struct cli_option init_options[] = {
        { "trust", "FILE", "whom this mailbox believes; from the broker's operator" },
        { "device", "NAME", "what to call this device: a-z 0-9 - (default: main)" },
        { "work", "N", "how slow guessing the pass-phrase is: scrypt's log2 N (default: 18)" },
        { NULL },
};
static const struct cli_option register_options[] = {
        { "enrolment", "FILE", "what the registrar signed" },
        { NULL },
};
static const struct cli_option new_options[] = {
        { "for", "SENDER", "who may write to it" },
        { "classes", "LIST",
          "what that sender may send, as certificate,notice (default: everything)" },
        { "days", "N", "valid for so long (default: 365)" },
        { "quiet", NULL, "print the address and nothing else" },
        { NULL },
};
static const struct cli_option days_options[] = {
        { "days", "N", "valid for so long (default: 365)" },
        { NULL },
};
static const struct cli_option check_options[] = {
        { "check", NULL, "ask the broker, and take up what another device changed" },
        { NULL },
};
static const struct cli_option list_options[] = {
        { "after", "SEQ", "letters behind this position (default: 0, the beginning)" },
        { "limit", "N", "so many at most (default: 50)" },
        { "all", NULL, "every letter there is" },
        { NULL },
};
static const struct cli_option get_options[] = {
        { "all", NULL, "every letter that is not on this device yet" },
        { NULL },
};
static const struct cli_option export_options[] = {
        { "all", NULL, "every letter on this device" },
        { NULL },
};
static const struct cli_option ack_options[] = {
        { "all", NULL, "every letter on this device that has not been acknowledged" },
        { NULL },
};
static const struct cli_option watch_options[] = {
        { "once", NULL, "end with the first letter" },
        { "seconds", "N", "end after so long (default: wait until interrupted)" },
        { NULL },
};
static const struct cli_option device_options[] = {
        { "statement", NULL, "only write the statement; 'fumibako register' hands it in" },
        { NULL },
};
static const struct cli_option recovery_options[] = {
        { "shares", "K/N", "N sheets, any K of which are enough (default: 1/1, one sheet)" },
        { "out", "FOLDER", "as files, one a sheet (default: to standard output, one a page)" },
        { NULL },
};
static const struct cli_option recover_options[] = {
        { "shares-from", "FILE", "a sheet's words; - to type them. Further files may follow" },
        { "trust", "FILE", "whom this mailbox believes; from the broker's operator" },
        { "device", "NAME", "what to call this device (default: recovered- and four letters)" },
        { "lost", "NAME,...", "devices to shut out at once; 'device remove' does it later" },
        { "work", "N", "how slow guessing the pass-phrase is: scrypt's log2 N (default: 18)" },
        { NULL },
};

static const struct cli_option tax_check_options[] = {
        { "anchors", "FILE",
          "certificates of authorities you trust: a file (PEM, DER) or a folder" },
        { "crls", "FILE", "their revocation lists: a file or a folder" },
        { "at", "TIME", "judge as of this day or instant (default: now)" },
        { "sender-number", "NUMBER", "the issuer has to be this one: houjin:9234567890123" },
        { NULL },
};

static const struct cli_option tax_show_options[] = {
        { "anchors", "FILE",
          "certificates of authorities you trust: a file (PEM, DER) or a folder" },
        { "crls", "FILE", "their revocation lists: a file or a folder" },
        { "at", "TIME", "judge as of this day or instant (default: now)" },
        { NULL },
};
static const struct cli_option tax_list_options[] = {
        { "year", "YEAR", "only what that year's return takes, as 2026" },
        { "anchors", "FILE",
          "certificates of authorities you trust: a file (PEM, DER) or a folder" },
        { "crls", "FILE", "their revocation lists: a file or a folder" },
        { "at", "TIME", "judge as of this day or instant (default: now)" },
        { NULL },
};
static const struct cli_option tax_export_options[] = {
        { "year", "YEAR", "the year of the return, as 2026; needed" },
        { "anchors", "FILE",
          "certificates of authorities you trust: a file (PEM, DER) or a folder" },
        { "crls", "FILE", "their revocation lists: a file or a folder" },
        { "at", "TIME", "judge as of this day or instant (default: now)" },
        { NULL },
};

static const struct cli_command commands[] = {
        { "init", "", "make a mailbox on this device",
          "The keys of the mailbox all come from one secret, which is kept in the folder under a\n"
          "pass-phrase. Nobody can give it back: print it, with 'fumibako key recovery new'.",
          0, 0, init_options, client_init },
        { "register", "", "make the mailbox and this device known to the broker",
          "A registrar enrols you first: hand in the file 'mailbox' of your mailbox folder and "
          "take\n"
          "the enrolment back.",
          0, 0, register_options, client_register },
        { "address new", "[SENDER=LIST...]", "make an address for a sender",
          "One address for one sender: so senders cannot compare whom they write to, and closing "
          "the\n"
          "address takes back your consent. Further senders follow as SENDER=LIST.",
          0, -1, new_options, client_address_new },
        { "address list", "", "show your addresses", NULL, 0, 0, check_options,
          client_address_list },
        { "address show", "ADDRESS", "show an address with its QR code and what it accepts",
          "ADDRESS is fumi1... or its number in 'address list'.", 1, 1, check_options,
          client_address_show },
        { "address renew", "ADDRESS", "go on using an address, with a new key",
          "What was sealed with the keys before can still be opened.", 1, 1, days_options,
          client_address_renew },
        { "address close", "ADDRESS", "close an address: nobody can send to it any more",
          "Letters that are in the mailbox stay. It cannot be opened again.", 1, 1, NULL,
          client_address_close },
        { "list", "", "show what is in the mailbox", "Looking has no legal effect.", 0, 0,
          list_options, client_list },
        { "get", "SEQ|ID...", "fetch letters to this device", NULL, 0, -1, get_options,
          client_get },
        { "open", "SEQ|ID", "open a letter and check everything about it",
          "The letter has to be on this device; no broker is needed.", 1, 1, NULL, client_open },
        { "export", "SEQ|ID... FOLDER", "write the parts of letters as files",
          "Never over another file. Names are made safe; a part that is there already is left.", 1,
          -1, export_options, client_export },
        { "ack", "SEQ...", "confirm to the broker that this device has the letters",
          "This is on record as handed over (ContentHandover).", 0, -1, ack_options, client_ack },
        { "watch", "", "say when a letter comes",
          "The broker is not asked again and again: it tells.", 0, 0, watch_options, client_watch },
        { "device add", "NAME", "make this folder, a copy from another device, a device of its own",
          "Copy the mailbox folder to the new device, then run this there.", 1, 1, device_options,
          client_device_add },
        { "device remove", "NAME", "shut a lost device out of the mailbox",
          "The broker answers it no more. Who has its folder and the pass-phrase has the secret of "
          "the\n"
          "mailbox all the same: then make a new mailbox and close the addresses of this one.",
          1, 1, NULL, client_device_remove },
        { "device list", "", "show the devices of the mailbox", NULL, 0, 0, NULL,
          client_device_list },
        { "key export", "ADDRESS", "print the secret keys of an address, for the stock tool age",
          "age -d -i <(fumibako key export ADDRESS) FOLDER/letters/ID.age", 1, 1, NULL,
          client_key_export },
        { "key recipient", "ADDRESS", "print the public key of an address (age1...)", NULL, 1, 1,
          NULL, client_key_recipient },
        { "key recovery new", "", "print the secret of the mailbox as words, for when all is lost",
          "One sheet, or N shares of which any K are enough: for the family, a town office, a "
          "drawer "
          "of\n"
          "your own. Fewer than K open nothing. 'fumibako recover' reads them.",
          0, 0, recovery_options, client_key_recovery_new },
        { "recover", "[FILE...]", "get the mailbox back on a new device, from sheets of words",
          "Words may be typed, or be in files: a photographed QR code's text, or what 'key "
          "recovery "
          "new'\n"
          "wrote. The addresses and letters come from the broker; addresses in use get new keys.",
          0, -1, recover_options, client_recover },
        { "tax check", "FILE...", "say what a tax certificate is, whether it is whole, and whose",
          "An electronic certificate (電子的控除証明書等) of the National Tax Agency's forms, as "
          "the\n"
          "issuer signed it. Needs no mailbox. Exit code 0: valid by its form and intact, and "
          "with\n"
          "--anchors of a trusted issuer.",
          1, -1, tax_check_options, client_tax_check },
        { "tax list", "[FILE|FOLDER...]", "show tax certificates, what counts, and the sums",
          "Of the letters on this device, or of the files, ZIPs and folders that are named.", 0, -1,
          tax_list_options, client_tax_list },
        { "tax export", "FOLDER|FILE.zip [FILE|FOLDER...]",
          "hand a year's tax certificates to tax software",
          "The issuers' files as they were signed, one for each certificate that counts, with\n"
          "summary.csv and summary.json: every amount, the sums by kind of deduction, and what "
          "does\n"
          "not count and why. Written whole or not at all, never over something.",
          1, -1, tax_export_options, client_tax_export },
        { "tax show", "FILE", "print a tax certificate as a person knows it",
          "What is known about it stands above what it says: whether it is whole, and whose.\n"
          "Needs no mailbox.",
          1, 1, tax_show_options, client_tax_show },
        { .run = NULL },
};

static const struct cli_option common[] = {
        { "box", "FOLDER", "the mailbox folder (default: ~/.local/share/fumibako)" },
        { "passphrase-fd", "N", "read the pass-phrase from this file descriptor" },
        { "json", NULL, "answer in JSON" },
        { NULL },
};

int main(int argc, char **argv)
{
        static const struct cli_program program = {
                .name = "fumibako",
                .about = "Your mailbox for signed and sealed letters: fetch, open and keep them.",
                .command = commands,
                .option = common,
        };

        if (secret_init() < 0)
                return CLI_FAILED;
        log_open("fumibako", LOG_QUIET, LOG_TEXT);
        return cli_main(&program, argc, argv);
}
