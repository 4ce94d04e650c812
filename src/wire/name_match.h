/*
 * Which children an operator means (ARCHITECTURE.md, "Names"). A name is
 *
 *	suppliers/ebuyer	the path of a child
 *	ebuyer			its id, if only one child has it
 *	sup*r, worker:[1-3]	a glob over paths, and over ids: * ? [a-z] [!a-z], and \ takes
 *				the meaning from the next; * matches / too
 *	@suppliers		all below this supervisor (its path, or its id if unique); @ is all
 *
 * Pure. The daemon and trapexit(1) use the same functions, so `trapexit stop`
 * and `trapexit events` mean the same children by the same name.
 */
#ifndef TRAPEXIT_WIRE_NAME_MATCH_H
#define TRAPEXIT_WIRE_NAME_MATCH_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/err.h"

enum name_kind { NAME_PLAIN, NAME_GLOB, NAME_SUPERVISOR };

/* How a name fits a path. NAME_FIT_ID counts only if it is unique (name_resolve). */
enum name_fit { NAME_FIT_NONE, NAME_FIT_ID, NAME_FIT_PATH };

enum name_kind name_kind(const char *name);
enum name_fit name_fit(const char *name, const char *path);
/* Does it fit at all? For filters (events), where it is no harm to see two. */
bool name_fits(const char *name, const char *path);
/* The part behind the last slash; borrowed from path. */
const char *name_id(const char *path);
/* Globs alone; no time grows beyond strlen(glob) * strlen(text). */
bool name_glob(const char *glob, const char *text);

/*
 * Set chosen[i] for all of paths[0..n) that are meant; what is set already
 * stays. Returns how many the name means (at least 1), or -1 with err (code
 * CONTROL_NO_CHILD) if it means none ("did you mean") or is ambiguous.
 */
long name_resolve(const char *name, const char *const *paths, size_t n, bool *chosen, struct err *err)
    ATTR_MUST_CHECK;

/* The word of words[0..n) that was probably meant, or NULL. Ids of paths count as words, too. */
const char *name_suggest(const char *word, const char *const *words, size_t n);

#endif
