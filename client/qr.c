/* qr.c - an address as a QR code in the terminal
 *
 * Two rows of modules in one row of characters: upper half, lower half, both. On a terminal the
 * colours are set, so that a camera sees dark on light whatever the terminal's own are. */
#include "client/client.h"

#include <qrencode.h>
#include <unistd.h>

enum { QUIET = 2 }; /* modules of margin; the standard's four would not fit many terminals */

static bool dark(const QRcode *q, int x, int y)
{
        return x >= 0 && y >= 0 && x < q->width && y < q->width && (q->data[y * q->width + x] & 1);
}

/* Light is drawn, dark left out: white characters on black. */
static const char *cell(const QRcode *q, int x, int y)
{
        bool upper = !dark(q, x, y), lower = !dark(q, x, y + 1);

        return upper && lower ? "\u2588" : upper ? "\u2580" : lower ? "\u2584" : " ";
}

void qr_put(struct buf *out, const char *text)
{
        QRcode *q = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_M);
        bool colours = isatty(STDOUT_FILENO) == 1;

        if (!q)
                return;
        for (int y = -QUIET; y < q->width + QUIET; y += 2) {
                buf_puts(out, colours ? "  \033[97;40m" : "  ");
                for (int x = -QUIET; x < q->width + QUIET; x++)
                        buf_puts(out, cell(q, x, y));
                buf_puts(out, colours ? "\033[0m\n" : "\n");
        }
        QRcode_free(q);
}
