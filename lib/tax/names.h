/* names.h - what the files of an export are called */
#pragma once

#include "tax/tax.h"

/* For each certificate with an entry that counts in @year its file's name, NULL for the others: the
 * one it came with, made safe, and no two the same on any system. free() each and the list, or
 * names_free(). 0, -ENOMEM. */
int names_of(fumi_tax *t, int year, char ***out);
void names_free(char **name, size_t count);
