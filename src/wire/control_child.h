/*
 * The part of control requests that names a supervisor and what is below it:
 * supervisor(3)'s operations. Private to wire/; control_msg.h is the outside.
 */
#ifndef TRAPEXIT_WIRE_CONTROL_CHILD_H
#define TRAPEXIT_WIRE_CONTROL_CHILD_H

#include "wire/control_msg.h"

enum child_params {
	CHILD_PARAM_SUPERVISOR = 1, /* a supervisor's name */
	CHILD_PARAM_OPTIONAL = 2,   /* ... which may be missing */
	CHILD_PARAM_CHILD = 4,	    /* an id or a handle */
	CHILD_PARAM_SPEC = 8,	    /* a text */
	CHILD_PARAM_START = 16,	    /* a text, or extra arguments, or neither: no extra arguments */
};

/* From params (NULL: none were given) into rq; -1 with CONTROL_INVALID_PARAMS. */
int control_child_take(struct json_object *params, const char *method, unsigned which, struct control_request *rq,
    struct err *err);
/* Those that it takes and that are there, as members of params. */
void control_child_put(struct buf *out, unsigned which, const struct control_request *rq);
void control_child_release(struct control_request *rq);

#endif
