#!/bin/sh
# Over TLS and through proxies, with a real nginx (HTTP/2) and a real tinyproxy on loopback.
. "$top_srcdir/tests/lib/tap.sh"
. "$top_srcdir/tests/scrape/lib.sh"

command -v nginx >/dev/null || skip_all 'no nginx'
command -v openssl >/dev/null || skip_all 'no openssl'

# A CA of our own, a certificate for localhost and 127.0.0.1, and one that has expired.
mkdir "$T/ca"
{
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj '/CN=test CA' \
	    -keyout "$T/ca/ca.key" -out "$T/ca/ca.pem"
	openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj '/CN=localhost' \
	    -keyout "$T/ca/key.pem" -out "$T/ca/req.pem"
	echo 'subjectAltName=DNS:localhost,IP:127.0.0.1' >"$T/ca/ext"
	openssl x509 -req -in "$T/ca/req.pem" -CA "$T/ca/ca.pem" -CAkey "$T/ca/ca.key" -CAcreateserial -days 2 \
	    -extfile "$T/ca/ext" -out "$T/ca/cert.pem"
	echo 'subjectAltName=DNS:other.example' >"$T/ca/ext"
	openssl x509 -req -in "$T/ca/req.pem" -CA "$T/ca/ca.pem" -CAkey "$T/ca/ca.key" -CAcreateserial -days 2 \
	    -extfile "$T/ca/ext" -out "$T/ca/other.pem"
} >"$T/openssl.log" 2>&1 || bail "openssl: $(tail -1 "$T/openssl.log")"
chmod -R go+rX "$T"

# start_nginx: two servers over TLS (the second with a certificate for another name) and one without, at $tls, $other, $plain.
start_nginx() {
	mkdir -p "$T/nginx/html"
	printf '<title>Lamp</title><meta property="og:price:amount" content="7.50"><meta property="og:price:currency" content="EUR">\n' \
	    >"$T/nginx/html/lamp"
	printf 'User-agent: *\nDisallow: /private\n' >"$T/nginx/html/robots.txt"
	chmod -R go+rX "$T"
	for try in 1 2 3 4 5 6 7 8; do
		tls=$((20000 + ($$ * 7 + try * 131) % 30000)) other=$((tls + 1)) plain=$((tls + 2))
		cat >"$T/nginx/conf" <<-END
		daemon off; worker_processes 1; pid $T/nginx/pid; error_log $T/nginx/error;
		events { }
		http {
			log_format own '\$server_protocol \$request_uri \$status \$http_via';
			access_log $T/nginx/access own;
			root $T/nginx/html; default_type text/html;
			client_body_temp_path $T/nginx/t1; proxy_temp_path $T/nginx/t2; fastcgi_temp_path $T/nginx/t3;
			uwsgi_temp_path $T/nginx/t4; scgi_temp_path $T/nginx/t5;
			gzip on; gzip_types text/html; gzip_min_length 0;
			ssl_certificate_key $T/ca/key.pem;
			server { listen 127.0.0.1:$tls ssl http2; ssl_certificate $T/ca/cert.pem;
				location /down { return 302 http://127.0.0.1:$plain/lamp; }
				location /busy { add_header Retry-After 33 always; return 503; }
				location /set { add_header Set-Cookie "s=1; Secure"; return 302 /lamp; } }
			server { listen 127.0.0.1:$other ssl http2; ssl_certificate $T/ca/other.pem; }
			server { listen 127.0.0.1:$plain;
				location /up { return 301 https://127.0.0.1:$tls/lamp; } }
		}
		END
		nginx -p "$T/nginx" -e "$T/nginx/error" -c "$T/nginx/conf" >"$T/nginx/out" 2>&1 &
		nginx_pid=$!
		own "$nginx_pid"
		retry 5 answers "$plain" && return
	done
	bail "nginx: $(tail -1 "$T/nginx/error")"
}
answers() {
	curl -s -o "$T/curl.out" "http://127.0.0.1:$1/lamp"
}
# scrape ARGUMENT…
scrape() {
	status=0
	out=$(pricescrape --allow-private "$@" 2>"$T/err") || status=$?
}
got() {
	echo "$out" | member "$1" | paste -sd' ' -
}

start_nginx
base=https://127.0.0.1:$tls
scrape --cacert "$T/ca/ca.pem" "$base/lamp" "$base/lamp"
is 'over TLS' "$(got amount)" '7.50 7.50'
is 'by HTTP/2' "$(tail -3 "$T/nginx/access" | cut -d ' ' -f 1,2 | paste -sd' ' -)" 'HTTP/2.0 /robots.txt HTTP/2.0 /lamp HTTP/2.0 /lamp'
scrape "$base/lamp"
is 'who is signed by nobody we know is refused by name (P51)' "$(got reason) $status" 'tls 1'
like 'and it is said why (P51)' "$(cat "$T/err")" 'certificate'
scrape --cacert "$T/ca/ca.pem" "https://127.0.0.1:$other/lamp"
is 'a certificate of another host is refused (P51)' "$(got reason)" tls
export SSL_CERT_FILE="$T/ca/ca.pem"
scrape "$base/lamp"
is 'SSL_CERT_FILE is honoured' "$(got amount)" 7.50
unset SSL_CERT_FILE
cert=$(cat "$T/ca/other.pem")
i=0
while [ $i -lt 120 ]; do
	echo "$cert"
	i=$((i + 1))
done | cat - "$T/ca/ca.pem" >"$T/ca/many.pem"
scrape --cacert "$T/ca/many.pem" "$base/lamp"
is 'a file of certificates that is too long to keep' "$(got amount)" 7.50
scrape --cacert "$T/ca/none.pem" "$base/lamp"
is 'a file that is not there: exit 1' "$status" 1
like 'a file that is not there is named' "$(cat "$T/err")" 'none.pem: No such file'
scrape "http://127.0.0.1:$tls/lamp"
is 'plain HTTP to a port of TLS' "$(got reason)" http-400
scrape "https://127.0.0.1:$plain/lamp"
is 'TLS to a port of plain HTTP' "$(got reason)" tls
scrape --cacert "$T/ca/ca.pem" "http://127.0.0.1:$plain/up"
is 'from http to https (P53)' "$(got amount) $(got moved_to)" "7.50 $base/lamp"
scrape --cacert "$T/ca/ca.pem" "$base/down"
is 'from https to http, which is shown (P53)' "$(got amount) $(got final_url)" "7.50 http://127.0.0.1:$plain/lamp"
scrape --cacert "$T/ca/ca.pem" "$base/busy"
is 'Retry-After over HTTP/2 (P51)' "$(got reason) $(got status)" 'http-503 blocked'
scrape --cacert "$T/ca/ca.pem" "$base/private"
is 'robots.txt over TLS (P47)' "$(got status) $(got robots_line)" 'robots 2: Disallow: /private'
"$top_builddir/tests/helpers/fetch_one" --allow-private --cacert "$T/ca/ca.pem" "$base/lamp" >"$T/one"
like 'nginx has validators (P50)' "$(cat "$T/one")" '"etag":"(W/)?\\"'
scrape --cacert "$T/ca/ca.pem" --no-robots "$base/set"
is 'a redirect with a cookie' "$(got amount)" 7.50

# Through a proxy. It is asked with absolute URLs, or to connect.
if ! command -v tinyproxy >/dev/null; then
	skip 'through a proxy' 'no tinyproxy'
	done_testing
	exit
fi
for try in 1 2 3 4 5 6 7 8; do
	proxy=$((plain + 10 + try * 17))
	printf 'Port %d\nListen 127.0.0.1\nLogFile "%s"\nLogLevel Connect\nMaxClients 20\nViaProxyName "test"\nConnectPort %d\n' \
	    $proxy "$T/proxy.log" "$tls" >"$T/proxy.conf"
	tinyproxy -d -c "$T/proxy.conf" >"$T/proxy.out" 2>&1 &
	own $!
	retry 5 grep -q 'Accepting connections' "$T/proxy.log" && break
done
asked() {
	grep -c "Request.*$1" "$T/proxy.log"
}
scrape --proxy "http://127.0.0.1:$proxy" "http://127.0.0.1:$plain/lamp"
is 'through a proxy' "$(got amount)" 7.50
like 'and it was' "$(tail -1 "$T/nginx/access")" 'HTTP/1.[01] /lamp 200 .*test'
scrape --proxy "http://127.0.0.1:$proxy" --cacert "$T/ca/ca.pem" "$base/lamp"
is 'through a proxy over TLS' "$(got amount)" 7.50
check 'it was asked to connect' grep -q "CONNECT 127.0.0.1:$tls" "$T/proxy.log"
scrape --proxy "http://127.0.0.1:$proxy" "https://127.0.0.1:$other/lamp"
is 'a proxy that does not let us through' "$(got reason)" proxy
scrape --proxy http://127.0.0.1:1 "http://127.0.0.1:$plain/lamp"
is 'a proxy that is not there' "$(got reason)" connect
scrape --proxy http://nowhere.invalid:3128 "http://127.0.0.1:$plain/lamp"
is 'a proxy that has no address' "$(got reason)" proxy
export http_proxy="http://127.0.0.1:$proxy" https_proxy="http://127.0.0.1:$proxy"
n=$(asked GET)
scrape "http://127.0.0.1:$plain/lamp"
is 'the proxy of the environment' "$(got amount) $(($(asked GET) - n))" '7.50 2'
n=$(asked GET)
scrape --proxy none "http://127.0.0.1:$plain/lamp"
is '--proxy none stands above it' "$(got amount) $(($(asked GET) - n))" '7.50 0'
no_proxy='example.org, 127.0.0.0/8' && export no_proxy
n=$(asked GET)
scrape "http://127.0.0.1:$plain/lamp"
is 'no_proxy' "$(got amount) $(($(asked GET) - n))" '7.50 0'
unset no_proxy
for url in "http://127.0.0.1:$plain/lamp" "http://localhost:$plain/lamp" "http://0x7f.1:$plain/lamp" "http://[::ffff:127.0.0.1]:$plain/"; do
	status=0
	n=$(asked '')
	out=$(pricescrape "$url" 2>"$T/err") || status=$?
	is "$url is private behind a proxy, too (P53)" "$(got reason) $(($(asked '') - n))" 'private-address 0'
done
unset http_proxy https_proxy
n=$(asked GET)
{
	robots=true job_head 1000 10 "\"proxy\":\"http://127.0.0.1:$proxy\",\"contact\":\"http://me.example/\""
	printf '{"type":"source","id":"lamp","url":"http://127.0.0.1:%d/lamp"}\n' "$plain"
	job_end
} >"$T/job"
start_job "$T/job" "$T/out"
check 'a job through a proxy' retry 10 has_observations "$T/out" 1
end_input
scraper_ended
is 'its status' "$(grep '"type":"observation"' "$T/out" | member status | head -1)" ok
check 'its requests went there' [ "$(asked GET)" -ge $((n + 2)) ]
status_is 2 'no proxy is a usage error' pricescrape --proxy gopher://x/ http://x/
done_testing
