/* qr.c - a text as a QR code in the terminal or on paper
 *
 * Two rows of modules in one row of characters: upper half, lower half, both. On a terminal the
 * colours are set, so that a camera sees dark on light whatever the terminal's own are. */
#include "client/client.h"

#include "base/secret.h"

#include <qrencode.h>
#include <unistd.h>

enum { QUIET = 2 }; /* modules of margin; the standard's four would not fit many terminals */

static bool dark(const QRcode *q, int x, int y)
{
        return x >= 0 && y >= 0 && x < q->width && y < q->width && (q->data[y * q->width + x] & 1);
}

/* On a screen light is drawn and dark left out: white characters on black. Ink on paper is dark. */
static const char *cell(const QRcode *q, int x, int y, bool ink)
{
        bool upper = dark(q, x, y) == ink, lower = dark(q, x, y + 1) == ink;

        return upper && lower ? "\u2588" : upper ? "\u2580" : lower ? "\u2584" : " ";
}

static void draw(struct buf *out, const QRcode *q, bool colours, bool ink)
{
        for (int y = -QUIET; y < q->width + QUIET; y += 2) {
                buf_puts(out, colours ? "  \033[97;40m" : "  ");
                for (int x = -QUIET; x < q->width + QUIET; x++)
                        buf_puts(out, cell(q, x, y, ink));
                buf_puts(out, colours ? "\033[0m\n" : "\n");
        }
}

/* What is drawn may be a secret: the picture is wiped. */
static void put(struct buf *out, const char *text, bool colours, bool ink)
{
        QRcode *q = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_M);

        if (!q)
                return;
        draw(out, q, colours, ink);
        secret_wipe(q->data, (size_t)q->width * (size_t)q->width);
        QRcode_free(q);
}

void qr_put(struct buf *out, const char *text)
{
        put(out, text, isatty(STDOUT_FILENO) == 1, false);
}

void qr_put_paper(struct buf *out, const char *text)
{
        put(out, text, false, true);
}
