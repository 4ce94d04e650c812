/* Plausibility (P42, P43): a run of prices of one target, and what is thought of each. */
#include <stdlib.h>
#include <string.h>

#include "price/plausible.h"
#include "unit.h"

/*
 * Words of a policy: min= max= jump= (permille) confirm=. A price: amount, and
 * a currency behind it if there is one; then what is thought of it, "ok" or
 * the reason.
 */
static const struct {
	const char *what;
	const char *policy;
	const char *prices[10];
} runs[] = {
	{ "P43: the first price is never suspect", "", { "0.01 EUR ok" } },
	{ "P43: the first price is never suspect, however large", "", { "999999999999999999 ok" } },
	{ "P42: what moves a little is accepted", "", { "10.00 ok", "11 ok", "9.5 ok", "30 ok", "7 ok" } },
	{ "P42: five times is not beyond five times", "", { "10 ok", "50 ok", "10.00 ok" } },
	{ "P42: beyond five times", "", { "10 ok", "50.01 jump" } },
	{ "P42: below a fifth", "", { "10 ok", "1.99 jump" } },
	{ "P42: below a fifth, by the last digit", "", { "10 ok", "1.99999999 jump", "2 ok" } },
	{ "P42: a factor of 10", "", { "19.99 ok", "199.9 factor-10" } },
	{ "P42: a factor of 10 with one per cent more", "", { "100 ok", "1010 factor-10" } },
	{ "P42: a factor of 10 with one per cent less", "", { "100 ok", "990 factor-10" } },
	{ "P42: a factor of 10 with more than one per cent", "", { "100 ok", "1010.01 jump" } },
	{ "P42: a tenth with one per cent more and less", "", { "1000 ok", "100 factor-10", "99.00990100 factor-10" } },
	{ "P42: a factor of 100", "", { "19.99 ok", "1999 factor-100", "0.1999 factor-100" } },
	{ "P42: a factor of 1000", "", { "1.234 ok", "1234 factor-1000" } },
	{ "P42: a factor counts within a wide jump too", "jump=50000", { "10 ok", "100 factor-10", "120 ok" } },
	{ "P42: a jump of its own", "jump=1500", { "10 ok", "15 ok", "22.51 jump", "9.99 jump", "10 ok" } },
	{ "P42: no bound to a jump, but factors", "jump=0", { "10 ok", "70 ok", "700 factor-10", "4321 ok" } },
	{ "P42: a changed currency", "", { "10 EUR ok", "10 USD currency-changed" } },
	{ "P42: a currency that is open is no other one", "", { "10 EUR ok", "10 ok", "11 USD currency-changed", "12 EUR ok" } },
	{ "P42: a currency that was open", "", { "10 ok", "10 EUR ok", "10 GBP currency-changed" } },
	{ "P42: two further checks confirm", "", { "10 ok", "100 factor-10", "100 factor-10", "100 ok", "10 factor-10" } },
	{ "P42: so does one when told", "confirm=1", { "10 ok", "100 factor-10", "100 ok" } },
	{ "P42: or none: nothing is suspect", "confirm=0", { "10 ok", "100 ok", "1 USD ok", "7 EUR ok" } },
	{ "P42: a currency is confirmed as well", "", { "10 EUR ok", "10 USD currency-changed", "10 USD currency-changed",
		"10 USD ok", "10 EUR currency-changed" } },
	{ "P42: checks that agree within one per cent", "", { "10 ok", "100 factor-10", "100.9 factor-10", "100.1 ok" } },
	{ "P42: checks that do not agree confirm nothing", "", { "10 ok", "100 factor-10", "200 jump", "100 factor-10",
		"200 jump", "300 jump", "400 jump" } },
	{ "P42: the old price ends the suspicion", "", { "10 ok", "100 factor-10", "100 factor-10", "10 ok", "100 factor-10",
		"100 factor-10", "100 ok" } },
	{ "P42: a suspect price is not what the next is compared with", "", { "10 ok", "100 factor-10", "60 jump", "49 ok" } },
	{ "P4: 7.5 and 7.50 are one price", "", { "7.5 ok", "7.50 ok", "75 factor-10", "75.00 factor-10", "75.0 ok" } },
	{ "P42: nothing after something is suspect", "", { "10 ok", "0 jump", "0 jump", "0 ok" } },
	{ "P42: something after nothing is suspect", "", { "0 ok", "0.00 ok", "5 jump", "5 jump", "5 ok" } },
	{ "P42: a price that turns negative", "", { "10 ok", "-10 jump" } },
	{ "P42: negative prices are compared by size", "", { "-10 ok", "-12 ok", "-120 factor-10" } },
	{ "P43: bounds", "min=5 max=20.50", { "4.99 below-min", "5.00 ok", "20.5 ok", "20.51 above-max", "5 ok" } },
	{ "P43: bounds hold for the first price", "max=20", { "21 above-max", "3 ok" } },
	{ "P43: what is out of bounds is never confirmed", "max=20", { "10 ok", "21 above-max", "21 above-max", "21 above-max",
		"21 above-max" } },
	{ "P43: what is out of bounds does not disturb a suspicion", "max=200", { "10 ok", "100 factor-10", "1000 above-max",
		"100 factor-10", "100 ok" } },
	{ "P2: no overflow at the largest amounts", "", { "999999999999999999 ok", "99999999999999999 factor-10",
		"999999999999999 factor-1000", "0.00000001 jump", "999999999999999998 ok" } },
	{ "P2: no overflow with the widest jump", "jump=1000000000", { "0.00000001 ok", "999999999999999999 jump",
		"0.01 ok", "9999 ok" } },
};

static struct amount
amount_of(const char *text, size_t len)
{
	struct amount a = { 0, 0 };

	ck_assert_msg(amount_parse(text, len, &a) == AMOUNT_OK, "%.*s", (int)len, text);
	return a;
}

static struct plausible_policy
policy_of(const char *words)
{
	struct plausible_policy policy = PLAUSIBLE_POLICY_INIT;

	while (*words != '\0') {
		size_t len = strcspn(words, " "), name = strcspn(words, "=");
		const char *value = words + name + 1;

		if (strncmp(words, "min", name) == 0) {
			policy.has_min = true;
			policy.min = amount_of(value, len - name - 1);
		} else if (strncmp(words, "max", name) == 0) {
			policy.has_max = true;
			policy.max = amount_of(value, len - name - 1);
		} else if (strncmp(words, "jump", name) == 0) {
			policy.jump_permille = (uint32_t)strtoul(value, NULL, 10);
		} else {
			ck_assert(strncmp(words, "confirm", name) == 0);
			policy.confirm = (uint32_t)strtoul(value, NULL, 10);
		}
		words += len + (words[len] == ' ');
	}
	return policy;
}

static void
check_price(const struct plausible_policy *policy, struct plausible_memory *memory, const char *row, const char *what)
{
	struct plausible_price price = { .known = true };
	size_t n = strcspn(row, " ");
	const char *thought = strrchr(row, ' ') + 1, *is;
	size_t left = (size_t)(thought - row) - n - 1;

	price.amount = amount_of(row, n);
	if (left > 0)
		memcpy(price.currency, row + n + 1, left - 1);
	is = doubt_text(plausible_check(policy, memory, &price));
	if (is == NULL)
		is = "ok";
	ck_assert_msg(strcmp(is, thought) == 0, "%s: %s: it is %s", what, row, is);
	if (strcmp(is, "ok") == 0) {
		ck_assert_msg(memory->accepted.known && !memory->pending.known && memory->agreed == 0, "%s: %s", what, row);
		ck_assert_int_eq(amount_cmp(&memory->accepted.amount, &price.amount), 0);
	}
}

START_TEST(p42_p43_run_of_prices)
{
	const struct plausible_policy policy = policy_of(runs[_i].policy);
	struct plausible_memory memory = { .agreed = 0 };
	size_t k;

	for (k = 0; k < sizeof(runs[_i].prices) / sizeof(runs[_i].prices[0]) && runs[_i].prices[k] != NULL; k++)
		check_price(&policy, &memory, runs[_i].prices[k], runs[_i].what);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("plausible");
	TCase *t = tcase_create("runs");

	tcase_add_loop_test(t, p42_p43_run_of_prices, 0, sizeof(runs) / sizeof(runs[0]));
	suite_add_tcase(s, t);
	return s;
}

int
main(void)
{
	return unit_run(suite());
}
