"""Scrapy's side of scripts/bench/scrape: the same pages, the same pattern, through parsel.

    spider.py URL-PREFIX PAGES CONNECTIONS PATTERN|-

Prints "PAGES FOUND" as fetchloop does. With - for the pattern the price is read from JSON-LD.
"""
import json
import sys

import scrapy
from scrapy.crawler import CrawlerProcess

PREFIX, PAGES, CONNECTIONS, PATTERN = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
count = {"pages": 0, "found": 0}


def stated(response):
    """The price of the first offer in JSON-LD."""
    for text in response.xpath('//script[@type="application/ld+json"]/text()').getall():
        for node in json.loads(text).get("@graph", []):
            if "offers" in node:
                return node["offers"]["price"]
    return None


class Prices(scrapy.Spider):
    name = "prices"

    def start_requests(self):
        for i in range(PAGES):
            yield scrapy.Request(f"{PREFIX}{i}")

    def parse(self, response):
        count["pages"] += 1
        price = stated(response) if PATTERN == "-" else response.selector.re_first(PATTERN)
        if price:
            count["found"] += 1


process = CrawlerProcess({
    "LOG_ENABLED": False,
    "TELNETCONSOLE_ENABLED": False,
    "ROBOTSTXT_OBEY": False,
    "CONCURRENT_REQUESTS": CONNECTIONS,
    "CONCURRENT_REQUESTS_PER_DOMAIN": CONNECTIONS,
    "REQUEST_FINGERPRINTER_IMPLEMENTATION": "2.7",
})
process.crawl(Prices)
process.start()
print(count["pages"], count["found"])
