/* seccomp.h - which system calls a process can still make */
#pragma once

enum seccomp_room { SECCOMP_FRONT, SECCOMP_KEEPER };
enum seccomp_outcome {
        SECCOMP_MISSING = 1
}; /* this kernel or machine has none: nothing was changed */

/* From now on only the calls that seccomp.c lists for the room, on this and all later threads.
 * Others say EPERM; a few that only an intruder makes end the process (SIGSYS). PR_SET_NO_NEW_PRIVS
 * must be set. */
int seccomp_confine(enum seccomp_room room);
