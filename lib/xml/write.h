/* write.h - a certificate's values as XML, octet by octet (N2.1)
 *
 * The root element is written in canonical form (C14N 1.0) from the beginning: attributes in order,
 * every element with its end tag, characters escaped as canonical XML escapes them, no white space
 * between elements. So what is signed is what stands in the file. */
#pragma once

#include "base/buf.h"
#include "base/clock.h"
#include "form/doc.h"

#define XML_KYOTSU  "http://xml.e-tax.nta.go.jp/XSD/kyotsu"
#define XML_GENERAL "http://xml.e-tax.nta.go.jp/XSD/general"

enum { XML_ID = 48, XML_DAY = 16, XML_NUMBER_MOST = 9999999 };

/* The texts that xml_stamp() makes; the doc borrows them. */
struct xml_stamp {
        char id[XML_ID];
        char day[XML_DAY];
};

/* Give @d its root's attributes: VR the newest of its form, id by the form, @now and @number (N2.2;
 * 1 to XML_NUMBER_MOST), page 1, the day in Japan, made by its issuer, with @software, which is
 * borrowed. */
void xml_stamp(struct doc *d, struct xml_stamp *stamp, instant now, unsigned number,
               const char *software);

/* What stands before the root: the declaration and the stylesheet's address. */
void xml_write_head(struct buf *out, const struct form *f);
/* The root up to its end tag, which is left out: a signature is still to come. -EINVAL sticks to
 * @out when a text holds what no XML can. */
void xml_write_root(struct buf *out, const struct doc *d);
void xml_write_end(struct buf *out, const struct form *f); /* the end tag */
