/* show.h - a certificate as a person knows it, and the same as JSON for a page
 *
 * The labels are the form's own, from its table; a certificate is a Japanese paper in any language.
 * What is said about it (is it whole, whose is it, what is wrong) is in the reader's. Text out of
 * the file is made safe for a terminal; in JSON it is as it stands, and the page must escape it. */
#pragma once

#include "base/buf.h"
#include "xml/judge.h"

/* What is known of a certificate besides its bytes. */
enum show_sender { SHOW_NO_LETTER, SHOW_SAME, SHOW_OTHER, SHOW_CANNOT_TELL };

struct show_about {
        const char *name;        /* the file's; NULL: none */
        const char *from;        /* registered sender of its letter; NULL: out of none */
        enum show_sender sender; /* is the issuer that it names the one who sent it? (N3.6) */
};

/* Both append to @out; look at its fault. A certificate that was refused has its findings and no
 * values; one whose signature fails has both (N3.5). */
void show_certificate(struct buf *out, const struct judged *d, const struct show_about *about,
                      bool japanese);

/* One object, without a newline: code (0, or what it was refused for), file, form {id, name,
 * version}, id, page, made_on, made_by, software, facts {valid, integrity, issuer, revocation,
 * sender, from, signer, signer_name, signer_number}, findings [code, name, warning, line, where,
 * detail, en, ja, next_en, next_ja], elements.
 *
 * An element: id, name, number (when there can be several, from 1), and either children, or value
 * (as a person reads it) with what it is: amount (yen), digits (a number), date ("2026-11-02",
 * "2026-11", "2026", "--11-02", "--11"), code with code_name (its form's) and written_name (the
 * file's), corporate_number, personal_number, telephone. What is wrong in the file has value alone.
 */
void show_certificate_json(struct buf *out, const struct judged *d, const struct show_about *about);
