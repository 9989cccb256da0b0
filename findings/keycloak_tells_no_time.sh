#!/usr/bin/env bash
# Keycloak's answers have no Date, which an origin server with a clock has to send (RFC 9110, section 6.6.1). Who relies on it cannot
# compare clocks, though its ID tokens are good only between two times. Takes two minutes. Exits with an error once that has changed.
set -euo pipefail
folder=$(mktemp -d)
trap '[ -z "${started:-}" ] || kill -KILL -- "-$started" || true; rm -rf "$folder"' EXIT
cd "$folder"
mvn -q -B org.apache.maven.plugins:maven-dependency-plugin:3.8.1:unpack \
    -Dartifact=org.keycloak:keycloak-quarkus-dist:26.7.3:tar.gz -DoutputDirectory="$folder"
setsid sh keycloak-*/bin/kc.sh start-dev --http-host 127.0.0.1 --http-port 0 >log 2>&1 &
started=$!
until url=$(grep -o 'http://127.0.0.1:[0-9]*' log); do
    kill -0 "$started"
    sleep 1
done
curl -sS -D - -o /dev/null "$url/realms/master/.well-known/openid-configuration" | tee headers
grep -q '^HTTP/1.1 200' headers
! grep -qi '^date:' headers
