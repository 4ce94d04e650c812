#include "scrape/told.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/exitcode.h"
#include "base/log.h"
#include "price/currency.h"

static int
set_rule(struct told *t, enum rule_kind kind, const char *value, struct err *err)
{
	struct rule_spec *spec = &t->rules[t->n_rules];

	if (t->n_rules == TOLD_RULES_MAX)
		return err_set(err, EINVAL, "more than %d rules", TOLD_RULES_MAX);
	switch (kind) {
	case RULE_REGEX:
		spec->regex = value;
		break;
	case RULE_XPATH:
		spec->xpath = value;
		break;
	case RULE_CSS:
		spec->css = value;
		break;
	case RULE_POINTER:
		spec->pointer = value;
		break;
	}
	t->n_rules++;
	return 0;
}

static int
set_separator(char *to, const char *value, const char *of, struct err *err)
{
	if (value[0] == '\0' || value[1] != '\0' || strchr(of, value[0]) == NULL)
		return err_set(err, EINVAL, "'%s' is not understood, expected one of %s", value, of);
	*to = value[0];
	return 0;
}

static int
set_bool(bool *to, const char *value, struct err *err)
{
	if (strcmp(value, "yes") != 0 && strcmp(value, "no") != 0)
		return err_set(err, EINVAL, "'%s' is not understood, expected yes or no", value);
	*to = value[0] == 'y';
	return 0;
}

static int
set_currency(struct told *t, const char *value, struct err *err)
{
	const struct currency *c = currency_find(value, strlen(value));

	if (c == NULL)
		return err_set(err, EINVAL, "'%s' is no currency, expected a code of ISO 4217 as EUR", value);
	t->currency = c->code;
	return 0;
}

/* A language, and what else may follow it: de, de-AT, zh_Hant_TW, de_DE.UTF-8. */
static int
set_locale(struct told *t, const char *value, struct err *err)
{
	size_t n = strspn(value, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");

	if (n < 2 || n > 3 || (value[n] != '\0' && strchr("-_.@", value[n]) == NULL))
		return err_set(err, EINVAL, "'%s' is no locale, expected one as en-GB", value);
	t->locale = value;
	return 0;
}

/* The words with "yes" or "no"; NULL: it is none of them. */
static bool *
switch_of(struct told *t, const char *word)
{
	if (strcmp(word, "allow_zero") == 0)
		return &t->allow_zero;
	if (strcmp(word, "allow_negative") == 0)
		return &t->allow_negative;
	return strcmp(word, "magnitudes") == 0 ? &t->magnitudes : NULL;
}

int
told_set(struct told *t, const char *word, const char *value, struct err *err)
{
	bool *on;
	int kind;

	for (kind = 0; kind < RULE_KINDS; kind++) {
		if (strcmp(word, rule_kind_text((enum rule_kind)kind)) == 0)
			return set_rule(t, (enum rule_kind)kind, value, err);
	}
	if (strcmp(word, "pattern") == 0) /* as trapexit.conf has it */
		return set_rule(t, RULE_REGEX, value, err);
	if (strcmp(word, "charset") == 0) {
		t->charset = value;
		return 0;
	}
	if (strcmp(word, "currency") == 0)
		return set_currency(t, value, err);
	if (strcmp(word, "locale") == 0)
		return set_locale(t, value, err);
	if (strcmp(word, "decimal") == 0)
		return set_separator(&t->decimal, value, ".,", err);
	if (strcmp(word, "group") == 0)
		return set_separator(&t->group, value, ".,' ", err);
	if (strcmp(word, "sources") == 0)
		return rule_sources(value, &t->sources, err);
	if ((on = switch_of(t, word)) != NULL)
		return set_bool(on, value, err);
	return err_set(err, ENOENT, "unknown word '%s'", word);
}

bool
told_is_switch(const char *word)
{
	struct told scratch = TOLD_INIT;

	return switch_of(&scratch, word) != NULL;
}

bool
told_knows(const char *word)
{
	struct told scratch = TOLD_INIT;
	struct err err = ERR_INIT;

	return told_set(&scratch, word, "", &err) == 0 || err.code != ENOENT;
}

struct rule *
told_compile(const struct told *t, struct matcher *m, struct err *err)
{
	struct rule *first = NULL, *rule;
	size_t i;

	for (i = 0; i < t->n_rules; i++) {
		rule = rule_compile_spec(m, &t->rules[i], err);
		if (rule == NULL) {
			rule_free(first);
			return NULL;
		}
		first = rule_append(first, rule);
	}
	return first;
}

void
told_page(const struct told *t, struct page *page)
{
	page->charset = t->charset;
	page->currency = t->currency;
	page->locale = t->locale;
	page->decimal = t->decimal;
	page->group = t->group;
	page->allow_zero = t->allow_zero;
	page->allow_negative = t->allow_negative;
	page->magnitudes = t->magnitudes;
	page->sources = t->sources;
}

void
told_option(struct told *t, const char *option, const char *value)
{
	struct err err = ERR_INIT;
	char word[32];
	size_t i;

	for (i = 0; i < sizeof(word) - 1 && option[i] != '\0'; i++)
		word[i] = (char)(option[i] == '-' ? '_' : option[i]);
	word[i] = '\0';
	if (told_set(t, word, value != NULL ? value : "yes", &err) == 0)
		return;
	log_warnx("--%s: %s", option, err.msg);
	exit(EXITCODE_USAGE);
}

const char *
told_usage(void)
{
	return "\n"
	       "Where the price is (the first that gives an amount wins):\n"
	       "  -p, --pattern=R, --regex=R\n"
	       "                         a PCRE2, group `price' or 1\n"
	       "      --xpath=X          an expression of XPath 1.0\n"
	       "      --css=S            a CSS selector, ::attr(x) behind it for an attribute\n"
	       "      --pointer=P        a JSON pointer, for a body that is JSON\n"
	       "      --sources=LIST     without a rule: only these of json-ld, microdata, rdfa, opengraph, v-rdfa,\n"
	       "                         heuristic\n"
	       "\n"
	       "How it is read:\n"
	       "      --charset=LABEL    the encoding, instead of what the page says\n"
	       "      --currency=CODE    the currency, instead of what the page says\n"
	       "      --locale=LOCALE    how the page writes numbers: en-GB\n"
	       "      --decimal=C        the decimal separator: . or ,\n"
	       "      --group=C          what stands between thousands: . , ' or a blank\n"
	       "      --allow-zero       an amount of 0 is a price\n"
	       "      --allow-negative   so is one below 0\n"
	       "      --magnitudes       2.5k is 2500\n";
}
