/* mailbox.c - which folder, whose pass-phrase, and how a refusal is said */
#include "client/client.h"

#include "base/file.h"
#include "base/secret.h"
#include "base/text.h"
#include "schemas/outcomes.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

enum { PASSPHRASE_ROOM = 1024 };

int mailbox_folder(struct cli *c, char out[static PATH_MAX])
{
        const char *given = cli_get(c, "box"), *data = getenv("XDG_DATA_HOME"),
                   *home = getenv("HOME");
        int n;

        if (given && !*given)
                return cli_wrong(c, "--box needs a folder");
        if (given)
                n = snprintf(out, PATH_MAX, "%s", given);
        else if (data && *data == '/')
                n = snprintf(out, PATH_MAX, "%s/fumibako", data);
        else if (home && *home)
                n = snprintf(out, PATH_MAX, "%s/.local/share/fumibako", home);
        else
                return cli_wrong(c, "no HOME is set; say where the mailbox is with --box FOLDER");
        return n < PATH_MAX ? 0 : cli_fail(c, "the folder's path is too long");
}

int mailbox_open(struct cli *c, fumi_box **out)
{
        SECRET_OWNED char *passphrase = secret_new(PASSPHRASE_ROOM);
        char folder[PATH_MAX], path[PATH_MAX + 16], why[BOX_WHY] = "";
        size_t len;
        int r = mailbox_folder(c, folder);

        if (r)
                return r;
        if (!passphrase)
                return cli_fail(c, "no memory for the pass-phrase");
        /* Nobody should type a pass-phrase to learn that there is nothing to open. */
        snprintf(path, sizeof(path), "%s/identity.age", folder);
        if (access(path, F_OK) < 0)
                return cli_fail(
                        c, "%s: %s", folder,
                        errno == ENOENT
                                ? show_pick("there is no mailbox here; 'fumibako init' makes one, "
                                            "--box FOLDER names another",
                                            "私書箱がありません。'fumibako init' で作るか、--box "
                                            "で場所を示してください")
                                : strerror(errno));
        r = cli_passphrase(c, show_pick("pass-phrase", "パスフレーズ"), false, passphrase,
                           PASSPHRASE_ROOM, &len);
        if (r)
                return r;
        r = fumi_box_open(out, folder, passphrase, len, why);
        if (r == OUTCOME_WRONG_PASSPHRASE)
                return cli_refuse(c, r, folder, "");
        return r ? cli_refuse(c, r, NULL, why) : 0;
}

int mailbox_refuse(struct cli *c, const fumi_box *b, int r, const char *about)
{
        if (r == -EINTR)
                return cli_fail(c, "interrupted");
        return cli_refuse(c, r, about, fumi_box_error(b));
}

int mailbox_file(struct cli *c, const char *path, size_t most, struct buf *out)
{
        int r = file_read(out, path, most);

        if (r == FILE_ABSENT)
                return cli_fail(c, "%s: there is no such file", path);
        if (r == FILE_TOO_LARGE)
                return cli_fail(c, "%s: larger than the %zu bytes such a file may have", path,
                                most);
        if (r == -EINVAL)
                return cli_fail(c, "%s: not a file", path);
        return r ? cli_fail(c, "%s: %s", path, strerror(-r)) : 0;
}

int mailbox_address(struct cli *c, fumi_box *b, const char *word, struct box_address *out)
{
        BOX_BOOK_OWNED book = { 0 };
        uint64_t number = 0;
        int r = box_book_read(b, &book);

        if (r)
                return mailbox_refuse(c, b, r, NULL);
        text_get_u64(slice_str(word), &number);
        for (size_t i = 0; i < book.count; i++)
                if (strcmp(book.at[i].name.s, word) == 0 || book.at[i].number == number) {
                        *out = book.at[i];
                        return 0;
                }
        if (!number && !name_address_get(slice_str(word), NULL))
                return cli_wrong(c, "'%s' is neither an address (fumi1...) nor the number of one",
                                 word);
        return cli_fail(c, "%s: %s", word,
                        show_pick("no address of this mailbox; 'fumibako address list' shows them",
                                  "この私書箱の宛先ではありません。'fumibako address list' "
                                  "で確かめてください"));
}
