#include "price/blocked.h"

#include <ctype.h>
#include <string.h>

#include "base/attr.h"
#include "price/phrase.h"
#include "price/reader.h"

#define TINY 64	     /* letters: what is left when only a script is sent */
#define SMALL 1200   /* a page that only asks or tells one thing */
#define TEXT_MAX 1500 /* of which the words are looked at */
#define TITLE_WORDS_MAX 6

/* Titles that no product has. */
static const char *const titles[] = { "just a moment", "attention required", "access denied", "access to this page",
	"robot check", "client challenge", "security checkpoint", "request rejected", "request could not be satisfied",
	"waiting room", "queue it", "einen moment bitte", "un momento", "un instant", "chwileczke", "dostep zablokowany",
	"acceso bloqueado", "acces bloque", "accesso bloccato", "toegang geblokkeerd", "erisim engellendi", "bakim calismasi",
	"доступ заблокирован", "подождите", "お待ちください", "アクセス制限", "アクセスが集中", "are you a robot", "are you human", "are you a human", "captcha", "security check", "bot verification",
	"verify you are human", "human verification", "verifying you are human", "pardon our interruption",
	"checking your browser", "ddos protection", "request blocked", "you have been blocked", "service unavailable",
	"temporarily unavailable", "bad gateway", "gateway time", "internal server error", "application error",
	"page not found", "not found", "404 not found", "site maintenance", "under maintenance", "maintenance mode",
	"scheduled maintenance", "we ll be back", "be right back", "too many requests", "unusual traffic",
	"before you continue", "privacy settings", "we value your privacy", "datenschutz einstellungen", "ihre privatsphare",
	"bevor sie fortfahren", "bevor sie zu", "votre vie privee", "avant de continuer", "avant d acceder",
	"antes de continuar", "prima di continuare", "voordat je verdergaat", "cookie consent", "seite nicht gefunden",
	"nicht gefunden", "wartungsarbeiten", "wartungsmodus", "zugriff verweigert", "zugriff gesperrt",
	"sicherheitsuberprufung", "sicherheitsabfrage", "page introuvable", "acces refuse", "acces interdit",
	"maintenance en cours", "en maintenance", "verification de securite", "pagina no encontrada", "acceso denegado",
	"en mantenimiento", "pagina non trovata", "accesso negato", "in manutenzione", "pagina nao encontrada",
	"acesso negado", "em manutencao", "pagina niet gevonden", "toegang geweigerd", "onderhoud", "sidan hittades inte",
	"siden blev ikke fundet", "siden ble ikke funnet", "sivua ei loydy", "strona nie zostala znaleziona",
	"nie znaleziono", "odmowa dostepu", "przerwa techniczna", "stranka nenalezena", "stranka nebyla nalezena",
	"pristup odepren", "udrzba", "az oldal nem talalhato", "pagina nu a fost gasita", "sayfa bulunamadi",
	"страница не найдена", "доступ запрещен", "доступ ограничен", "технические работы", "проверка браузера",
	"сторінку не знайдено", "ページが見つかりません", "アクセスが拒否", "メンテナンス", "页面不存在", "访问被拒绝",
	"安全验证", "找不到頁面", "페이지를 찾을 수", "점검" };
/* The same of a title of few words, which may be part of a thing's name in a longer one. */
static const char *const short_titles[] = { "error", "forbidden", "blocked", "login", "log in", "sign in", "signin",
	"anmelden", "anmeldung", "einloggen", "connexion", "se connecter", "identification", "iniciar sesion", "acceder",
	"accedi", "entrar", "iniciar sessao", "inloggen", "logga in", "log ind", "logg inn", "kirjaudu", "zaloguj",
	"logowanie", "prihlaseni", "prihlasit", "prihlasenie", "bejelentkezes", "autentificare", "giris yap", "consent",
	"zustimmung", "maintenance", "wartung", "mantenimiento", "manutenzione", "fehler", "erreur", "chyba", "blad",
	"unavailable", "oops", "sorry", "вход", "войти", "авторизация", "ошибка", "вхід", "ログイン", "エラー", "登录", "登錄",
	"登入", "错误", "로그인", "오류" };
/* In a page that says little else. */
static const char *const sayings[] = { "enable javascript and cookies", "enable cookies and", "verify you are human",
	"verify that you are human", "verify you are a human", "verify that you re not a robot", "not a robot", "unusual traffic",
	"automated access", "automated requests", "automated tool", "complete the security check", "security check",
	"type the characters", "enter the characters", "characters you see", "solve the captcha", "solve this captcha",
	"complete the captcha", "access denied", "permission to access", "you have been blocked", "has been blocked",
	"checking your browser", "checking if the site", "connection is secure", "press hold", "press and hold",
	"malicious bots", "not a bot", "security service", "security verification", "has been limited", "not acceptable",
	"access restricted", "was denied", "authorization to view", "http error #", "page isn t available", "page is not available", "bot activity",
	"your ip address", "enter store using password", "store password", "request is being verified", "confirm you are human",
	"confirm that you are human", "confirm you re human", "are you human", "support id", "request unsuccessful", "requested url was rejected", "request could not be satisfied", "request was blocked",
	"request blocked", "verifying your browser", "verify your browser", "javascript is disabled", "enable javascript to",
	"enable javascript in your browser", "without javascript", "connection refused", "fatal error", "database connection",
	"you are now in line", "in line to enter", "placed in a queue", "estimated wait", "due to high traffic",
	"not available in your country", "not available in your region", "not available in your location",
	"access from your", "performing some maintenance", "incident id", "ddos protection", "suspicious activity", "disable any ad blocker", "please enable js",
	"before you continue", "we value your privacy", "pur abo", "accept all cookies to continue", "service unavailable", "temporarily unavailable", "bad gateway",
	"internal server error", "under maintenance", "scheduled maintenance", "page not found", "something went wrong",
	"too many requests", "try again later", "kein roboter", "kein bot", "ein mensch sind", "captcha losen", "losen sie das captcha", "deine privatsphare", "ihre privatsphare", "sicherheitsgrunden", "schiefgelaufen", "existiert nicht", "existiert leider nicht",
	"versuchen sie es spater", "seite nicht gefunden", "cookies akzeptieren um", "zugriff nicht moglich", "uberprufen ihren browser", "aktivieren sie javascript", "javascript aktivieren",
	"wird gerade gewartet", "melden sie sich an", "bitte einloggen", "zu viele anfragen", "technische storung", "ungewohnlichen datenverkehr", "zugriff verweigert",
	"bevor sie fortfahren", "wartungsarbeiten", "vorubergehend nicht erreichbar", "pas un robot", "acces refuse",
	"avant de continuer", "trafic inhabituel", "votre vie privee", "votre navigateur", "page n existe", "actuellement en maintenance", "page introuvable", "erreur est survenue",
	"reessayer plus tard", "pour des raisons de securite", "confirmer que vous etes", "activer javascript", "activez javascript", "site en maintenance", "trop de requetes",
	"etes humain", "connectez vous pour", "no eres un robot", "no soy un robot", "acceso denegado",
	"antes de continuar", "que buscas no existe", "pagina no existe", "pagina no encontrada", "ha ocurrido un error",
	"intentalo de nuevo mas tarde", "por motivos de seguridad", "pagina non esiste", "pagina non trovata", "si e verificato un errore",
	"riprova piu tardi", "per motivi di sicurezza", "pagina bestaat niet", "pagina niet gevonden", "er ging iets mis",
	"er is iets misgegaan", "probeer het later", "om verder te gaan", "cookie instellingen", "sidan finns inte", "nagot gick fel",
	"forsok igen senare", "strona nie istnieje", "nie znaleziono strony", "cos poszlo nie tak", "sprobuj ponownie pozniej",
	"ze wzgledow bezpieczenstwa", "stranka neexistuje", "stranka nebyla nalezena", "neco se pokazilo", "zkuste to pozdeji",
	"z bezpecnostnich duvodu", "sayfa bulunamadi", "bir hata olustu", "daha sonra tekrar", "guvenlik nedeniyle", "habilita javascript", "active javascript", "eres humano", "demasiadas solicitudes",
	"essere umano", "il tuo browser", "tu navegador", "uw browser", "je browser",
	"inte ar en robot", "ikke er en robot", "din webblasare", "twoja przegladark", "vas prohlizec", "bakimda", "tarayicinizi", "abilita javascript", "attiva javascript", "troppe richieste", "ben je een mens", "javascript in te schakelen",
	"schakel javascript", "te veel verzoeken", "ar en manniska", "aktivera javascript", "jestes czlowiekiem",
	"wlacz javascript", "dostep zostal zablokowany", "ruch automatyczny", "zbyt wiele zapytan", "jste clovek",
	"zapnete javascript", "povolte javascript", "prilis mnoho pozadavku", "insan oldugunuzu", "javascript i etkinlestirin",
	"cok fazla istek", "erisiminiz engellen", "non sei un robot", "non sono un robot", "accesso negato", "prima di continuare",
	"nao e um robo", "nao sou um robo", "acesso negado", "geen robot", "toegang geweigerd", "inte en robot", "ikke en robot",
	"et ole robotti", "nie jestes robotem", "nie jestem robotem", "odmowa dostepu", "nejste robot", "pristup odepren",
	"nem robot", "nu sunteti un robot", "robot olmadiginizi", "не робот", "доступ запрещен", "доступ ограничен",
	"подозрительн", "страница не найдена", "произошла ошибка", "попробуйте позже", "что то пошло не так", "страница не существует",
	"ページが見つかりません", "エラーが発生しました", "включите javascript", "вы человек", "слишком много запросов", "ваш доступ", "технические работы",
	"アクセスが集中", "しばらくしてから", "人間であることを", "javascriptを有効", "ロボットではない", "アクセスが拒否", "机器人", "機器人", "验证码", "驗證碼", "访问被拒绝", "로봇이 아닙니다",
	"لست روبوت" };
/* Bytes of challenges; all of them also stand in a page that is let through, with much text around. */
static const char *const widgets[] = { "g-recaptcha", "h-captcha", "cf-turnstile", "cf-chl", "cf_chl", "cf-browser-verification",
	"challenge-platform", "px-captcha", "captcha-delivery.com", "_Incapsula_Resource", "distil_r_captcha",
	"validateCaptcha", "sucuri_cloudproxy", "AwsWafIntegration", "awswaf", "geetest", "arkoselabs", "funcaptcha", "kpsdk",
	"ddos-guard", "recaptcha/api", "turnstile/v0", "perfdrive.com", "captcha" };
/* Bytes that no page has but a challenge. */
static const char *const challenges[] = { "_cf_chl_opt", "cf-error-details", "cf-browser-verification", "cf-challenge-running",
	"distil_r_captcha", "sucuri_cloudproxy_js", "api-services-support@amazon.com", "/errors/validateCaptcha",
	"geo.captcha-delivery.com", "px-captcha", "Incapsula incident ID", "bm-verify=", "sec-if-cpt-container" };

struct facts {
	char text[TEXT_MAX];
	size_t len, letters;
	bool password, refresh, script;
};

static bool
holds_any(const struct extract *x, const char *const *bytes, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (memmem(x->text, x->len, bytes[i], strlen(bytes[i])) != NULL)
			return true;
	}
	return false;
}

/* Text between two tags. */
static void
add_text(struct facts *f, const char *p, const char *end)
{
	for (; p < end; p++) {
		bool blank = isspace((unsigned char)*p);

		/* A character counts once, however long it is. */
		f->letters += !blank && ((unsigned char)*p & 0xc0) != 0x80;
		if (f->len < sizeof(f->text) && (!blank || (f->len > 0 && f->text[f->len - 1] != ' ')))
			f->text[f->len++] = blank ? ' ' : *p;
	}
	if (f->len > 0 && f->len < sizeof(f->text) && f->text[f->len - 1] != ' ')
		f->text[f->len++] = ' ';
}

static void
add_tag(struct facts *f, const struct tag *tag)
{
	if (tag->closing)
		return;
	f->script = f->script || slice_is(tag->name, "script");
	if (slice_is(tag->name, "input") && slice_is(markup_attr(tag, "type"), "password"))
		f->password = true;
	if (slice_is(tag->name, "meta") && slice_is(markup_attr(tag, "http-equiv"), "refresh"))
		f->refresh = true;
}

static void
collect(const struct extract *x, struct facts *f)
{
	const char *from = x->text;
	struct markup m;
	struct tag tag;

	memset(f, 0, sizeof(*f));
	markup_init(&m, x->text, x->len);
	while (markup_next(&m, &tag)) {
		add_text(f, from, tag.start);
		add_tag(f, &tag);
		from = tag.raw.p != NULL ? tag.raw.p + tag.raw.len : tag.end;
	}
	add_text(f, from, x->text + x->len);
}

static size_t
count_words(const char *folded)
{
	size_t n = 0;

	for (folded++; *folded != '\0'; folded++)
		n += *folded == ' ';
	return n;
}

/* What the title alone tells. */
static bool
title_says(struct slice title, bool small)
{
	char folded[PHRASE_SIZE];
	struct buf b = BUF_INIT(0);
	bool says = false;

	if (title.p == NULL || title.len > READER_TEXT_MAX)
		return false;
	markup_put_value(&b, title);
	if (b.len > 0 && phrase_fold(b.data, b.len, folded) > 0)
		says = phrase_have_any(folded, titles, ARRAY_LEN(titles)) ||
		       (small && count_words(folded) <= TITLE_WORDS_MAX &&
			   phrase_have_any(folded, short_titles, ARRAY_LEN(short_titles)));
	buf_release(&b);
	return says;
}

/* What is said in a page of few words; in one of next to none, a title is what the page says. */
static bool
text_says(const struct facts *f)
{
	bool tiny = f->letters < TINY;
	char folded[PHRASE_SIZE];
	size_t at, step = PHRASE_SIZE / 2;

	/* In overlapping pieces: folding cuts at its size. */
	for (at = 0; at < f->len; at += step) {
		size_t n = f->len - at < PHRASE_SIZE - 64 ? f->len - at : PHRASE_SIZE - 64;

		if (phrase_fold(f->text + at, n, folded) > 0 &&
		    (phrase_have_any(folded, sayings, ARRAY_LEN(sayings)) ||
			(tiny && phrase_have_any(folded, titles, ARRAY_LEN(titles)))))
			return true;
	}
	return false;
}

/* The title under which the product was known is nowhere on the page. */
static bool
title_is_gone(const struct extract *x)
{
	const char *known = x->page->known_title;

	return known != NULL && known[0] != '\0' && memmem(x->text, x->len, known, strlen(known)) == NULL;
}

/* A page that consists of a script, which sends the browser somewhere. */
static bool
is_empty_shell(const struct extract *x, const struct facts *f)
{
	static const char *const moves[] = { "document.cookie", "location.reload", "location.href", "location.replace",
		"document.location", "window.location" };

	return f->letters < TINY && (f->refresh || (f->script && holds_any(x, moves, ARRAY_LEN(moves))));
}

static const char *
find_reason(const struct extract *x, const struct blocked_facts *facts, const struct facts *f)
{
	bool small = f->letters < SMALL && !facts->looks;

	if (holds_any(x, challenges, ARRAY_LEN(challenges)))
		return "challenge";
	if (title_says(facts->title, small || f->password))
		return "title";
	if (small && text_says(f))
		return "text";
	if (small && holds_any(x, widgets, ARRAY_LEN(widgets)))
		return "captcha";
	if (small && f->password)
		return "login";
	if (is_empty_shell(x, f))
		return "no text";
	if (small && title_is_gone(x))
		return "title of the product is gone";
	return NULL;
}

void
blocked_check(const struct extract *x, const struct blocked_facts *facts, struct blocked *out)
{
	struct facts f;

	collect(x, &f);
	out->letters = f.letters;
	out->why = facts->product || x->len == 0 ? NULL : find_reason(x, facts, &f);
	out->is = out->why != NULL;
}
