/* safe_name.h - a stranger's file name made harmless (E4.5) */
#pragma once

#include "base/bytes.h"

enum { SAFE_NAME_MOST = 200, SAFE_NAME_ROOM = SAFE_NAME_MOST + 16 };

/* @out is one component of a path that stays where it is put: no separators, not hidden, no option,
 * nothing that a terminal or another system takes for something else, at most SAFE_NAME_MOST bytes
 * of UTF-8, never empty. Names in any script stay readable. */
void safe_name(char out[static SAFE_NAME_ROOM], struct slice name);
/* The same with " (@n)" before the ending. */
void safe_name_again(char out[static SAFE_NAME_ROOM], const char *safe, unsigned n);
