#include "config.h"

#include "core/validate.h"

#include <errno.h>

#include "base/map.h"

static int
validate_policy(const struct sup_spec *sup, struct err *err)
{
	switch (sup->strategy) {
	case STRATEGY_ONE_FOR_ONE:
	case STRATEGY_ONE_FOR_ALL:
	case STRATEGY_REST_FOR_ONE:
		break;
	case STRATEGY_SIMPLE_ONE_FOR_ONE: /* S6 */
		if (sup->n_children != 1)
			return err_set(err, EINVAL, "bad_start_spec: simple_one_for_one takes exactly one child");
		break;
	}
	if (sup->strategy > STRATEGY_SIMPLE_ONE_FOR_ONE)
		return err_set(err, EINVAL, "invalid_strategy");
	if (sup->intensity != INTENSITY_INFINITY && sup->intensity > INTENSITY_MAX)
		return err_set(err, EINVAL, "invalid_intensity: more than %d", INTENSITY_MAX);
	if (sup->period_us < 1 && sup->intensity != INTENSITY_INFINITY)
		return err_set(err, EINVAL, "invalid_period: must be above 0");
	if (sup->auto_shutdown > AUTO_SHUTDOWN_ALL_SIGNIFICANT)
		return err_set(err, EINVAL, "invalid_auto_shutdown");
	if (sup->cool_down_us < 0)
		return err_set(err, EINVAL, "invalid_cool_down: must not be negative");
	return 0;
}

static int
validate_backoff(const struct backoff_spec *b, struct err *err)
{
	if (!b->enabled)
		return 0;
	if (b->min_us < 0 || b->max_us < b->min_us || b->reset_after_us < 0)
		return err_set(err, EINVAL, "invalid_backoff: must be 0 <= min <= max, and reset_after >= 0");
	if (b->factor == 0)
		return err_set(err, EINVAL, "invalid_backoff: factor must be at least 1");
	return 0;
}

/* S12. */
static int
validate_significant(const struct child_spec *spec, const struct sup_spec *parent, struct err *err)
{
	if (!spec->significant)
		return 0;
	if (spec->restart == RESTART_PERMANENT)
		return err_set(err, EINVAL, "bad_combination: a permanent child cannot be significant");
	if (parent->auto_shutdown == AUTO_SHUTDOWN_NEVER)
		return err_set(err, EINVAL, "bad_combination: a significant child needs auto_shutdown");
	return 0;
}

static int
validate_fields(const struct child_spec *spec, struct err *err)
{
	uint32_t i;

	if (spec->restart > RESTART_TEMPORARY)
		return err_set(err, EINVAL, "invalid_restart_type");
	if (spec->type > CHILD_SUPERVISOR || (spec->type == CHILD_SUPERVISOR) != (spec->sup != NULL))
		return err_set(err, EINVAL, "invalid_child_type");
	if (spec->shutdown_ms < 0 && spec->shutdown_ms != SHUTDOWN_BRUTAL_KILL)
		return err_set(err, EINVAL, "invalid_shutdown");
	if (spec->stop_signal < 0 || spec->stop_signal > 64)
		return err_set(err, EINVAL, "invalid_stop_signal");
	if (spec->ready > READY_NEWLINE)
		return err_set(err, EINVAL, "invalid_ready");
	if (spec->start_timeout_us < 0)
		return err_set(err, EINVAL, "invalid_start_timeout");
	if (spec->failover_timeout_us < 0)
		return err_set(err, EINVAL, "invalid_failover_timeout");
	for (i = 1; i < spec->n_nodes; i++) {
		if (spec->nodes[i].rank < spec->nodes[i - 1].rank)
			return err_set(err, EINVAL, "invalid_nodes: must be sorted by rank");
	}
	return 0;
}

int
validate_child(const struct child_spec *spec, const struct sup_spec *parent, unsigned depth, struct err *err)
{
	if (spec == NULL || spec->id == NULL || spec->id[0] == '\0')
		return err_set(err, EINVAL, "missing_id");
	if (validate_fields(spec, err) == -1 || validate_backoff(&spec->backoff, err) == -1 ||
	    validate_significant(spec, parent, err) == -1 ||
	    (spec->sup != NULL && validate_sup(spec->sup, depth + 1, err) == -1))
		return err_wrap(err, "%s", spec->id);
	return 0;
}

int
validate_sup(const struct sup_spec *sup, unsigned depth, struct err *err)
{
	struct strmap ids = STRMAP_INIT;
	int result = 0;
	size_t i;

	if (depth >= TREE_DEPTH_MAX)
		return err_set(err, EINVAL, "supervisors are nested deeper than %d", TREE_DEPTH_MAX);
	if (validate_policy(sup, err) == -1)
		return -1;
	for (i = 0; i < sup->n_children && result == 0; i++) {
		const struct child_spec *spec = sup->children[i];

		result = validate_child(spec, sup, depth, err);
		if (result == 0 && strmap_put(&ids, spec->id, &result) != NULL)
			result = err_set(err, EINVAL, "%s: duplicate_child_name", spec->id);
	}
	strmap_release(&ids);
	return result;
}
