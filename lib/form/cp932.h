/* cp932.h - Microsoft's code page 932, which senders' files call Shift_JIS
 *
 * By a table of the project's own (schemas/nta/cp932.txt), because the machines' tables differ, and
 * a wave dash that became another one would break a name (FORMS.md N1.2). NEC's and IBM's
 * characters (① ㈱ 髙 﨑) are in it. */
#pragma once

#include "base/bytes.h"

enum { CP932_NONE = 0 };

/* Take the next character of @text, which is not empty, and step behind it: its code point. What is
 * no character gives CP932_NONE and steps over one byte, or two when both belong to a place that is
 * not assigned. Users' own characters (外字, F040-F9FC) are U+E000-E757. A byte of zero, which
 * means nothing in a text, is CP932_NONE too. */
uint32_t cp932_next(struct slice *text);

/* Can it be said in CP932? Users' own characters do not count. */
bool cp932_has(uint32_t c);

/* The table, made at build time: cp932_row by lead byte, 0 for none; characters by trail byte
 * (40-7E, 80-FC), 0 where there is none; a bit for each code point that is in it. */
enum { CP932_TRAILS = 188 };
extern const uint8_t cp932_row[256];
extern const uint16_t cp932_table[][CP932_TRAILS];
extern const uint8_t cp932_known[8192];
