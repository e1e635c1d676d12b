/* landlock.h - which files a process can still reach (Landlock, Linux 5.13 and later) */
#pragma once

enum landlock_outcome { LANDLOCK_MISSING = 1 }; /* this kernel has none: nothing was changed */

/* From now on no file at all, nor a TCP connection, a signal or an abstract socket outside of the
 * process where the kernel knows how to forbid it; but, when @folder is not NULL, ordinary files
 * may be read, written, made and removed beneath it. Descriptors that are open stay usable. Before
 * any thread; PR_SET_NO_NEW_PRIVS must be set. */
int landlock_confine(const char *folder);
