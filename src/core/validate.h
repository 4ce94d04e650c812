/*
 * Are these specs ones that the core can work on (S2, S3, S7, S10-S12)?
 * -1 with err set to OTP's word for the fault and a sentence, and the path of
 * the child in front. Levels of supervisors are bounded, so that nothing here
 * or in the tree runs deeper than TREE_DEPTH_MAX.
 */
#ifndef TRAPEXIT_CORE_VALIDATE_H
#define TRAPEXIT_CORE_VALIDATE_H

#include "base/err.h"
#include "core/spec.h"

#define TREE_DEPTH_MAX 32
#define INTENSITY_MAX 1000000

/* `depth` is the number of supervisors above. */
int validate_sup(const struct sup_spec *sup, unsigned depth, struct err *err);
/* `parent` is the supervisor it stands under. */
int validate_child(const struct child_spec *spec, const struct sup_spec *parent, unsigned depth, struct err *err);

#endif
