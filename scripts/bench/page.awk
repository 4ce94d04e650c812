# A product page of about 106 KB: the head with styles and scripts, JSON-LD, a menu, the product, reviews,
# related products. Every run gives the same bytes.
function random(n) {
	seed = (seed * 16807) % 2147483647
	return seed % n
}
function words(n,   i, s) {
	for (i = 0; i < n; i++)
		s = s (i ? " " : "") word[random(n_words)]
	return s
}
BEGIN {
	seed = 20261122
	n_words = split("webcam sensor lens light glass autofocus stereo microphone mount tripod cable video frame " \
	    "über naïve größe with and the for of in bright quiet small black silver high definition", list, " ")
	for (i = 1; i <= n_words; i++)
		word[i - 1] = list[i]
	print "<!doctype html>\n<html lang=\"en-GB\">\n<head>\n<meta charset=\"utf-8\">"
	print "<title>B525 HD webcam | Example Shop</title>\n<link rel=\"canonical\" href=\"https://shop.example/b525\">"
	for (i = 0; i < 12; i++)
		printf "<link rel=\"stylesheet\" href=\"/static/css/%d.%06d.css\">\n", i, random(1000000)
	print "<script>window.dataLayer = window.dataLayer || [];"
	for (i = 0; i < 120; i++)
		printf "dataLayer.push({\"event\": \"%s\", \"value\": %d, \"list\": [\"%s\"]});\n", words(1), random(1000), words(6)
	print "</script>"
	print "<script type=\"application/ld+json\">{\"@context\": \"https://schema.org/\", \"@graph\": ["
	print "{\"@type\": \"Organization\", \"name\": \"Example Shop\", \"url\": \"https://shop.example/\"},"
	print "{\"@type\": \"BreadcrumbList\", \"itemListElement\": ["
	for (i = 1; i <= 4; i++)
		printf "{\"@type\": \"ListItem\", \"position\": %d, \"name\": \"%s\"}%s\n", i, words(2), i < 4 ? "," : "]},"
	printf "{\"@type\": \"Product\", \"name\": \"B525 HD webcam\", \"sku\": \"B525\", \"description\": \"%s\",\n", words(120)
	print "\"review\": ["
	for (i = 0; i < 8; i++)
		printf "{\"@type\": \"Review\", \"reviewBody\": \"%s\", \"author\": \"%s\"}%s\n", words(60), words(2), i < 7 ? "," : "],"
	print "\"offers\": {\"@type\": \"Offer\", \"price\": \"24.99\", \"priceCurrency\": \"GBP\","
	print "\"availability\": \"https://schema.org/InStock\", \"url\": \"https://shop.example/b525\"}}]}</script>"
	print "</head>\n<body class=\"product\">\n<nav><ul>"
	for (i = 0; i < 480; i++)
		printf "<li class=\"menu-item level-%d\"><a href=\"/c/%d\" title=\"%s\">%s</a></li>\n", random(3), i, words(3), words(2)
	print "</ul></nav>\n<main>\n<h1>B525 HD webcam</h1>"
	print "<div xmlns:v=\"http://rdf.data-vocabulary.org/#\" typeof=\"v:Offer\">"
	print "<span property=\"v:price\">£24.99</span> <button class=\"add\">Add to basket</button></div>"
	for (i = 0; i < 10; i++)
		printf "<img src=\"/img/%d.webp\" alt=\"%s\" loading=\"lazy\" width=\"640\" height=\"480\">\n", i, words(5)
	for (i = 0; i < 60; i++)
		printf "<tr><th scope=\"row\">%s</th><td>%s</td></tr>\n", words(2), words(8)
	for (i = 0; i < 60; i++)
		printf "<article class=\"review\"><h3>%s</h3><p>%s</p><p class=\"by\">%s</p></article>\n", words(5), words(72), words(2)
	print "<section class=\"related\">"
	for (i = 0; i < 60; i++)
		printf "<a class=\"card\" href=\"/p/%d\"><img src=\"/t/%d.webp\" alt=\"%s\"><b>%s</b></a>\n", i, i, words(6), words(6)
	print "</section></main>\n<footer>"
	for (i = 0; i < 60; i++)
		printf "<a href=\"/about/%d\">%s</a>\n", i, words(3)
	print "</footer></body></html>"
}
