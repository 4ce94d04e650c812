/*
 * Children that were added at run time (S81, start_child), and children of the
 * configuration that were deleted by hand. What was answered for with "ok" is in
 * the journal, so the next daemon adds them again before it adopts what lives;
 * after an ordered end there is only what the configuration says, as in OTP.
 *
 *	dyn = dynamic_parse(d, sup, text, len, &errors);   or dynamic_instance()
 *	tree_command(... CMD_START_CHILD, .spec = dynamic_spec(dyn) ...)
 *	... the reply:	dynamic_keep(d, dyn, by)   or   dynamic_drop(d, dyn)
 *
 * A struct dynamic owns the spec that the tree borrows. It lives from its making
 * until dynamic_drop(), and then as long as the tree can still show its child.
 */
#ifndef TRAPEXIT_DAEMON_DYNAMIC_H
#define TRAPEXIT_DAEMON_DYNAMIC_H

#include "conf/plan.h"
#include "daemon/daemon.h"

struct dynamic {
	char *path;
	char *sup; /* path of its supervisor */
	const struct child_spec *spec;
	struct config *config;	    /* a reference: what the spec borrows from */
	struct instance *instance;  /* owned; NULL: the spec is the config's only child */
	struct strvec args;	    /* an instance's */
	child_handle handle;	    /* CHILD_NONE: not in the tree yet */
	uint32_t birth;
	uint64_t seq; /* its place in the order of additions; 0: not kept */
	struct dynamic *prev, *next; /* in that order, those not kept yet last */
};

/*
 * One child as a text of trapexit.conf(5), to stand under this supervisor. NULL
 * with what is wrong in errors, which is never empty then.
 */
struct dynamic *dynamic_parse(struct daemon *d, child_handle sup, const char *text, size_t len,
    struct config_errors *errors);
/* The next instance of a simple_one_for_one supervisor's template, with further arguments. */
struct dynamic *dynamic_instance(struct daemon *d, child_handle sup, char *const *args, size_t n);
/* Its child has come to be: the numbers of the journal's record. */
uint64_t dynamic_keep(struct daemon *d, struct dynamic *dyn, uint32_t by);
/* Another daemon takes over while some are still being started: their orders stand. */
void dynamic_keep_pending(struct daemon *d);
/* It has not, or is no more; 0: the journal need not know. */
uint64_t dynamic_drop(struct daemon *d, struct dynamic *dyn);
/* Was this child added at run time? NULL: the configuration has it. */
struct dynamic *dynamic_of_spec(struct daemon *d, const struct child_spec *spec);
/* Was it made of a template? */
bool dynamic_is_instance(struct daemon *d, const struct child_spec *spec);
/* A child was made of a spec; setup.c tells of each. */
void dynamic_attach(struct daemon *d, child_handle h, const struct child_view *view);
/* Is it in the tree's lists (and not just still to be seen)? */
bool child_is_there(const struct daemon *d, child_handle h);
/* An incarnation of this child has ended: if that was the end of the child, forget it (the record, or 0). */
uint64_t dynamic_check(struct daemon *d, child_handle h);
/* Forget all whose children are gone. */
void dynamic_sweep(struct daemon *d);
/* Free those that the tree shows no more: nothing borrows from them. */
void dynamic_free_dropped(struct daemon *d);
/* A child is gone: its path may be another's now. */
void kid_retire(struct daemon *d, child_handle h);
/* A listed child was deleted by hand, or is back. */
uint64_t dynamic_delete_listed(struct daemon *d, const char *path, uint32_t by);
void dynamic_bring_back(struct daemon *d, const char *path);
/* dynamic_recall.c: before the first attach, what the journal says. */
void dynamic_recall(struct daemon *d);
void dynamic_snapshot(struct daemon *d, struct past *p);
void dynamic_release(struct daemon *d);
/* Policy of the supervisor `h`, and whether it makes instances. */
const struct sup_spec *sup_spec_of(struct daemon *d, child_handle h);
bool sup_is_simple(struct daemon *d, child_handle h);

/* Make the instance's spec, of the template as it is now. */
void dynamic_use_template(struct daemon *d, struct dynamic *dyn, child_handle sup);
void instance_free(struct instance *in);
/* One that has no spec yet. */
struct dynamic *dynamic_new(struct daemon *d, child_handle sup, const char *id);
/* How many instances of its template this supervisor has had; made if missing. */
struct past_number *dynamic_number(struct daemon *d, const char *sup);

/* dynamic_reload.c */
/* What a reload means for them is said in its plan (S85). */
void dynamic_amend_plan(struct daemon *d, struct plan *plan);
/* The template of this supervisor is another one now. */
void dynamic_new_template(struct daemon *d, child_handle sup);
/* Their lists of nodes, after the nodes have changed. */
void dynamic_place(struct daemon *d);
/* The addition that this child is; NULL. */
struct dynamic *dynamic_at(struct daemon *d, child_handle h);
/* Its child is the configuration's from now on, and has its spec from there already. */
void dynamic_hand_over(struct daemon *d, struct dynamic *dyn);

#endif
